/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators: the integer rules of the language, decided here and nowhere else.
 *
 * Operands are taken to 64 bits. The result is uint64 when both are unsigned (a
 * literal that is not negative takes the other's sign, a negative one is an int64),
 * else int64; subtraction and negation yield int64; a shift has the sign of its left
 * side; comparisons and logic yield bool. Division rounds to zero, and by zero
 * yields 0 as in BPF. `$x op= y` divides as `$x op y` does.
 */
#include <string.h>

#include "check/pass.h"
#include "lang/layout.h"

struct type *type_as_int(struct type *t)
{
	if (type_is_integer(t))
		return t;
	if (t->kind == TYPE_PTR || t->kind == TYPE_COUNT || t->kind == TYPE_KSYM)
		return &type_uint64;
	if (type_agg_is_number(t))
		return t->is_signed ? &type_int64 : &type_uint64;
	return NULL;
}

/* Unsigned, or a literal that can be taken as such. A variable that was given literals only has their
 * type too, and is signed. */
static bool counts_as_unsigned(const struct node *n, const struct type *t)
{
	return !t->is_signed || (t->is_literal && n->is_const && (int64_t)n->ival >= 0);
}

/* Signs are mixed where it shows: a constant is the script's own choice. */
static void warn_of_mix(struct check *c, struct node *n, const struct type *a, const struct type *b)
{
	if (c->final && a->is_signed != b->is_signed && !n->a->is_const && !n->b->is_const &&
	        !a->is_literal && !b->is_literal)
		diag_warning(c->diag, n->loc, SIGN_MIX, op_spelling(n->op), type_name(c->arena, n->a->type),
		        type_name(c->arena, n->b->type));
}

static struct type *arith_type(struct check *c, struct node *n, struct type *a, struct type *b)
{
	bool ua = counts_as_unsigned(n->a, a), ub = counts_as_unsigned(n->b, b);

	if (a->is_literal && b->is_literal && a->is_signed && b->is_signed)
		return a;
	if (n->op == OP_SUB)
		return &type_int64;
	if (n->op == OP_SHL || n->op == OP_SHR)
		return type_int(8, a->is_signed);
	if (ua && ub)
		return &type_uint64;
	if (n->op == OP_DIV || n->op == OP_MOD)
		warn_of_mix(c, n, a, b);
	return &type_int64;
}

static int64_t fold_signed(enum op op, int64_t a, int64_t b)
{
	switch ((int)op) {
	case OP_DIV:
		return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
	case OP_MOD:
		return b == -1 ? 0 : a % b;
	case OP_SHR:
		return a >> (b & 63);
	case OP_LT:
		return a < b;
	case OP_LE:
		return a <= b;
	case OP_GT:
		return a > b;
	default:
		return a >= b;
	}
}

static uint64_t fold_unsigned(enum op op, uint64_t a, uint64_t b)
{
	switch ((int)op) {
	case OP_ADD:
		return a + b;
	case OP_SUB:
		return a - b;
	case OP_MUL:
		return a * b;
	case OP_DIV:
		return a / b;
	case OP_MOD:
		return a % b;
	case OP_SHL:
		return a << (b & 63);
	case OP_SHR:
		return a >> (b & 63);
	case OP_BAND:
		return a & b;
	case OP_BOR:
		return a | b;
	case OP_BXOR:
		return a ^ b;
	case OP_EQ:
		return a == b;
	case OP_NE:
		return a != b;
	case OP_LT:
		return a < b;
	case OP_LE:
		return a <= b;
	case OP_GT:
		return a > b;
	case OP_GE:
		return a >= b;
	case OP_LAND:
		return a && b;
	default:
		return a || b;
	}
}

/* Folds a binary operator over two constants; is_signed: how the operands are compared and divided. */
static void fold(struct node *n, bool is_signed)
{
	uint64_t a = n->a->ival, b = n->b->ival;
	bool sensitive =
	        n->op == OP_DIV || n->op == OP_MOD || n->op == OP_SHR || (n->op >= OP_LT && n->op <= OP_GE);

	if (!n->a->is_const || !n->b->is_const || n->a->kind == NODE_STRING || n->b->kind == NODE_STRING)
		return;
	n->is_const = true;
	n->ival = sensitive && is_signed ? (uint64_t)fold_signed(n->op, (int64_t)a, (int64_t)b)
	                                 : fold_unsigned(n->op, a, b);
	n->is_unsigned = !is_signed && (int64_t)n->ival < 0;
}

static bool is_string_like(const struct type *t)
{
	return t->kind == TYPE_STRING;
}

static struct type *infer_equality(struct check *c, struct node *n, struct type *a, struct type *b)
{
	bool both_strings = is_string_like(a) && is_string_like(b);
	bool both_tuples = (a->kind == TYPE_TUPLE || a->kind == TYPE_ARRAY) && unify(c, a, b);

	if (!both_strings && !both_tuples) {
		infer_error(c, n->loc, COMPARE_TYPES, type_name(c->arena, a), type_name(c->arena, b));
		return &type_error;
	}
	if (both_strings && n->a->is_const && n->b->is_const) {
		n->is_const = true;
		n->ival = (strcmp(n->a->name, n->b->name) == 0) == (n->op == OP_EQ);
	}
	return &type_bool;
}

static struct type *infer_pointer_arith(struct check *c, struct node *n, struct type *a, struct type *b)
{
	if (a->kind == TYPE_PTR && b->kind == TYPE_PTR)
		return n->op == OP_SUB ? &type_int64 : NULL;
	if ((n->op != OP_ADD && n->op != OP_SUB) || (b->kind == TYPE_PTR && n->op == OP_SUB))
		return NULL;
	(void)c;
	return a->kind == TYPE_PTR ? a : b;
}

static struct type *infer_arith(struct check *c, struct node *n, struct type *a, struct type *b)
{
	struct type *ia = type_as_int(a), *ib = type_as_int(b), *t;

	if (a->kind == TYPE_PTR || b->kind == TYPE_PTR) {
		t = infer_pointer_arith(c, n, a, b);
		if (t)
			return t;
	}
	if ((n->op == OP_DIV || n->op == OP_MOD) && n->b->is_const && n->b->ival == 0) {
		infer_error(c, n->b->loc, DIV_BY_ZERO);
		return &type_error;
	}
	t = arith_type(c, n, ia, ib);
	fold(n, n->op == OP_SHR ? ia->is_signed : t->is_signed);
	return t->is_literal ? infer_constant(n) : t;
}

struct type *infer_binop(struct check *c, struct node *n)
{
	struct type *a = infer(c, n->a), *b = infer(c, n->b), *ia, *ib;
	bool is_signed;

	if (!a || !b)
		return NULL;
	if (a->kind == TYPE_ERROR || b->kind == TYPE_ERROR)
		return &type_error;
	ia = type_as_int(a);
	ib = type_as_int(b);
	if ((n->op == OP_EQ || n->op == OP_NE) && (!ia || !ib))
		return infer_equality(c, n, a, b);
	if (!ia || !ib) {
		infer_error(c, n->loc, OPERAND_TYPES, op_spelling(n->op), type_name(c->arena, a),
		        type_name(c->arena, b));
		return &type_error;
	}
	if (n->op < OP_EQ)
		return infer_arith(c, n, a, b);
	is_signed = !(counts_as_unsigned(n->a, ia) && counts_as_unsigned(n->b, ib));
	if (n->op >= OP_LT && n->op <= OP_GE)
		warn_of_mix(c, n, ia, ib);
	fold(n, is_signed);
	return &type_bool;
}

struct type *infer_unop(struct check *c, struct node *n)
{
	struct type *t, *result;

	if (n->op == OP_DEREF)
		return infer_deref(c, n);
	if (n->op == OP_ADDR) {
		infer_error(c, n->loc, NO_ADDRESS_OF);
		return &type_error;
	}
	t = infer(c, n->a);
	if (!t || t->kind == TYPE_ERROR)
		return t;
	if (!type_as_int(t)) {
		infer_error(c, n->a->loc, OPERAND_TYPE, op_spelling(n->op), type_name(c->arena, t));
		return &type_error;
	}
	t = type_as_int(t);
	result = n->op == OP_LNOT  ? &type_bool
	         : t->is_literal   ? t
	         : n->op == OP_NEG ? &type_int64
	                           : type_int(8, t->is_signed);
	if (n->a->is_const && n->a->kind != NODE_STRING) {
		uint64_t v = n->a->ival;

		if (n->op == OP_NEG && t->is_literal && n->a->is_unsigned && v > 1ULL << 63)
			infer_error(c, n->loc, INT_RANGE);
		n->is_const = true;
		n->ival = n->op == OP_LNOT ? !v : n->op == OP_NEG ? -v : ~v;
		n->is_unsigned = n->op == OP_BNOT && n->a->is_unsigned;
		if (t->is_literal && n->op != OP_LNOT)
			result = infer_constant(n);
	}
	return result;
}

struct type *infer_ternary(struct check *c, struct node *n)
{
	struct type *a, *b, *t;

	infer_condition(c, n->a);
	a = infer(c, n->b ? n->b : n->a);
	b = infer(c, n->c);
	if (!a || !b)
		return c->final ? &type_error : a ? a : b;
	if (a->kind == TYPE_ERROR || b->kind == TYPE_ERROR)
		return &type_error;
	if (a->kind == TYPE_VOID && b->kind == TYPE_VOID)
		return a;
	if (type_agg_is_number(a))
		a = type_as_int(a);
	if (type_agg_is_number(b))
		b = type_as_int(b);
	t = unify(c, a, b);
	if (!t || type_is_agg(t)) {
		infer_error(c, n->loc, TERNARY_TYPES, type_name(c->arena, a), type_name(c->arena, b));
		return &type_error;
	}
	return t;
}

/* The constant v as an integer of type t has it. */
static uint64_t int_convert(uint64_t v, const struct type *t)
{
	unsigned shift = 64 - t->size * 8;

	if (t->kind == TYPE_BOOL)
		return v != 0;
	return t->is_signed ? (uint64_t)((int64_t)(v << shift) >> shift) : v << shift >> shift;
}

struct type *infer_cast(struct check *c, struct node *n)
{
	struct type *to = n->to ? check_type_name(c, n->to) : infer(c, n->b);
	struct type *from = infer(c, n->a);

	if (!to || !from)
		return NULL;
	if (to->kind == TYPE_ERROR || from->kind == TYPE_ERROR)
		return &type_error;
	if (to->kind == TYPE_PTR) {
		/* A pointer from an integer takes the probe's space; from a pointer, that pointer's. */
		if (from->kind == TYPE_PTR)
			to = type_ptr(c->arena, to->elem, from->space);
		else
			to = type_ptr(c->arena, to->elem, probe_rows[c->action->type].space);
	}
	if (to->is_literal) {
		to = type_copy(c->arena, to);
		to->is_literal = false;
	}
	if (from->kind == TYPE_STRING && to->kind == TYPE_STRING)
		return to;
	if (!type_as_int(from) || !type_as_int(to) || type_is_agg(to)) {
		infer_error(c, n->loc, BAD_CAST, type_name(c->arena, from), type_name(c->arena, to));
		return &type_error;
	}
	if (n->a->is_const && type_is_integer(to)) {
		n->is_const = true;
		n->ival = int_convert(n->a->ival, to);
		n->is_unsigned = !to->is_signed && (int64_t)n->ival < 0;
	}
	return to;
}

struct type *infer_incdec(struct check *c, struct node *n)
{
	struct type *t;

	if (n->a->kind == NODE_MAP) {
		infer_map_key(c, n->a);
		/* The 1 is a literal: it takes the sign of what the map holds. */
		infer_map_value(c, n->a, infer_constant(&(struct node){ .ival = 1 }), n->loc);
	}
	t = infer(c, n->a);
	if (!t || t->kind == TYPE_ERROR)
		return t;
	if (n->a->kind != NODE_VAR && n->a->kind != NODE_MAP) {
		infer_error(c, n->loc, NOT_ASSIGNABLE);
		return &type_error;
	}
	if (!type_is_integer(t) && t->kind != TYPE_PTR) {
		infer_error(c, n->loc, OPERAND_TYPE, op_spelling(n->op), type_name(c->arena, t));
		return &type_error;
	}
	return t;
}
