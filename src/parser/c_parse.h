/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser of C definitions: recursive descent over the lexer's tokens. c_parse.c
 * has definitions and members, c_declare.c types and declarators, c_expr.c constant
 * expressions.
 */
#ifndef KSCOPE_PARSER_C_PARSE_H
#define KSCOPE_PARSER_C_PARSE_H

#include "lexer/token.h"
#include "parser/c_ast.h"

struct c_parser {
	struct parser *ps;
	int token; /* at hand */
	union KPARSE_STYPE value;
	struct loc loc;
	struct loc before; /* of the token before it */
	bool failed;       /* an error was reported: everything returns at once */
	unsigned depth;
	struct c_definition *definition;
	struct c_body **last_body;
};

/* Reads a definition whose first token is at hand, up to its ';'. NULL after an error, which is reported and
 * skipped. *loc becomes the definition's place. */
struct node *c_parse_definition(
        struct parser *ps, int token, const union KPARSE_STYPE *value, struct loc *loc);

/* --- between the parser's files --- */

void c_advance(struct c_parser *p);
bool c_take(struct c_parser *p, int token);
void c_expect(struct c_parser *p, int token, const char *what);
/* "unexpected 'foo', expected …" */
void c_unexpected(struct c_parser *p, const char *what);
/* The word at hand, reserved in scripts or not; NULL when it is none. */
const char *c_word(const struct c_parser *p);
bool c_word_is(const struct c_parser *p, const char *word);
/* '(' in all its guises: the lexer looks for casts. */
bool c_at_paren(const struct c_parser *p);
/* Steps over "( … )", whatever is in it. */
void c_skip_parentheses(struct c_parser *p);
bool c_enter(struct c_parser *p); /* a level of recursion; false: too deep, reported */

/* c_parse.c: struct, union or enum is at hand */
struct c_type *c_parse_tag(struct c_parser *p, struct c_attributes *attributes);

/* c_declare.c */
void c_parse_attributes(struct c_parser *p, struct c_attributes *attributes);
struct c_type *c_parse_specifiers(struct c_parser *p, struct c_attributes *attributes);
/* The name is NULL when there is none. */
struct c_type *c_parse_declarator(struct c_parser *p, struct c_type *base, const char **name, struct loc *loc,
        struct c_attributes *attributes);
struct c_type *c_parse_type_name(struct c_parser *p);

/* c_expr.c */
struct node *c_parse_constant(struct c_parser *p);

#endif
