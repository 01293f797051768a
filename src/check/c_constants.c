/* SPDX-License-Identifier: Apache-2.0 */
/* Constant expressions of C definitions, in 64 bits. */
#include "check/c_types.h"

/* Two's complement for all that can overflow; false when C gives it no value. */
static bool apply(enum op op, int64_t a, int64_t b, int64_t *result)
{
	uint64_t x = (uint64_t)a, y = (uint64_t)b;

	switch ((int)op) {
	case OP_ADD:
		x += y;
		break;
	case OP_SUB:
		x -= y;
		break;
	case OP_MUL:
		x *= y;
		break;
	case OP_DIV:
		if (!b)
			return false;
		x = b == -1 ? -x : (uint64_t)(a / b);
		break;
	case OP_MOD:
		if (!b)
			return false;
		x = b == -1 ? 0 : (uint64_t)(a % b);
		break;
	case OP_SHL:
		x <<= y & 63;
		break;
	case OP_SHR:
		x = (uint64_t)(a >> (y & 63));
		break;
	case OP_BAND:
		x &= y;
		break;
	case OP_BOR:
		x |= y;
		break;
	case OP_BXOR:
		x ^= y;
		break;
	case OP_EQ:
		x = a == b;
		break;
	case OP_NE:
		x = a != b;
		break;
	case OP_LT:
		x = a < b;
		break;
	case OP_LE:
		x = a <= b;
		break;
	case OP_GT:
		x = a > b;
		break;
	case OP_GE:
		x = a >= b;
		break;
	case OP_LAND:
		x = a && b;
		break;
	case OP_LOR:
		x = a || b;
		break;
	}
	*result = (int64_t)x;
	return true;
}

static bool binary(struct check *c, const struct node *n, int64_t *value)
{
	int64_t a, b;

	if (!c_constant(c, n->a, &a) || !c_constant(c, n->b, &b))
		return false;
	if (apply(n->op, a, b, value))
		return true;
	diag_error(c->diag, n->loc, DIV_BY_ZERO);
	return false;
}

static bool unary(struct check *c, const struct node *n, int64_t *value)
{
	int64_t a;

	if (!c_constant(c, n->a, &a))
		return false;
	*value = n->op == OP_NEG ? (int64_t)(0 - (uint64_t)a) : n->op == OP_BNOT ? ~a : !a;
	return true;
}

static bool size_of(struct check *c, const struct node *n, int64_t *value)
{
	struct c_resolved r = c_resolve(c, n->c_type, true);

	*value = (int64_t)r.size;
	return r.type->kind != TYPE_ERROR;
}

static bool cast(struct check *c, const struct node *n, int64_t *value)
{
	struct c_resolved r = c_resolve(c, n->c_type, true);

	if (r.type->kind == TYPE_ERROR || !c_constant(c, n->a, value))
		return false;
	if (type_is_integer(r.type)) {
		unsigned shift = 64 - r.type->size * 8;
		uint64_t up = (uint64_t)*value << shift;

		*value = r.type->kind == TYPE_BOOL ? *value != 0
		         : r.type->is_signed       ? (int64_t)up >> shift
		                                   : (int64_t)(up >> shift);
		return true;
	}
	diag_error(c->diag, n->loc, C_CONSTANT);
	return false;
}

bool c_constant(struct check *c, const struct node *n, int64_t *value)
{
	struct c_name *name;
	int64_t chosen;

	switch ((int)n->kind) {
	case NODE_INT:
		*value = (int64_t)n->ival;
		return true;
	case NODE_IDENT:
		name = c_names_find(c->c_names, C_NAME_CONSTANT, n->name);
		if (name)
			*value = name->number;
		else
			diag_error(c->diag, n->loc, C_CONSTANT_NAME, n->name);
		return name != NULL;
	case NODE_SIZEOF:
		return size_of(c, n, value);
	case NODE_CAST:
		return cast(c, n, value);
	case NODE_UNOP:
		return unary(c, n, value);
	case NODE_TERNARY:
		if (!c_constant(c, n->a, &chosen))
			return false;
		return c_constant(c, chosen ? n->b : n->c, value);
	default:
		return binary(c, n, value);
	}
}
