/* SPDX-License-Identifier: Apache-2.0 */
/* Functions on maps, and aggregations. */
#include <string.h>

#include "check/calls.h"
#include "lang/layout.h"

/* delete(@m[k]), delete(@m, k), delete(@scalar) */
struct type *call_DELETE(struct check *c, struct node *n)
{
	struct node *map = n->list;
	struct map *m = &c->program->maps[map->map];

	if (map->next) {
		struct type *key = map->next->type;

		if (map->list)
			infer_error(c, map->loc, ARG_MAP_KEYED, n->name);
		else if (key && key->kind != TYPE_ERROR)
			check_map_key_types(c, map, key, map->next->loc);
	} else if (map->list) {
		infer_map_key(c, map);
	} else if (m->key) {
		infer_error(c, map->loc, DELETE_NEEDS_KEY, m->name);
	}
	if (c->final && !m->value)
		diag_error(c->diag, map->loc, UNDEF_MAP, m->name);
	return &type_bool;
}

static struct type *keyed_call(struct check *c, struct node *n)
{
	struct node *map = n->list, *key = map->next;
	struct map *m = &c->program->maps[map->map];

	if (key->type && key->type->kind != TYPE_ERROR) {
		if (m->value && !m->key && c->final)
			diag_error(c->diag, map->loc, MAP_HAS_NO_KEY, m->name);
		else
			check_map_key_types(c, map, key->type, key->loc);
	}
	if (c->final && !m->value)
		diag_error(c->diag, map->loc, UNDEF_MAP, m->name);
	return &type_bool;
}

struct type *call_HAS_KEY(struct check *c, struct node *n)
{
	return keyed_call(c, n);
}

struct type *call_FIND(struct check *c, struct node *n)
{
	struct map *m = &c->program->maps[n->list->map];
	struct node *out = n->list->next->next;
	struct type *value = m->value, *joined;

	keyed_call(c, n);
	out->type = out->var->type;
	if (!value)
		return &type_bool;
	if (type_is_agg(value) && !type_agg_is_number(value)) {
		infer_error(c, n->loc, FIND_AGG, m->name, type_name(c->arena, value));
		return &type_error;
	}
	value = type_is_agg(value) ? type_as_int(value) : value;
	joined = out->var->type ? unify(c, out->var->type, value) : value;
	if (!joined)
		infer_error(c, out->loc, VAR_TYPE, out->name, type_name(c->arena, out->var->type),
		        type_name(c->arena, value));
	else if (!out->var->declared && (!out->var->type || !type_equal(out->var->type, joined))) {
		out->var->type = joined;
		c->changed = true;
	}
	out->type = out->var->type;
	return &type_bool;
}

struct type *call_LEN(struct check *c, struct node *n)
{
	struct node *arg = n->list;
	struct map *m;

	if (arg->kind != NODE_MAP || arg->list) {
		if (arg->type->kind != TYPE_KSTACK && arg->type->kind != TYPE_USTACK)
			infer_error(
			        c, arg->loc, ARG_TYPE, n->name, "a map or a stack", calls_type_text(c, arg));
		return &type_uint64;
	}
	m = &c->program->maps[arg->map];
	if (c->final && !m->value)
		diag_error(c->diag, arg->loc, UNDEF_MAP, m->name);
	else if (c->final && !m->key)
		diag_error(c->diag, arg->loc, LEN_SCALAR, m->name);
	return &type_uint64;
}

/* --- aggregations --- */

static struct type *agg_of(struct check *c, struct node *n, enum type_kind kind)
{
	struct type *t = type_new(c->arena, kind);
	struct type *arg = n->list && n->list->type ? type_as_int(n->list->type) : NULL;

	/* A literal that is not negative takes the sign of the map's other values. */
	t->is_signed = arg && arg->is_signed &&
	               !(arg->is_literal && n->list->is_const && (int64_t)n->list->ival >= 0);
	t->size = 8;
	return t;
}

#define AGG_RULE(id)                                                                                         \
	struct type *call_##id(struct check *c, struct node *n)                                              \
	{                                                                                                    \
		return agg_of(c, n, TYPE_##id);                                                              \
	}
AGG_RULE(COUNT)
AGG_RULE(SUM)
AGG_RULE(MIN)
AGG_RULE(MAX)
AGG_RULE(AVG)
AGG_RULE(STATS)

struct type *call_HIST(struct check *c, struct node *n)
{
	struct type *t = agg_of(c, n, TYPE_HIST);
	const struct node *bits = n->list->next;

	t->is_signed = false;
	if (bits && bits->ival > 5)
		infer_error(c, bits->loc, HIST_BITS);
	else if (bits)
		t->agg.bits = (uint32_t)bits->ival;
	return t;
}

struct type *call_LHIST(struct check *c, struct node *n)
{
	struct type *t = agg_of(c, n, TYPE_LHIST);
	const struct node *min = n->list->next, *max = min->next, *step = max->next;

	t->is_signed = false;
	t->agg.min = (int64_t)min->ival;
	t->agg.max = (int64_t)max->ival;
	t->agg.step = (int64_t)step->ival;
	if (t->agg.step <= 0)
		infer_error(c, step->loc, LHIST_STEP);
	else if (t->agg.min < 0 || t->agg.max <= t->agg.min)
		infer_error(c, max->loc, LHIST_RANGE);
	else if (((uint64_t)t->agg.max - (uint64_t)t->agg.min) / (uint64_t)t->agg.step > 1000)
		infer_error(c, step->loc, LHIST_BUCKETS,
		        (unsigned long long)(((uint64_t)t->agg.max - (uint64_t)t->agg.min) /
		                             (uint64_t)t->agg.step));
	else
		return t;
	return &type_error;
}

struct type *call_TSERIES(struct check *c, struct node *n)
{
	static const char *const aggs[] = {
		[TSERIES_AVG] = "avg",
		[TSERIES_MAX] = "max",
		[TSERIES_MIN] = "min",
		[TSERIES_SUM] = "sum",
	};
	struct type *t = agg_of(c, n, TYPE_TSERIES);
	const struct node *interval = n->list->next, *intervals = interval->next, *agg = intervals->next;

	t->agg.step = (int64_t)interval->ival;
	t->agg.max = (int64_t)intervals->ival;
	for (unsigned i = TSERIES_AVG; agg && i <= TSERIES_SUM; i++)
		if (strcmp(agg->name, aggs[i]) == 0)
			t->agg.bits = i;
	if (t->agg.step <= 0)
		infer_error(c, interval->loc, TSERIES_INTERVAL);
	else if (t->agg.max < 1 || t->agg.max > TSERIES_MAX_INTERVALS)
		infer_error(c, intervals->loc, TSERIES_INTERVALS, TSERIES_MAX_INTERVALS);
	else if (agg && t->agg.bits == TSERIES_LAST)
		infer_error(c, agg->loc, TSERIES_AGG, agg->name);
	else
		return t;
	return &type_error;
}
