/* SPDX-License-Identifier: Apache-2.0 */
/* The type of an expression: the dispatch over kinds, literals and type names. */
#include "check/pass.h"

#include <string.h>

#include "lang/layout.h"
#include "system/kbtf.h"

static struct type literal_int64 = { .kind = TYPE_INT, .size = 8, .is_signed = true, .is_literal = true };
static struct type literal_uint64 = { .kind = TYPE_INT, .size = 8, .is_literal = true };

/* A negative one does not adapt: with anything unsigned it is a mix of signs. */
struct type *infer_constant(const struct node *n)
{
	return n->is_unsigned ? &literal_uint64 : (int64_t)n->ival < 0 ? &type_int64 : &literal_int64;
}

static struct type *infer_literal(struct check *c, struct node *n)
{
	n->is_const = true;
	if (n->kind == NODE_STRING)
		return type_string(c->arena, (uint32_t)n->ival + 1);
	if (n->kind == NODE_BOOL)
		return &type_bool;
	return infer_constant(n);
}

static struct type *infer_tuple(struct check *c, struct node *n)
{
	unsigned count = list_length(n->list), i = 0;
	struct type *t = type_new(c->arena, n->kind == NODE_RECORD ? TYPE_RECORD : TYPE_TUPLE);
	struct type *bad = NULL;

	t->nfields = count;
	t->fields = arena_array(c->arena, struct field, count ? count : 1);
	list_each (k, n->list) {
		struct node *value = k->kind == NODE_FIELD_INIT ? k->a : k;
		struct type *f = infer(c, value);

		if (!f)
			return NULL;
		if (f->kind == TYPE_VOID || (type_is_agg(f) && !type_agg_is_number(f))) {
			infer_error(c, value->loc, TUPLE_ELEMENT, type_name(c->arena, f));
			f = &type_error;
		}
		if (f->kind == TYPE_ERROR)
			bad = f;
		t->fields[i].type = type_agg_is_number(f) ? type_as_int(f) : f;
		t->fields[i++].name = k->kind == NODE_FIELD_INIT ? k->name : NULL;
	}
	if (bad)
		return bad;
	layout_struct(t);
	return t;
}

static struct type *infer_block_expr(struct check *c, struct node *n)
{
	list_each (s, n->list)
		infer_stmt(c, s);
	return n->a ? infer(c, n->a) : &type_void;
}

static struct type *infer_kind(struct check *c, struct node *n)
{
	switch ((int)n->kind) {
	case NODE_INT:
	case NODE_BOOL:
	case NODE_STRING:
		return infer_literal(c, n);
	case NODE_IDENT:
		return infer_builtin(c, n);
	case NODE_VAR:
		return n->var->type;
	case NODE_MAP:
		return infer_map(c, n);
	case NODE_CALL:
		return infer_call(c, n);
	case NODE_UNOP:
		return infer_unop(c, n);
	case NODE_INCDEC:
		return infer_incdec(c, n);
	case NODE_BINOP:
		return infer_binop(c, n);
	case NODE_TERNARY:
		return infer_ternary(c, n);
	case NODE_CAST:
		return infer_cast(c, n);
	case NODE_FIELD:
		return infer_field(c, n);
	case NODE_TUPLE_AT:
		return infer_tuple_at(c, n);
	case NODE_INDEX:
		return infer_index(c, n);
	case NODE_TUPLE:
	case NODE_RECORD:
		return infer_tuple(c, n);
	case NODE_SIZEOF:
		return infer_sizeof(c, n);
	case NODE_OFFSETOF:
		return infer_offsetof(c, n);
	case NODE_BLOCK_EXPR:
		return infer_block_expr(c, n);
	default:
		infer_error(c, n->loc, NOT_A_VALUE);
		return &type_error;
	}
}

struct type *infer(struct check *c, struct node *n)
{
	if (n->type && n->type->kind == TYPE_ERROR)
		return n->type;
	n->type = infer_kind(c, n);
	if (!c->final) {
		/* Not reported yet: the final round comes here again. */
		if (n->type && n->type->kind == TYPE_ERROR)
			n->type = NULL;
		return n->type;
	}
	if (!n->type) {
		n->type = &type_error;
		if (n->kind == NODE_VAR && !n->var->assigned)
			diag_error(c->diag, n->loc, UNSET_VAR, n->name);
	}
	if (n->type->kind == TYPE_ERROR && !c->diag->errors)
		diag_error(c->diag, n->loc, NOT_A_VALUE);
	return n->type;
}

struct type *infer_int(struct check *c, struct node *n, const char *what)
{
	struct type *t = infer(c, n), *i;

	if (!t || t->kind == TYPE_ERROR)
		return t;
	i = t->kind == TYPE_PTR ? NULL : type_as_int(t);
	if (i)
		return i;
	infer_error(c, n->loc, NOT_INTEGER, what, type_name(c->arena, t));
	return &type_error;
}

void infer_condition(struct check *c, struct node *n)
{
	struct type *t = infer(c, n);

	if (t && t->kind != TYPE_ERROR && !type_as_int(t))
		infer_error(c, n->loc, NOT_CONDITION, type_name(c->arena, t));
}

static struct type *struct_by_name(struct check *c, const struct type_name *tn)
{
	struct type *t = check_c_type(c, tn);
	struct kbtf *btf;

	if (t)
		return t;
	btf = probes_kbtf(c->probes);
	t = btf ? kbtf_type(btf, tn->name) : NULL;
	if (!t)
		diag_error(c->diag, tn->loc, UNKNOWN_TYPE, tn->name);
	return t ? t : &type_error;
}

static struct type *base_type(struct check *c, const struct type_name *tn, unsigned *suffix)
{
	struct type *t;

	if (tn->tag == TN_TYPEOF)
		return infer(c, tn->of);
	if (tn->tag != TN_PLAIN)
		return struct_by_name(c, tn);
	if (strcmp(tn->name, "string") == 0 || strcmp(tn->name, "buffer") == 0) {
		uint64_t size = c->program->config.max_strlen;

		if (tn->nsuffix && tn->suffix[0].kind == TS_ARRAY) {
			size = tn->suffix[0].count;
			*suffix = 1;
		}
		if (size == 0 || size > 65536) {
			diag_error(c->diag, tn->loc, STRING_SIZE);
			return &type_error;
		}
		return type_string(c->arena, (uint32_t)size);
	}
	t = check_c_type(c, tn);
	if (!t)
		t = type_by_name(tn->name);
	return t ? t : struct_by_name(c, tn);
}

struct type *check_type_name(struct check *c, struct type_name *tn)
{
	unsigned i = 0;
	struct type *t;

	if (tn->is_bad)
		return &type_error;
	t = base_type(c, tn, &i);
	tn->is_bad = t && t->kind == TYPE_ERROR && tn->tag != TN_TYPEOF;
	for (; t && t->kind != TYPE_ERROR && i < tn->nsuffix; i++) {
		if (tn->suffix[i].kind == TS_PTR)
			t = type_ptr(c->arena, t, AS_NONE);
		else
			t = type_array(c->arena, t, (uint32_t)tn->suffix[i].count);
	}
	return t;
}
