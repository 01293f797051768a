/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: assignment gives variables and maps their types; loops and conditions. */
#include "check/pass.h"
#include "lang/layout.h"

/* A variable has 64 bits, but bswap() has to know how many of them the value had: `$port = bswap($port)`. */
static void var_note_width(struct check *c, struct var *v, const struct node *value, const struct type *t)
{
	unsigned width = value->kind == NODE_VAR ? value->var->width
	                 : t->kind != TYPE_INT   ? 8
	                 : t->is_literal         ? 0
	                                         : t->size;

	if (width > v->width) {
		v->width = width;
		c->changed = true;
	}
}

static void var_grow(struct check *c, struct node *n, struct type *t, struct loc loc)
{
	struct var *v = n->var;
	struct type *joined;

	if (t->kind == TYPE_ERROR)
		return;
	if (t->kind == TYPE_VOID || (type_is_agg(t) && !type_agg_is_number(t))) {
		infer_error(c, loc, VAR_VALUE, v->name, type_name(c->arena, t));
		return;
	}
	if (type_is_agg(t))
		t = type_as_int(t);
	if (v->declared) {
		if (v->type && v->type->kind != TYPE_ERROR && !unify(c, v->type, t))
			infer_error(c, loc, VAR_TYPE, v->name, type_name(c->arena, v->type),
			        type_name(c->arena, t));
		return;
	}
	t = widen(c, t);
	joined = v->type ? unify(c, v->type, t) : t;
	if (!joined) {
		infer_error(c, loc, VAR_TYPE, v->name, type_name(c->arena, v->type), type_name(c->arena, t));
	} else if (!v->type || !type_equal(v->type, joined) || v->type->is_literal != joined->is_literal) {
		v->type = joined;
		c->changed = true;
	}
}

/* Does a constant fit into a declared integer? */
static void check_range(struct check *c, const struct node *value, const struct type *t)
{
	int64_t v = (int64_t)value->ival;
	bool fits = true;

	if (!value->is_const || t->kind != TYPE_INT || value->kind == NODE_STRING)
		return;
	if (value->is_unsigned)
		fits = t->size == 8 && !t->is_signed;
	else if (!t->is_signed)
		fits = v >= 0 && (t->size == 8 || (uint64_t)v >> (t->size * 8) == 0);
	else if (t->size < 8)
		fits = v >= -(1LL << (t->size * 8 - 1)) && v < 1LL << (t->size * 8 - 1);
	if (!fits)
		infer_error(c, value->loc, INT_FIT, type_name(c->arena, t));
}

static bool is_shift(enum op op)
{
	return op == OP_SHL || op == OP_SHR;
}

static void assign_map(struct check *c, struct node *n, struct type *value)
{
	struct map *m;

	infer_map_key(c, n->a);
	m = &c->program->maps[n->a->map];
	n->a->type = m->value;
	if (n->op != OP_SET && m->value && type_is_agg(m->value)) {
		infer_error(c, n->loc, AGG_ASSIGN, m->name, type_name(c->arena, m->value));
		return;
	}
	if (value && n->op != OP_SET && !type_as_int(value) && value->kind != TYPE_ERROR)
		infer_error(c, n->b->loc, OPERAND_TYPE, op_spelling(n->op), type_name(c->arena, value));
	else if (value && n->b->kind != NODE_CALL && type_agg_is_number(value))
		infer_map_value(c, n->a, type_as_int(value), n->b->loc);
	else if (value && is_shift(n->op) && m->value)
		; /* the value keeps its type, whatever it is shifted by */
	else if (value)
		infer_map_value(c, n->a, value, n->b->loc);
	n->a->type = c->program->maps[n->a->map].value;
}

static void infer_assign(struct check *c, struct node *n)
{
	struct type *value = infer(c, n->b);

	if ((n->op == OP_DIV || n->op == OP_MOD) && n->b->is_const && n->b->ival == 0)
		infer_error(c, n->b->loc, DIV_BY_ZERO);
	switch ((int)n->a->kind) {
	case NODE_IDENT: /* _ = … */
		return;
	case NODE_MAP:
		assign_map(c, n, value);
		return;
	case NODE_VAR:
		if (value && n->b->kind == NODE_CALL && type_is_agg(value)) {
			infer_error(c, n->b->loc, AGG_NEEDS_MAP, func_rows[n->b->func].name);
			return;
		}
		if (value && n->op != OP_SET && value->kind != TYPE_ERROR && !type_as_int(value)) {
			infer_error(
			        c, n->b->loc, OPERAND_TYPE, op_spelling(n->op), type_name(c->arena, value));
			return;
		}
		if (value)
			var_note_width(c, n->a->var, n->b, value);
		if (value && !(n->op != OP_SET && n->a->var->type && n->a->var->type->kind == TYPE_PTR) &&
		        !(is_shift(n->op) && n->a->var->type && type_is_integer(n->a->var->type)))
			var_grow(c, n->a, value, n->b->loc);
		if (n->a->var->type)
			check_range(c, n->b, n->a->var->declared ? n->a->var->type : &type_void);
		n->a->type = n->a->var->type;
		return;
	default:
		infer_error(c, n->a->loc, NOT_ASSIGNABLE);
	}
}

