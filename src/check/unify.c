/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joining types: what a variable, key or value must hold that is given several.
 * Integers widen; a mix of signs is int64; strings take the larger size; tuples
 * go by element.
 */
#include <string.h>

#include "check/pass.h"
#include "lang/layout.h"

static struct type *unify_ints(struct type *a, struct type *b)
{
	unsigned size = a->size > b->size ? a->size : b->size;

	if (a->kind == TYPE_BOOL && b->kind == TYPE_BOOL)
		return &type_bool;
	/* A literal takes the other's sign and is held in 64 bits, whatever its value. */
	if (a->is_literal && b->is_literal)
		return a;
	if (a->is_literal)
		return type_int(8, b->is_signed);
	if (b->is_literal)
		return type_int(8, a->is_signed);
	if (a->kind == TYPE_ENUM && b->kind == TYPE_ENUM && type_equal(a, b))
		return a;
	if (a->is_signed != b->is_signed)
		return &type_int64;
	return type_int(size, a->is_signed);
}

static struct type *join_tuples(struct arena *arena, struct type *a, struct type *b)
{
	struct type *t;

	if (a->nfields != b->nfields)
		return NULL;
	t = type_copy(arena, a);
	t->fields = arena_memdup(arena, a->fields, sizeof(*a->fields) * (a->nfields ? a->nfields : 1));
	for (unsigned i = 0; i < a->nfields; i++) {
		struct type *f = types_join(arena, a->fields[i].type, b->fields[i].type);

		if (!f || (a->kind == TYPE_RECORD && strcmp(a->fields[i].name, b->fields[i].name) != 0))
			return NULL;
		t->fields[i].type = f;
	}
	layout_struct(t);
	return t;
}

struct type *types_join(struct arena *arena, struct type *a, struct type *b)
{
	if (a->kind == TYPE_ERROR || b->kind == TYPE_ERROR)
		return &type_error;
	if (a == b || (type_equal(a, b) && a->is_literal == b->is_literal))
		return a;
	if (type_is_integer(a) && type_is_integer(b))
		return unify_ints(a, b);
	if (a->kind == TYPE_STRING && b->kind == TYPE_STRING)
		return a->size >= b->size ? a : b;
	if ((a->kind == TYPE_TUPLE || a->kind == TYPE_RECORD) && a->kind == b->kind)
		return join_tuples(arena, a, b);
	if (a->kind == TYPE_PTR && b->kind == TYPE_PTR) {
		/* The same pointee in two address spaces: the kernel decides by the address. */
		if (type_equal(a->elem, b->elem))
			return type_ptr(arena, a->elem, AS_NONE);
		if (a->elem->kind == TYPE_VOID || b->elem->kind == TYPE_VOID)
			return type_ptr(arena, &type_void, a->space == b->space ? a->space : AS_NONE);
		return NULL;
	}
	/* 0 for "no pointer", and an address from a script without types. */
	if (a->kind == TYPE_PTR && type_is_integer(b))
		return a;
	if (b->kind == TYPE_PTR && type_is_integer(a))
		return b;
	return NULL;
}

struct type *unify(struct check *c, struct type *a, struct type *b)
{
	return types_join(c->arena, a, b);
}

struct type *widen(struct check *c, struct type *t)
{
	(void)c;
	if (t->kind == TYPE_INT)
		return t->is_literal ? t : type_int(8, t->is_signed);
	return t;
}
