/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar's actions. Forms that the grammar takes too widely, for the sake of better messages, are
 * checked here. */
#include "parser/build.h"

#include <string.h>

#include "base/arena.h"
#include "lang/errors.h"

void nodes_add(struct nodes *list, struct node *n)
{
	if (!n)
		return;
	if (list->tail)
		list->tail->next = n;
	else
		list->head = n;
	list->tail = n;
	if (n->height > list->height)
		list->height = n->height;
}

/* A tree that is too high for passes to recurse in ends the parse. */
static void set_height(struct parser *ps, struct node *n, uint32_t below)
{
	if (below >= n->height)
		n->height = below + 1;
	if (n->height <= AST_MAX_HEIGHT || ps->lexer.stop)
		return;
	diag_error(ps->diag, ps->lexer.loc, NESTED_TOO_DEEPLY);
	ps->lexer.stop = true;
}

struct node *build(struct parser *ps, enum node_kind kind, struct loc loc)
{
	return node_new(ps->arena, kind, loc);
}

struct node *build_name(struct parser *ps, enum node_kind kind, struct loc loc, const char *name)
{
	struct node *n = build(ps, kind, loc);

	n->name = name;
	return n;
}

struct node *build_number(struct parser *ps, enum node_kind kind, struct loc loc, uint64_t value)
{
	struct node *n = build(ps, kind, loc);

	n->ival = value;
	n->is_unsigned = kind == NODE_INT && value > INT64_MAX;
	return n;
}

struct node *build_string(struct parser *ps, struct loc loc, struct lexeme s)
{
	struct node *n = build_name(ps, NODE_STRING, loc, s.text);

	n->ival = s.len;
	return n;
}

struct node *build_tree(struct parser *ps, enum node_kind kind, struct loc loc, struct node *a,
        struct node *b, struct node *c, struct node *d)
{
	struct node *n = build(ps, kind, loc), *children[] = { a, b, c, d };

	n->a = a;
	n->b = b;
	n->c = c;
	n->d = d;
	for (unsigned i = 0; i < 4; i++)
		if (children[i])
			set_height(ps, n, children[i]->height);
	return n;
}

struct node *build_op(
        struct parser *ps, enum node_kind kind, struct loc loc, enum op op, struct node *a, struct node *b)
{
	struct node *n = build_tree(ps, kind, loc, a, b, NULL, NULL);

	n->op = op;
	return n;
}

struct node *build_list(struct parser *ps, enum node_kind kind, struct loc loc, struct nodes list)
{
	struct node *n = build(ps, kind, loc);

	n->list = list.head;
	set_height(ps, n, list.height);
	return n;
}

struct node *build_call(struct parser *ps, struct loc loc, const char *name, struct nodes args, bool bang)
{
	struct node *n = build_list(ps, NODE_CALL, loc, args);

	n->name = name;
	n->ival = bang;
	return n;
}

struct node *build_map(struct parser *ps, struct loc loc, const char *name, struct nodes keys)
{
	struct node *n = build_list(ps, NODE_MAP, loc, keys);

	n->name = name;
	n->ival = list_length(keys.head);
	n->old_keys = n->ival == 1 && keys.head->kind == NODE_TUPLE;
	return n;
}

struct node *build_cast(struct parser *ps, struct loc loc, struct type_name *to, struct node *a)
{
	struct node *n = build_tree(ps, NODE_CAST, loc, a, to->tag == TN_TYPEOF ? to->of : NULL, NULL, NULL);

	n->to = to;
	return n;
}

struct node *build_type_op(struct parser *ps, enum node_kind kind, struct loc loc, struct type_name *to,
        struct node *a, const char *path)
{
	struct node *n = build_tree(ps, kind, loc, a, NULL, NULL, NULL);

	n->to = to;
	n->name = path;
	return n;
}

struct node *build_incdec(struct parser *ps, struct loc loc, enum op op, struct node *a)
{
	if (a->kind != NODE_VAR && a->kind != NODE_MAP)
		diag_error(ps->diag, a->loc, INCDEC_TARGET, op_spelling(op));
	return build_op(ps, NODE_INCDEC, loc, op, a, NULL);
}

struct node *build_assign(struct parser *ps, struct loc loc, enum op op, struct node *a, struct node *b)
{
	bool discard = a->kind == NODE_IDENT && !strcmp(a->name, "_") && op == OP_SET;

