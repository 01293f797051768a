/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions, the bodies of structs, unions and enums, and how to go on after an error. */
#include "parser/c_parse.h"

#include <string.h>

#include "base/arena.h"
#include "lang/errors.h"
#include "parser/build.h"

#define MAX_DEPTH 400

/* --- tokens --- */

void c_advance(struct c_parser *p)
{
	p->before = p->loc;
	p->token = lexer_next(&p->value, &p->loc, &p->ps->lexer);
	if (p->ps->lexer.stop)
		p->failed = true; /* and reported */
}

bool c_take(struct c_parser *p, int token)
{
	if (p->failed || p->token != token)
		return false;
	c_advance(p);
	return true;
}

void c_unexpected(struct c_parser *p, const char *what)
{
	const char *text = p->ps->lexer.source->text + p->loc.start, *token;
	uint32_t len = p->loc.end - p->loc.start;

	if (p->failed)
		return;
	p->failed = true;
	token = p->token == TOK_END ? "the script's end"
	                            : arena_printf(p->ps->arena, "'%.*s'", (int)(len < 30 ? len : 30), text);
	diag_error(p->ps->diag, p->loc, SYNTAX, token, arena_printf(p->ps->arena, ", expected %s", what));
}

void c_expect(struct c_parser *p, int token, const char *what)
{
	if (!c_take(p, token))
		c_unexpected(p, what);
}

const char *c_word(const struct c_parser *p)
{
	switch (p->token) {
	case TOK_IDENT:
	case TOK_TYPE:
	case TOK_BREAK:
	case TOK_CONFIG:
	case TOK_CONTINUE:
	case TOK_ELSE:
	case TOK_FOR:
	case TOK_IF:
	case TOK_IMPORT:
	case TOK_LET:
	case TOK_MACRO:
	case TOK_OFFSETOF:
	case TOK_RETURN:
	case TOK_TYPEOF:
	case TOK_UNROLL:
	case TOK_WHILE:
		return p->value.string.text;
	}
	return NULL;
}

bool c_word_is(const struct c_parser *p, const char *word)
{
	const char *text = c_word(p);

	return text && strcmp(text, word) == 0;
}

bool c_at_paren(const struct c_parser *p)
{
	return p->token == '(' || p->token == TOK_CAST || p->token == TOK_TYPE_OPEN;
}

void c_skip_parentheses(struct c_parser *p)
{
	unsigned depth = 0;

	do {
		if (p->failed)
			return;
		if (p->token == TOK_END) {
			c_unexpected(p, "')'");
			return;
		}
		depth += c_at_paren(p);
		depth -= p->token == ')';
		c_advance(p);
	} while (depth);
}

bool c_enter(struct c_parser *p)
{
	if (p->failed)
		return false;
	if (++p->depth <= MAX_DEPTH)
		return true;
	p->failed = true;
	diag_error(p->ps->diag, p->loc, NESTED_TOO_DEEPLY);
	return false;
}

/* --- bodies --- */

/* An anonymous struct or union is a member by itself; any other type without a name declares nothing. */
static bool is_anonymous_member(const struct c_type *t)
{
	return t->kind == C_TAG && t->body && !t->name && t->tag != C_ENUM;
}

static struct c_member *new_member(
        struct c_parser *p, struct c_type *t, const struct c_attributes *attributes)
{
	struct c_member *m = arena_new(p->ps->arena, struct c_member);

	m->type = t;
	m->loc = t->loc;
	m->attributes = *attributes;
	return m;
}

/* int a, *b[4], c : 3, : 2; */
static struct c_member **parse_members(struct c_parser *p, struct c_member **last)
{
	struct c_attributes attributes = { 0 };
	struct c_type *base = c_parse_specifiers(p, &attributes);

	if (p->failed)
		return last;
	if (p->token == ';') {
		if (is_anonymous_member(base)) {
			*last = new_member(p, base, &attributes);
			last = &(*last)->next;
		}
		c_advance(p);
		return last;
	}
	do {
		struct c_member *m = new_member(p, base, &attributes);

		if (p->token != ':')
			m->type = c_parse_declarator(p, base, &m->name, &m->loc, &m->attributes);
		if (!m->name && p->token != ':')
			c_unexpected(p, "a member's name");
		if (c_take(p, ':'))
			m->bits = c_parse_constant(p);
		c_parse_attributes(p, &m->attributes);
		*last = m;
		last = &m->next;
	} while (c_take(p, ','));
	c_expect(p, ';', "';'");
	return last;
}

static void parse_struct_body(struct c_parser *p, struct c_body *b)
{
	struct c_member **last = &b->members;

	while (!p->failed && p->token != '}') {
		if (!c_take(p, ';'))
			last = parse_members(p, last);
	}
}