/* let $x: typeof(e): the type may still grow with that of e. */
static void let_typeof(struct check *c, struct node *n)
{
	struct type *t = check_type_name(c, n->to);
	struct var *v = n->a->var;

	if (!t || t->kind == TYPE_ERROR)
		return;
	if (t->is_literal)
		t = type_int(t->size, t->is_signed);
	if (v->type && type_equal(v->type, t))
		return;
	v->type = t;
	c->changed = true;
}

static void infer_let(struct check *c, struct node *n)
{
	struct type *value = n->b ? infer(c, n->b) : NULL;

	if (!n->a->var)
		return;
	if (n->to && n->to->tag == TN_TYPEOF)
		let_typeof(c, n);
	if (value) {
		var_note_width(c, n->a->var, n->b, value);
		var_grow(c, n->a, value, n->b->loc);
		if (n->a->var->type)
			check_range(c, n->b, n->a->var->declared ? n->a->var->type : &type_void);
	}
	if (c->final && !n->a->var->type) {
		if (!n->a->var->assigned)
			diag_error(c->diag, n->loc, UNSET_VAR, n->a->name);
		n->a->var->type = &type_error;
	}
	n->a->type = n->a->var->type;
}

static void infer_for_range(struct check *c, struct node *n)
{
	struct type *from = infer_int(c, n->b, "a range's start"), *to = infer_int(c, n->c, "a range's end");

	if (from && to)
		var_grow(c, n->a, &type_int64, n->loc);
	n->a->type = n->a->var->type;
	c->loops++;
	infer_block(c, n->d);
	c->loops--;
}

static void infer_for_map(struct check *c, struct node *n)
{
	struct map *m = &c->program->maps[n->b->map];
	struct type *types[2], *t;

	if (n->b->list) {
		infer_error(c, n->b->loc, FOR_KEYED, m->name);
		return;
	}
	if (c->final && (!m->key || !m->value)) {
		diag_error(c->diag, n->b->loc, FOR_SCALAR, m->name);
		n->a->var->type = &type_error;
	} else if (c->final && type_is_agg(m->value) && !type_agg_is_number(m->value)) {
		diag_error(c->diag, n->b->loc, FOR_AGG, m->name, type_name(c->arena, m->value));
		n->a->var->type = &type_error;
	} else if (m->key && m->value && n->a->var->type != &type_error) {
		types[0] = m->key;
		types[1] = type_agg_is_number(m->value) ? type_as_int(m->value) : m->value;
		t = type_tuple(c->arena, types, 2);
		layout_struct(t);
		if (!n->a->var->type || !type_equal(n->a->var->type, t)) {
			n->a->var->type = t;
			c->changed = true;
		}
	}
	n->a->type = n->a->var->type;
	c->loops++;
	infer_block(c, n->d);
	c->loops--;
}

static void infer_unroll(struct check *c, struct node *n)
{
	struct type *t = infer_int(c, n->a, "unroll's count");

	if (t && t->kind != TYPE_ERROR && (!n->a->is_const || n->a->ival < 1 || n->a->ival > 100))
		infer_error(c, n->a->loc, UNROLL_COUNT);
	c->loops++;
	infer_block(c, n->d);
	c->loops--;
}

/* Does an expression do something by itself? */
static bool has_effect(const struct node *n)
{
	return n->kind == NODE_CALL || n->kind == NODE_INCDEC || n->kind == NODE_BLOCK_EXPR ||
	       n->kind == NODE_ASSIGN || (n->kind == NODE_TERNARY);
}

static void infer_expr_stmt(struct check *c, struct node *n)
{
	struct type *t;

	/* `print(…)` and the like yield nothing; a bare value is a mistake worth a word. */
	t = infer(c, n->a);
	if (t && type_is_agg(t) && n->a->kind == NODE_CALL)
		infer_error(c, n->loc, AGG_NEEDS_MAP, func_rows[n->a->func].name);
	else if (t && t->kind != TYPE_ERROR && !has_effect(n->a) && c->final)
		diag_warning(c->diag, n->loc, UNUSED_VALUE);
}

void infer_stmt(struct check *c, struct node *n)
{
	switch ((int)n->kind) {
	case NODE_EXPR_STMT:
		infer_expr_stmt(c, n);
		break;
	case NODE_ASSIGN:
		infer_assign(c, n);
		break;
	case NODE_LET:
		infer_let(c, n);
		break;
	case NODE_IF:
		infer_condition(c, n->a);
		infer_stmt(c, n->b);
		if (n->c)
			infer_stmt(c, n->c);
		break;
	case NODE_FOR_RANGE:
		infer_for_range(c, n);
		break;
	case NODE_FOR_MAP:
		infer_for_map(c, n);
		break;
	case NODE_WHILE:
		infer_condition(c, n->a);
		c->loops++;
		infer_block(c, n->d);
		c->loops--;
		break;
	case NODE_UNROLL:
		infer_unroll(c, n);
		break;
	case NODE_BREAK:
	case NODE_CONTINUE:
		break;
	case NODE_RETURN:
		if (n->a)
			infer_int(c, n->a, "a probe's return value");
		break;
	case NODE_BLOCK:
		infer_block(c, n);
		break;
	default:
		infer(c, n);
		break;
	}
}

void infer_block(struct check *c, struct node *block)
{
	list_each (n, block->list)
		infer_stmt(c, n);
}
