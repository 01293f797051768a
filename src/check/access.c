/* SPDX-License-Identifier: Apache-2.0 */
/* Reaching into values: fields, tuple elements, array elements, dereference, sizeof and offsetof. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "check/pass.h"
#include "lang/layout.h"
#include "system/kbtf.h"

static void complete(struct check *c, const struct type *t)
{
	struct kbtf *btf;

	if (t->kind != TYPE_STRUCT || t->nfields || check_c_complete(c, (struct type *)t))
		return;
	btf = probes_kbtf(c->probes);
	if (!btf)
		return;
	if (!t->btf_id && t->name) {
		/* A tracepoint's format names the struct only. */
		struct type *known = kbtf_type(btf, t->name);

		if (!known || known->kind != TYPE_STRUCT)
			return;
		kbtf_complete(btf, known);
		((struct type *)t)->fields = known->fields;
		((struct type *)t)->nfields = known->nfields;
		((struct type *)t)->size = known->size;
		return;
	}
	kbtf_complete(btf, (struct type *)t);
}

const struct field *check_find_field(
        struct check *c, const struct type *t, const char *name, uint32_t *offset)
{
	complete(c, t);
	for (unsigned i = 0; i < t->nfields; i++) {
		const struct field *f = &t->fields[i], *inner;

		if (f->name && strcmp(f->name, name) == 0) {
			*offset += f->offset;
			return f;
		}
		if (f->name && !*f->name && f->type->kind == TYPE_STRUCT) {
			uint32_t at = *offset + f->offset;

			inner = check_find_field(c, f->type, name, &at);
			if (inner) {
				*offset = at;
				return inner;
			}
		}
	}
	return NULL;
}

static void field_missing(struct check *c, struct node *n, const struct type *t)
{
	struct nearest near = { 0 };
	const char *of = type_name(c->arena, t);

	if (n->a->kind == NODE_IDENT && n->a->func == BUILTIN_ARGS)
		of = c->program->probes[c->action->probes[0]].name;

	for (unsigned i = 0; i < t->nfields; i++) {
		if (t->fields[i].name)
			nearest_offer(&near, n->name, t->fields[i].name);
	}
	if (c->final)
		diag_error_hint(c->diag, n->loc,
		        near.best ? arena_printf(c->arena, "did you mean %s?", near.best) : NULL, NO_FIELD,
		        of, n->name);
}

/* A value inside something in `space`: nested structs and arrays stay there. */
static struct type *in_space(struct check *c, struct type *t, enum addr_space space)
{
	if ((t->kind != TYPE_STRUCT && t->kind != TYPE_ARRAY) || t->space == space)
		return t;
	if (t->kind == TYPE_STRUCT)
		complete(c, t);
	t = type_copy(c->arena, t);
	t->space = space;
	return t;
}

static struct type *field_type(struct check *c, const struct field *f, enum addr_space space)
{
	struct type *t = f->type;

	if (t->kind == TYPE_STRING && t->size == 0)
		return type_string(c->arena, (uint32_t)c->program->config.max_strlen);
	if (t->kind == TYPE_STRING && t->size > c->program->config.max_strlen && t->size > 64)
		return type_string(c->arena, (uint32_t)c->program->config.max_strlen);
	/* A pointer in user memory is the user's, even in a struct of the kernel's. */
	if (t->kind == TYPE_PTR && t->space != AS_USER && space == AS_USER)
		return type_ptr(c->arena, t->elem, AS_USER);
	return in_space(c, t, space);
}

struct type *infer_field(struct check *c, struct node *n)
{
	struct type *t = infer(c, n->a), *in;
	enum addr_space space;
	uint32_t offset = 0;

	if (!t || t->kind == TYPE_ERROR)
		return t;
	in = t->kind == TYPE_PTR && t->elem ? t->elem : t;
	if (in->kind == TYPE_RECORD || in->kind == TYPE_STRUCT)
		n->field = check_find_field(c, in, n->name, &offset);
	else {
		infer_error(c, n->loc, NO_FIELDS, n->name, type_name(c->arena, t));
		return &type_error;
	}
	if (!n->field) {
		if (in->kind == TYPE_STRUCT && !in->nfields)
			infer_error(c, n->loc, UNKNOWN_STRUCT, type_name(c->arena, in));
		else
			field_missing(c, n, in);
		return &type_error;
	}
	n->field_offset = offset;
	space = t->kind == TYPE_PTR ? t->space : in->kind == TYPE_RECORD ? AS_BPF : in->space;
	return field_type(c, n->field, space);
}