static void parse_enum_body(struct c_parser *p, struct c_body *b)
{
	struct c_enumerator **last = &b->enumerators;

	while (!p->failed && p->token != '}') {
		struct c_enumerator *e = arena_new(p->ps->arena, struct c_enumerator);
		struct c_attributes ignored = { 0 };

		e->name = c_word(p);
		e->loc = p->loc;
		if (!e->name)
			c_unexpected(p, "a constant's name");
		else
			c_advance(p);
		c_parse_attributes(p, &ignored);
		if (c_take(p, '='))
			e->value = c_parse_constant(p);
		*last = e;
		last = &e->next;
		if (!c_take(p, ','))
			break;
	}
}

static void parse_body(struct c_parser *p, struct c_type *t, const struct c_attributes *attributes)
{
	struct c_body *b = arena_new(p->ps->arena, struct c_body);

	b->tag = t->tag;
	b->name = t->name;
	b->loc = t->loc;
	b->attributes = *attributes;
	if (!c_enter(p))
		return;
	c_advance(p); /* '{' */
	if (t->tag == C_ENUM)
		parse_enum_body(p, b);
	else
		parse_struct_body(p, b);
	if (p->failed)
		return;
	/* Behind the last brace a missing ';' is a common slip: see finish(). */
	c_expect(p, '}', t->tag == C_ENUM ? "',' or '}'" : "'}'");
	c_parse_attributes(p, &b->attributes);
	t->body = b;
	*p->last_body = b;
	p->last_body = &b->next;
	p->depth--;
}

struct c_type *c_parse_tag(struct c_parser *p, struct c_attributes *attributes)
{
	struct c_type *t = arena_new(p->ps->arena, struct c_type);
	struct c_attributes own = { 0 };

	t->kind = C_TAG;
	t->tag = p->token == TOK_STRUCT ? C_STRUCT : p->token == TOK_UNION ? C_UNION : C_ENUM;
	t->loc = p->loc;
	c_advance(p);
	c_parse_attributes(p, &own);
	t->name = c_word(p);
	if (t->name) {
		t->loc.end = p->loc.end;
		c_advance(p);
	}
	if (p->token == '{' || p->token == TOK_EXPR_BRACE)
		parse_body(p, t, &own);
	else if (!t->name)
		c_unexpected(p, "a name or '{'");
	else
		c_parse_attributes(p, attributes);
	return t;
}

/* --- definitions --- */

static void parse_typedef(struct c_parser *p)
{
	struct c_attributes attributes = { 0 };
	struct c_member **last = &p->definition->names;

	p->definition->is_typedef = true;
	c_advance(p);
	p->definition->type = c_parse_specifiers(p, &attributes);
	do {
		struct c_member *m;

		if (p->failed)
			return;
		m = new_member(p, p->definition->type, &attributes);
		m->type = c_parse_declarator(p, p->definition->type, &m->name, &m->loc, &m->attributes);
		if (!m->name)
			c_unexpected(p, "a name for the type");
		c_parse_attributes(p, &m->attributes);
		*last = m;
		last = &m->next;
	} while (c_take(p, ','));
	if (p->token != ';')
		c_unexpected(p, "';'");
}

static bool is_on_new_line(const struct c_parser *p)
{
	const char *text = p->ps->lexer.source->text;

	return p->loc.start > p->before.end &&
	       memchr(text + p->before.end, '\n', p->loc.start - p->before.end);
}

/* What may follow a struct, union or enum at the top: only ';'. */
static void finish_tag(struct c_parser *p)
{
	if (p->failed || p->token == ';')
		return;
	if (p->definition->type->body && (is_on_new_line(p) || p->token == TOK_END)) {
		/* What follows was already read as if it belonged here. */
		diag_error(p->ps->diag, p->before, C_SEMICOLON, c_tag_name(p->definition->type->tag));
		p->ps->lexer.stop = true;
	} else {
		diag_error(p->ps->diag, p->loc, C_VARIABLE);
	}
	p->failed = true;
}

/* Skips to the ';' that ends the definition. */
static void skip_definition(struct c_parser *p)
{
	while (p->token != TOK_END && p->ps->lexer.place == PLACE_C)
		p->token = lexer_next(&p->value, &p->loc, &p->ps->lexer);
}

struct node *c_parse_definition(
        struct parser *ps, int token, const union KPARSE_STYPE *value, struct loc *loc)
{
	struct c_parser p = { .ps = ps, .token = token, .value = *value, .loc = *loc };
	struct c_attributes ignored = { 0 };
	struct node *n;

	p.definition = arena_new(ps->arena, struct c_definition);
	p.last_body = &p.definition->bodies;
	if (token == TOK_TYPEDEF) {
		parse_typedef(&p);
	} else {
		p.definition->type = c_parse_specifiers(&p, &ignored);
		finish_tag(&p);
	}
	if (p.failed)
		skip_definition(&p);
	ps->lexer.place = PLACE_TOP; /* at the script's end, too */
	if (p.failed)
		return NULL;
	loc->end = p.loc.end;
	n = build(ps, NODE_CDEF, *loc);
	n->c_definition = p.definition;
	return n;
}
