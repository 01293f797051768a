/* SPDX-License-Identifier: Apache-2.0 */
/* Maps: how the types of keys and values come together over a whole script. */
#include "check/pass.h"
#include "lang/layout.h"

static struct map *map_of(struct check *c, const struct node *n)
{
	return &c->program->maps[n->map];
}

static bool grow(struct check *c, struct type **slot, struct type *t)
{
	struct type *joined = *slot ? unify(c, *slot, t) : t;

	if (!joined)
		return false;
	if (joined->kind != TYPE_ERROR &&
	        (!*slot || !type_equal(*slot, joined) || (*slot)->is_literal != joined->is_literal)) {
		*slot = joined;
		c->changed = true;
	}
	return true;
}

void check_map_key_types(struct check *c, struct node *map, struct type *key, struct loc loc)
{
	struct map *m = map_of(c, map);

	if (key->kind == TYPE_ERROR)
		return;
	if (!grow(c, &m->key, key))
		infer_error(
		        c, loc, MAP_KEY_TYPE, m->name, type_name(c->arena, m->key), type_name(c->arena, key));
}

/* The type of the keys as written: one as it is, several as a tuple. NULL: not known yet. */
static struct type *key_type(struct check *c, struct node *n)
{
	struct type *types[32], *t;
	unsigned count = 0;

	list_each (k, n->list) {
		t = infer(c, k);
		if (!t)
			return NULL;
		if (t->kind == TYPE_VOID || (type_is_agg(t) && !type_agg_is_number(t))) {
			infer_error(c, k->loc, BAD_KEY, type_name(c->arena, t));
			return &type_error;
		}
		if (t->kind == TYPE_ERROR)
			return t;
		if (count == 32) {
			infer_error(c, k->loc, TOO_MANY_KEYS);
			return &type_error;
		}
		types[count++] = type_is_agg(t) ? type_as_int(t) : t;
	}
	if (count == 1)
		return types[0];
	t = type_tuple(c->arena, types, count);
	layout_struct(t);
	return t;
}

void infer_map_key(struct check *c, struct node *n)
{
	struct map *m = map_of(c, n);
	struct type *t;

	if (!n->list) {
		if (m->key)
			infer_error(c, n->loc, MAP_NEEDS_KEY, m->name);
		m->keyless = !m->key;
		return;
	}
	if (m->keyless) {
		/* Its first use had no key. */
		infer_error(c, n->loc, MAP_HAS_NO_KEY, m->name);
		list_each (k, n->list)
			infer(c, k);
		return;
	}
	t = key_type(c, n);
	if (t)
		check_map_key_types(c, n, t, n->loc);
}

static const char *agg_name(const struct type *t)
{
	return t->kind == TYPE_HIST ? "hist" : t->kind == TYPE_LHIST ? "lhist" : "tseries";
}

void infer_map_value(struct check *c, struct node *n, struct type *value, struct loc loc)
{
	struct map *m = map_of(c, n);

	if (value->kind == TYPE_ERROR)
		return;
	if (value->kind == TYPE_VOID) {
		infer_error(c, loc, VOID_VALUE);
		return;
	}
	value = widen(c, value);
	/* A map of numbers that also counts as one: @x = count() and @x++ do not mix. */
	if (!m->value || (type_is_agg(m->value) == type_is_agg(value) &&
	                         (!type_is_agg(value) || m->value->kind == value->kind))) {
		if (type_is_agg(value) && m->value && m->value->is_signed != value->is_signed &&
		        (value->kind != TYPE_TSERIES || type_equal(m->value, value))) {
			value = type_copy(c->arena, value);
			value->is_signed = true;
			m->value = value;
			return;
		}
		if (grow(c, &m->value, value))
			return;
		if (type_is_agg(value)) {
			infer_error(c, loc, AGG_DIFFERS, m->name, agg_name(value));
			return;
		}
	}
	infer_error(
	        c, loc, MAP_VALUE_TYPE, m->name, type_name(c->arena, m->value), type_name(c->arena, value));
}

struct type *infer_map(struct check *c, struct node *n)
{
	struct map *m = map_of(c, n);

	infer_map_key(c, n);
	if (!m->value && c->final) {
		/* One that is assigned has its error there. */
		if (!m->assigned)
			diag_error(c->diag, n->loc, UNDEF_MAP, m->name);
		return &type_error;
	}
	return m->value;
}

void check_finish_maps(struct check *c)
{
	for (unsigned i = 0; i < c->program->nmaps; i++) {
		struct map *m = &c->program->maps[i];
		bool agg = m->value && type_is_agg(m->value);

		if (!m->value) {
			/* Declared and never used, or only cleared. */
			m->value = &type_int64;
			if (m->kind != MAP_SCALAR)
				m->key = m->key ? m->key : &type_int64;
		}
		if (m->kind == MAP_SCALAR || m->kind == MAP_HASH || m->kind == MAP_HASH_PERCPU) {
			if (m->key)
				m->kind = agg ? MAP_HASH_PERCPU : MAP_HASH;
			else
				m->kind = agg ? MAP_SCALAR_PERCPU : MAP_SCALAR;
		} else if (m->key) {
			m->kind = agg ? MAP_LRU_HASH_PERCPU : MAP_LRU_HASH;
		}
		if (!m->key)
			m->max_entries = 1;
		if (m->key && layout_map_key(m) > 32768)
			diag_error(c->diag, m->loc, KEY_TOO_LARGE, m->name, layout_map_key(m));
	}
}
