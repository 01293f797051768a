/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C definitions for -d ast, types in the language's postfix form:
 *
 *     c-definition
 *       struct point packed
 *         x int32
 *         names int8*[4]
 *         flags uint32 : 3
 */
#include "base/str.h"
#include "parser/ast.h"
#include "parser/c_ast.h"

const char *c_tag_name(enum c_tag tag)
{
	return tag == C_STRUCT ? "struct" : tag == C_UNION ? "union" : "enum";
}

static void indent(struct strbuf *out, unsigned depth)
{
	while (depth--)
		strbuf_adds(out, "  ");
}

/* Constants stay on the line: "(4 + N)". */
static void print_constant(struct strbuf *out, const struct node *n)
{
	if (n->kind == NODE_INT) {
		strbuf_addf(out, "%llu", (unsigned long long)n->ival);
	} else if (n->kind == NODE_IDENT) {
		strbuf_adds(out, n->name);
	} else if (n->kind == NODE_SIZEOF) {
		strbuf_adds(out, "sizeof(");
		c_type_print(out, n->c_type);
		strbuf_addc(out, ')');
	} else if (n->kind == NODE_CAST) {
		strbuf_addc(out, '(');
		c_type_print(out, n->c_type);
		strbuf_addc(out, ')');
		print_constant(out, n->a);
	} else if (n->kind == NODE_UNOP) {
		strbuf_adds(out, op_spelling(n->op));
		print_constant(out, n->a);
	} else {
		bool ternary = n->kind == NODE_TERNARY;

		strbuf_addc(out, '(');
		print_constant(out, n->a);
		strbuf_addf(out, " %s ", ternary ? "?" : op_spelling(n->op));
		print_constant(out, n->b);
		if (ternary) {
			strbuf_adds(out, " : ");
			print_constant(out, n->c);
		}
		strbuf_addc(out, ')');
	}
}

void c_type_print(struct strbuf *out, const struct c_type *t)
{
	switch (t->kind) {
	case C_BASE:
		if (t->is_char)
			strbuf_adds(out, "char");
		else
			type_print(out, t->base);
		break;
	case C_NAMED:
		strbuf_adds(out, t->name);
		break;
	case C_TAG:
		strbuf_addf(out, "%s %s", c_tag_name(t->tag), t->name ? t->name : "(anonymous)");
		break;
	case C_PTR:
		c_type_print(out, t->of);
		strbuf_adds(out, t->user ? " __user*" : "*");
		break;
	case C_ARRAY:
		c_type_print(out, t->of);
		strbuf_addc(out, '[');
		if (t->count)
			print_constant(out, t->count);
		strbuf_addc(out, ']');
		break;
	case C_FUNC:
		c_type_print(out, t->of);
		strbuf_adds(out, "()");
		break;
	}
}

static void print_attributes(struct strbuf *out, const struct c_attributes *a)
{
	if (a->packed)
		strbuf_adds(out, " packed");
	if (a->aligned) {
		strbuf_adds(out, " aligned ");
		print_constant(out, a->aligned);
	}
}

static void print_body(struct strbuf *out, const struct c_body *b, unsigned depth);

/* The body that is written inside the type, NULL when there is none. */
static const struct c_body *body_in(const struct c_type *t)
{
	while (t->kind != C_TAG && t->of)
		t = t->of;
	return t->body;
}

static void print_member(struct strbuf *out, const struct c_member *m, unsigned depth)
{
	indent(out, depth);
	strbuf_addf(out, "%s ", m->name ? m->name : "(unnamed)");
	c_type_print(out, m->type);
	if (m->bits) {
		strbuf_adds(out, " : ");
		print_constant(out, m->bits);
	}
	print_attributes(out, &m->attributes);
	strbuf_addc(out, '\n');
	if (body_in(m->type) && !body_in(m->type)->name)
		print_body(out, body_in(m->type), depth + 1);
}

static void print_body(struct strbuf *out, const struct c_body *b, unsigned depth)
{
	indent(out, depth);
	strbuf_addf(out, "%s %s", c_tag_name(b->tag), b->name ? b->name : "(anonymous)");
	print_attributes(out, &b->attributes);
	strbuf_addc(out, '\n');
	for (const struct c_member *m = b->members; m; m = m->next)
		print_member(out, m, depth + 1);
	for (const struct c_enumerator *e = b->enumerators; e; e = e->next) {
		indent(out, depth + 1);
		strbuf_adds(out, e->name);
		if (e->value) {
			strbuf_adds(out, " = ");
			print_constant(out, e->value);
		}
		strbuf_addc(out, '\n');
	}
}

/* Is it the type of a member inside, or of a typedef, which then print it? */
static bool printed_inside(const struct c_definition *d, const struct c_body *b)
{
	return !b->name && b != d->type->body;
}

void c_definition_print(struct strbuf *out, const struct c_definition *d, unsigned depth)
{
	for (const struct c_body *b = d->bodies; b; b = b->next) {
		if (!printed_inside(d, b))
			print_body(out, b, depth);
	}
	for (const struct c_member *m = d->names; m; m = m->next) {
		indent(out, depth);
		strbuf_addf(out, "typedef %s ", m->name);
		c_type_print(out, m->type);
		print_attributes(out, &m->attributes);
		strbuf_addc(out, '\n');
	}
	if (!d->bodies && !d->is_typedef) {
		indent(out, depth);
		c_type_print(out, d->type);
		strbuf_addc(out, '\n');
	}
}
