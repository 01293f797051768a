/* SPDX-License-Identifier: Apache-2.0 */
/* Constant expressions of C definitions: sizes of arrays, widths of bits, values of enums. */
#include "lang/errors.h"
#include "parser/build.h"
#include "parser/c_parse.h"

static const struct {
	int token;
	enum op op;
	unsigned level; /* binds tighter when higher */
} operators[] = {
	{ TOK_LOR, OP_LOR, 1 },
	{ TOK_LAND, OP_LAND, 2 },
	{ '|', OP_BOR, 3 },
	{ '^', OP_BXOR, 4 },
	{ '&', OP_BAND, 5 },
	{ TOK_EQ, OP_EQ, 6 },
	{ TOK_NE, OP_NE, 6 },
	{ '<', OP_LT, 7 },
	{ '>', OP_GT, 7 },
	{ TOK_LE, OP_LE, 7 },
	{ TOK_GE, OP_GE, 7 },
	{ TOK_SHL, OP_SHL, 8 },
	{ TOK_SHR, OP_SHR, 8 },
	{ '+', OP_ADD, 9 },
	{ '-', OP_SUB, 9 },
	{ '*', OP_MUL, 10 },
	{ '/', OP_DIV, 10 },
	{ '%', OP_MOD, 10 },
};

static struct node *zero(struct c_parser *p)
{
	return build_number(p->ps, NODE_INT, p->loc, 0);
}

/* "(type)" */
static struct c_type *parse_type(struct c_parser *p)
{
	struct c_type *t;

	c_advance(p);
	t = c_parse_type_name(p);
	c_expect(p, ')', "')'");
	return t;
}

static struct node *parse_sizeof(struct c_parser *p)
{
	struct node *n = build(p->ps, NODE_SIZEOF, p->loc);

	c_advance(p);
	if (c_at_paren(p))
		n->c_type = parse_type(p);
	else
		c_unexpected(p, "'('");
	n->loc.end = p->before.end;
	return n;
}

static struct node *parse_unary(struct c_parser *p);

static struct node *parse_cast(struct c_parser *p)
{
	struct loc loc = p->loc;
	struct c_type *t = parse_type(p);
	struct node *n = build_tree(p->ps, NODE_CAST, loc, parse_unary(p), NULL, NULL, NULL);

	n->loc.end = p->before.end;
	n->c_type = t;
	return n;
}

static struct node *parse_primary(struct c_parser *p)
{
	struct loc loc = p->loc;
	struct node *n;

	switch (p->token) {
	case TOK_INT:
		n = build_number(p->ps, NODE_INT, loc, p->value.number);
		c_advance(p);
		return n;
	case TOK_IDENT:
		n = build_name(p->ps, NODE_IDENT, loc, p->value.string.text);
		c_advance(p);
		return n;
	case TOK_CAST:
		return parse_cast(p);
	case '(':
	case TOK_TYPE_OPEN:
		c_advance(p);
		n = c_parse_constant(p);
		c_expect(p, ')', "')'");
		return n;
	case TOK_SIZEOF:
		return parse_sizeof(p);
	}
	c_unexpected(p, "a constant");
	return zero(p);
}

static struct node *parse_unary(struct c_parser *p)
{
	struct loc loc = p->loc;
	enum op op = p->token == '-'   ? OP_NEG
	             : p->token == '~' ? OP_BNOT
	             : p->token == '!' ? OP_LNOT
	                               : OP_NONE;
	struct node *n;

	if (!c_enter(p))
		return zero(p);
	if (c_take(p, '+')) {
		n = parse_unary(p);
	} else if (op != OP_NONE) {
		c_advance(p);
		n = parse_unary(p);
		loc.end = p->before.end;
		n = build_op(p->ps, NODE_UNOP, loc, op, n, NULL);
	} else {
		n = parse_primary(p);
	}
	p->depth--;
	return n;
}

/* The operator at hand if it binds at least as tight; its index, or -1. */
static int find_operator(const struct c_parser *p, unsigned level)
{
	for (int i = 0; i < (int)(sizeof(operators) / sizeof(*operators)); i++)
		if (operators[i].token == p->token && operators[i].level >= level)
			return i;
	return -1;
}

static struct node *parse_binary(struct c_parser *p, unsigned level)
{
	struct node *a = parse_unary(p), *b;
	int i;

	while (!p->failed && (i = find_operator(p, level)) >= 0) {
		struct loc loc = { a->loc.start, 0 };

		c_advance(p);
		b = parse_binary(p, operators[i].level + 1);
		loc.end = p->before.end;
		a = build_op(p->ps, NODE_BINOP, loc, operators[i].op, a, b);
	}
	return a;
}

struct node *c_parse_constant(struct c_parser *p)
{
	struct node *a, *b, *c;

	if (!c_enter(p))
		return zero(p);
	a = parse_binary(p, 1);
	if (c_take(p, '?')) {
		struct loc loc = { a->loc.start, 0 };

		b = c_parse_constant(p);
		c_expect(p, ':', "':'");
		c = c_parse_constant(p);
		loc.end = p->before.end;
		a = build_tree(p->ps, NODE_TERNARY, loc, a, b, c, NULL);
	}
	p->depth--;
	return a;
}
