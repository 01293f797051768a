/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output as bpftrace's text, byte for byte, its blank lines included: after
 * every histogram and time series, after maps of avg and stats, two before the maps at the end.
 */
#include <inttypes.h>

#include "lang/program.h"
#include "runtime/hist.h"
#include "runtime/maps.h"
#include "runtime/output.h"
#include "runtime/tseries.h"

static void text_text(struct output *o, enum text_kind kind, const char *text, size_t len)
{
	(void)kind;
	output_write(o, text, len);
}

/* (1, a) */
static void text_value(struct output *o, const struct format_arg *value)
{
	format_arg_text(&o->text, &o->env, value);
	strbuf_addc(&o->text, '\n');
	output_emit(o);
}

static void add_number(struct strbuf *out, bool is_signed, int64_t n, uint64_t div)
{
	if (!div)
		div = 1;
	if (is_signed)
		strbuf_addf(out, "%" PRId64, div > INT64_MAX ? 0 : n / (int64_t)div);
	else
		strbuf_addf(out, "%" PRIu64, (uint64_t)n / div);
}

/* @a[1, x]: */
static void add_name(struct output *o, const struct map *m, const void *key)
{
	strbuf_adds(&o->text, m->name);
	if (m->key) {
		strbuf_addc(&o->text, '[');
		value_key_text(&o->text, &o->env, m->key, key);
		strbuf_addc(&o->text, ']');
	}
	strbuf_adds(&o->text, ": ");
}

/* count 1, average 5, total 5 */
static void add_stats(struct strbuf *out, const struct type *t, const uint64_t *words)
{
	strbuf_addf(out, "count %" PRIu64 ", average ", words[AGG_AVG_N]);
	add_number(out, t->is_signed, agg_average(t, words), 1);
	strbuf_adds(out, ", total ");
	add_number(out, t->is_signed, (int64_t)words[AGG_AVG_SUM], 1);
}

static void add_map_value(struct output *o, const struct type *t, const void *value, uint64_t div)
{
	switch ((int)t->kind) {
	case TYPE_HIST:
	case TYPE_LHIST:
		/* The rows follow the name's line, and a blank line follows them. */
		strbuf_addc(&o->text, '\n');
		hist_text(&o->text, t, value, div);
		break;
	case TYPE_TSERIES:
		strbuf_addc(&o->text, '\n');
		tseries_text(&o->text, &o->env, t, value, div);
		break;
	case TYPE_STATS:
		add_stats(&o->text, t, value);
		break;
	case TYPE_COUNT:
	case TYPE_SUM:
	case TYPE_MIN:
	case TYPE_MAX:
	case TYPE_AVG:
		add_number(&o->text, t->is_signed, agg_number(t, value), div);
		break;
	case TYPE_INT:
		add_number(&o->text, t->is_signed, value_int(t, value), div);
		break;
	default:
		value_text(&o->text, &o->env, t, value);
		break;
	}
	strbuf_addc(&o->text, '\n');
}

static void text_entry(struct output *o, const struct map *m, const void *key, const struct format_arg *value)
{
	add_name(o, m, key);
	if (value->tail) {
		format_arg_text(&o->text, &o->env, value);
		strbuf_addc(&o->text, '\n');
	} else {
		add_map_value(o, value->type, value->data, 1);
	}
	output_emit(o);
}

static void text_map(struct output *o, const struct map_view *view, uint64_t top, uint64_t div)
{
	const struct type *t = view->map->value;
	unsigned first = top && view->count > top ? view->count - (unsigned)top : 0;

	for (unsigned i = first; i < view->count; i++) {
		add_name(o, view->map, view->entries[i].key);
		add_map_value(o, t, view->entries[i].value, div);
		output_emit(o);
	}
	if (!view->count && t->kind == TYPE_COUNT && !view->map->key)
		strbuf_addf(&o->text, "%s: 0\n", view->map->name);
	else if (!view->count)
		strbuf_addc(&o->text, '\n');
	if (t->kind == TYPE_AVG || t->kind == TYPE_STATS)
		strbuf_addc(&o->text, '\n');
	output_emit(o);
}

static void text_before_maps(struct output *o)
{
	output_write(o, "\n\n", 2);
}

/* Attached 2 probes */
static void text_attached(struct output *o, unsigned n)
{
	(void)o;
	fprintf(stderr, "Attached %u probe%s\n", n, n == 1 ? "" : "s");
}

/* lost: tracepoint:syscalls:sys_enter_openat: 123 events lost: the ring buffer was full */
static void text_lost(struct output *o, const struct lost *l)
{
	(void)o;
	fprintf(stderr, "lost: %s: %" PRIu64 " %s\n", l->probe ? l->probe : "in all", l->count, l->cause);
}

/* script.bt:3:5-20: ERROR: text */
static void text_message(struct output *o, const struct message_text *m)
{
	output_idle(o);
	if (m->file)
		fprintf(stderr, "%s:%u:%u-%u: ", m->file, m->line, m->column, m->end_column);
	fputs(m->is_error ? "ERROR: " : "WARNING: ", stderr);
	fwrite(m->text, 1, m->len, stderr);
}

const struct output_ops output_text = {
	.text = text_text,
	.value = text_value,
	.entry = text_entry,
	.map = text_map,
	.before_maps = text_before_maps,
	.attached = text_attached,
	.lost = text_lost,
	.message = text_message,
};
