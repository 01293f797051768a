/* SPDX-License-Identifier: Apache-2.0 */
/* How values lie in memory: see layout.h. */
#include "lang/layout.h"

#include "lang/program.h"

static uint32_t round_up(uint32_t n, uint32_t to)
{
	return (n + to - 1) / to * to;
}

uint32_t layout_align(const struct type *t)
{
	uint32_t align = 1;

	switch ((int)t->kind) {
	case TYPE_BOOL:
	case TYPE_INT:
	case TYPE_ENUM:
		return t->size;
	case TYPE_ARRAY:
		return layout_align(t->elem);
	case TYPE_TUPLE:
	case TYPE_RECORD:
		for (unsigned i = 0; i < t->nfields; i++) {
			uint32_t a = layout_align(t->fields[i].type);

			align = a > align ? a : align;
		}
		return align;
	case TYPE_STRUCT:
		return 8;
	case TYPE_BUFFER:
	case TYPE_INET:
		return 4;
	default:
		return 8;
	}
}

uint32_t layout_size(const struct type *t)
{
	switch ((int)t->kind) {
	case TYPE_ERROR:
	case TYPE_VOID:
		return 0;
	case TYPE_BOOL:
	case TYPE_INT:
	case TYPE_ENUM:
	case TYPE_TUPLE:
	case TYPE_RECORD:
		return t->size;
	case TYPE_STRUCT:
	case TYPE_STRING:
		return round_up(t->size, 8);
	case TYPE_BUFFER:
		return round_up(4 + t->size, 4);
	case TYPE_ARRAY:
		return layout_c_size(t);
	case TYPE_INET:
		return 20;
	case TYPE_USYM:
	case TYPE_KSTACK:
	case TYPE_USTACK:
		return 16;
	default:
		return 8;
	}
}

uint32_t layout_c_size(const struct type *t)
{
	switch ((int)t->kind) {
	case TYPE_STRUCT:
	case TYPE_STRING:
		return t->size;
	case TYPE_ARRAY:
		return t->count * layout_c_size(t->elem);
	default:
		return layout_size(t);
	}
}

void layout_struct(struct type *t)
{
	uint32_t at = 0;

	for (unsigned i = 0; i < t->nfields; i++) {
		struct field *f = &t->fields[i];

		at = round_up(at, layout_align(f->type));
		f->offset = at;
		at += layout_size(f->type);
	}
	t->size = round_up(at, layout_align(t));
}

int64_t layout_minmax_decode(const struct type *t, uint64_t code)
{
	if (t->kind == TYPE_MIN)
		code = ~code;
	return (int64_t)(t->is_signed ? code ^ (1ULL << 63) : code);
}

unsigned layout_hist_buckets(unsigned bits)
{
	return 1 + (1u << bits) + ((63 - bits) << bits);
}

unsigned layout_hist_index(int64_t n, unsigned bits)
{
	unsigned e;

	if (n < 0)
		return 0;
	if ((uint64_t)n < (1ULL << bits))
		return 1 + (unsigned)n;
	e = 63 - (unsigned)__builtin_clzll((uint64_t)n);
	/* (n >> (e - bits)) has its top bit at `bits`: it counts from 2^bits itself. */
	return 1 + ((e - bits) << bits) + (unsigned)((uint64_t)n >> (e - bits));
}

uint64_t layout_hist_low(unsigned i, unsigned bits)
{
	unsigned n = i - 1, group = n >> bits;

	if (group == 0)
		return n;
	return (uint64_t)((n & ((1u << bits) - 1)) + (1u << bits)) << (group - 1);
}

unsigned layout_lhist_buckets(const struct type *t)
{
	uint64_t range = (uint64_t)t->agg.max - (uint64_t)t->agg.min;
	uint64_t step = (uint64_t)t->agg.step;

	return (unsigned)((range + step - 1) / step) + 2;
}

struct type layout_tseries_bucket(const struct type *t)
{
	static const enum type_kind kinds[] = {
		[TSERIES_LAST] = TYPE_TSERIES,
		[TSERIES_AVG] = TYPE_AVG,
		[TSERIES_MAX] = TYPE_MAX,
		[TSERIES_MIN] = TYPE_MIN,
		[TSERIES_SUM] = TYPE_SUM,
	};

	return (struct type){ .kind = kinds[t->agg.bits], .size = 8, .is_signed = t->is_signed };
}

static uint32_t agg_size(const struct type *t)
{
	switch ((int)t->kind) {
	case TYPE_COUNT:
		return 8;
	case TYPE_HIST:
		return 8 * layout_hist_buckets(t->agg.bits);
	case TYPE_LHIST:
		return 8 * layout_lhist_buckets(t);
	case TYPE_TSERIES:
		return 8 * AGG_TSERIES_WORDS * (uint32_t)t->agg.max;
	default:
		return 16;
	}
}

uint32_t layout_scalar_set_offset(const struct map *m)
{
	return round_up(layout_size(m->value), 8);
}

uint32_t layout_map_value(const struct map *m)
{
	if (type_is_agg(m->value))
		return agg_size(m->value);
	if (map_is_scalar(m))
		return layout_scalar_set_offset(m) + 8;
	return round_up(layout_size(m->value), 8);
}

uint32_t layout_map_key(const struct map *m)
{
	uint32_t size = m->key ? layout_size(m->key) : 4;

	return size ? size : 1;
}

void layout_event(struct event *e)
{
	uint32_t at = sizeof(struct event_header), tails = 0;

	for (unsigned i = 0; i < e->nargs; i++) {
		struct event_arg *arg = &e->args[i];
		uint32_t align = layout_align(arg->type), size = layout_size(arg->type);

		arg->tail = arg->type->kind == TYPE_STRING && arg->type->size > EVENT_INLINE_STRING;
		if (arg->tail) {
			/* Each tail is written with its full capacity, then the next one over the rest. */
			tails += size;
			align = size = 4;
		}
		at = round_up(at, align);
		arg->offset = at;
		at += size;
	}
	e->fixed_size = round_up(at, 8);
	e->max_size = e->fixed_size + tails;
}