	if (a->kind != NODE_VAR && a->kind != NODE_MAP && !discard)
		diag_error(ps->diag, a->loc, ASSIGN_TARGET);
	return build_op(ps, NODE_ASSIGN, loc, op, a, b);
}

struct node *build_let(
        struct parser *ps, struct loc loc, struct node *var, struct type_name *to, struct node *value)
{
	struct node *n = build_tree(ps, NODE_LET, loc, var, value, NULL, NULL);

	n->to = to;
	return n;
}

struct node *build_field_init(struct parser *ps, struct loc loc, struct node *name, struct node *value)
{
	struct node *n = build_tree(ps, NODE_FIELD_INIT, loc, value, NULL, NULL, NULL);

	if (name->kind == NODE_IDENT)
		n->name = name->name;
	else
		diag_error(ps->diag, loc, ASSIGN_IN_EXPR);
	return n;
}

struct node *build_parentheses(struct parser *ps, struct loc loc, struct nodes items, bool comma)
{
	unsigned fields = 0, length = 0;
	struct node *n;

	list_each (it, items.head) {
		length++;
		fields += it->kind == NODE_FIELD_INIT;
	}
	if (length == 1 && !fields && !comma) {
		/* The parentheses belong to the place, so that carets cover them. */
		items.head->loc = loc;
		return items.head;
	}
	if (fields && fields < length) {
		list_each (it, items.head) {
			if (it->kind == NODE_FIELD_INIT)
				continue;
			diag_error(ps->diag, it->loc, FIELD_NAME);
			break;
		}
	}
	n = build_list(ps, fields ? NODE_RECORD : NODE_TUPLE, loc, items);
	n->ival = length;
	return n;
}

struct node *build_condition(struct parser *ps, struct node *cond)
{
	if (cond->kind == NODE_RECORD && cond->ival == 1 && cond->list->name)
		diag_error(ps->diag, cond->loc, COND_ASSIGN);
	return cond;
}

/* Takes the value off a body's end: its last statement, an expression without ';'. */
static struct node *take_value(struct nodes *body)
{
	struct node *last = body->tail, *before = NULL;

	if (!body->open_end || !last || last->kind != NODE_EXPR_STMT)
		return NULL;
	list_each (it, body->head)
		if (it->next == last)
			before = it;
	if (before)
		before->next = NULL;
	else
		body->head = NULL;
	body->tail = before;
	return last->a;
}

struct node *build_block_expr(struct parser *ps, struct loc loc, struct nodes body)
{
	struct node *value = take_value(&body), *n;

	if (!value) {
		diag_error(ps->diag, loc, NO_VALUE);
		value = build_number(ps, NODE_INT, loc, 0);
	}
	n = build_list(ps, NODE_BLOCK_EXPR, loc, body);
	n->a = value;
	set_height(ps, n, value->height);
	return n;
}

struct node *build_macro(struct parser *ps, struct loc loc, const char *name, struct nodes params,
        struct loc body_loc, struct nodes body)
{
	struct node *n = build_list(ps, NODE_MACRO, loc, params), *value;

	n->name = name;
	if (!body.open_end || body.tail->kind != NODE_EXPR_STMT)
		n->d = build_list(ps, NODE_BLOCK, body_loc, body);
	else if (body.head == body.tail && (value = take_value(&body)))
		n->a = value;
	else
		n->a = build_block_expr(ps, body_loc, body);
	set_height(ps, n, n->a ? n->a->height : n->d->height);
	return n;
}

struct node *build_probe(
        struct parser *ps, struct loc loc, struct nodes points, struct node *predicate, struct node *block)
{
	struct node *n = build_tree(ps, NODE_PROBE, loc, predicate, NULL, NULL, block);

	n->list = points.head;
	return n;
}

struct type_name *build_type(struct parser *ps, struct loc loc, const char *name, int tag, struct node *of)
{
	struct type_name *t = arena_new(ps->arena, struct type_name);

	t->name = name;
	t->tag = tag;
	t->of = of;
	t->loc = loc;
	return t;
}

void build_suffix(struct parser *ps, struct type_name *t, struct loc loc, int kind, uint64_t count)
{
	const unsigned max = sizeof(t->suffix) / sizeof(*t->suffix);

	t->loc.end = loc.end;
	if (t->nsuffix == max) {
		diag_error(ps->diag, t->loc, TYPE_SUFFIXES, (int)max);
		return;
	}
	t->suffix[t->nsuffix].kind = kind;
	t->suffix[t->nsuffix++].count = count;
}