struct type *infer_tuple_at(struct check *c, struct node *n)
{
	struct type *t = infer(c, n->a);

	if (!t || t->kind == TYPE_ERROR)
		return t;
	if (t->kind != TYPE_TUPLE) {
		infer_error(c, n->loc, NOT_TUPLE, type_name(c->arena, t));
		return &type_error;
	}
	if (n->ival >= t->nfields) {
		infer_error(c, n->loc, TUPLE_INDEX, (unsigned long long)n->ival, t->nfields);
		return &type_error;
	}
	return t->fields[n->ival].type;
}

struct type *infer_index(struct check *c, struct node *n)
{
	struct type *t = infer(c, n->a), *i = infer_int(c, n->b, "an index");

	if (!t || !i)
		return NULL;
	if (t->kind == TYPE_ERROR || i->kind == TYPE_ERROR)
		return &type_error;
	if (t->kind == TYPE_TUPLE && n->b->is_const) {
		n->kind = NODE_TUPLE_AT;
		n->ival = n->b->ival;
		return infer_tuple_at(c, n);
	}
	if (t->kind == TYPE_PTR && t->elem)
		complete(c, t->elem);
	if (t->kind == TYPE_PTR && layout_size(t->elem) && t->elem->kind != TYPE_VOID) {
		struct type *elem = t->elem;

		if (elem->kind == TYPE_PTR && elem->space == AS_NONE)
			return type_ptr(c->arena, elem->elem, t->space);
		return in_space(c, elem, t->space);
	}
	if (t->kind == TYPE_ARRAY) {
		if (t->count && n->b->is_const && n->b->ival >= t->count) {
			infer_error(c, n->b->loc, ARRAY_INDEX, (unsigned long long)n->b->ival,
			        type_name(c->arena, t));
			return &type_error;
		}
		return in_space(c, t->elem, t->space);
	}
	infer_error(c, n->loc, NOT_ARRAY, type_name(c->arena, t));
	return &type_error;
}

struct type *infer_deref(struct check *c, struct node *n)
{
	struct type *t = infer(c, n->a);

	if (!t || t->kind == TYPE_ERROR)
		return t;
	/* An address without a type points to 64 bits, as in older dialects. */
	if (t->kind == TYPE_INT && !t->is_literal)
		return &type_uint64;
	if (t->kind != TYPE_PTR || !t->elem || t->elem->kind == TYPE_VOID) {
		infer_error(c, n->loc, NOT_POINTER, type_name(c->arena, t));
		return &type_error;
	}
	return in_space(c, t->elem, t->space);
}

static struct type *const_int(struct node *n, uint64_t v)
{
	n->is_const = true;
	n->ival = v;
	return &type_uint64;
}

struct type *infer_sizeof(struct check *c, struct node *n)
{
	struct type *t = n->to ? check_type_name(c, n->to) : infer(c, n->a);

	if (!t || t->kind == TYPE_ERROR)
		return t;
	complete(c, t);
	return const_int(n, t->kind == TYPE_STRUCT || t->kind == TYPE_STRING ? t->size : layout_size(t));
}

/* "[3]" behind a name of the path: into the array's element. NULL when there is none such. */
static struct type *offset_of_element(struct type *t, const char *index, uint32_t *offset)
{
	uint64_t i = strtoull(index + 1, NULL, 10);

	if (t->kind != TYPE_ARRAY || (t->count && i > t->count) || i > UINT32_MAX)
		return NULL;
	*offset += (uint32_t)i * layout_c_size(t->elem);
	return t->elem;
}

struct type *infer_offsetof(struct check *c, struct node *n)
{
	struct type *t = n->to ? check_type_name(c, n->to) : infer(c, n->a);
	uint32_t offset = 0;
	char *path = arena_strdup(c->arena, n->name), *save = NULL;

	if (!t || t->kind == TYPE_ERROR)
		return t;
	for (char *part = strtok_r(path, ".", &save); part; part = strtok_r(NULL, ".", &save)) {
		char *index = strchr(part, '[');
		const struct field *f;
		struct type *in = t;

		if (index)
			*index = '\0';
		f = t->kind == TYPE_STRUCT ? check_find_field(c, t, part, &offset) : NULL;
		t = f ? f->type : NULL;
		for (; index && t; index = strchr(index + 1, '[')) {
			*index = '[';
			t = offset_of_element(t, index, &offset);
		}
		if (!t) {
			infer_error(c, n->loc, NO_FIELD, type_name(c->arena, in), part);
			return &type_error;
		}
	}
	return const_int(n, offset);
}
