/* SPDX-License-Identifier: Apache-2.0 */
/* What the grammar's actions call: makes nodes, keeps the tree's height in bounds, checks forms. */
#ifndef KSCOPE_PARSER_BUILD_H
#define KSCOPE_PARSER_BUILD_H

#include "lexer/lexer.h"
#include "parser/ast.h"

struct parser {
	struct arena *arena;
	struct diag *diag;
	struct lexer lexer;
	struct node *script;
};

/* A list while it grows. */
struct nodes {
	struct node *head, *tail;
	uint32_t height;
	/* Of a body's last statement: an expression without ';', so perhaps the body's value. */
	bool open_end;
};

struct lexeme {
	const char *text;
	size_t len;
};

void nodes_add(struct nodes *list, struct node *n);

struct node *build(struct parser *ps, enum node_kind kind, struct loc loc);
struct node *build_name(struct parser *ps, enum node_kind kind, struct loc loc, const char *name);
struct node *build_number(struct parser *ps, enum node_kind kind, struct loc loc, uint64_t value);
struct node *build_string(struct parser *ps, struct loc loc, struct lexeme s);
/* a, b, c, d may be NULL */
struct node *build_tree(struct parser *ps, enum node_kind kind, struct loc loc, struct node *a,
        struct node *b, struct node *c, struct node *d);
struct node *build_op(
        struct parser *ps, enum node_kind kind, struct loc loc, enum op op, struct node *a, struct node *b);
struct node *build_list(struct parser *ps, enum node_kind kind, struct loc loc, struct nodes list);
struct node *build_call(struct parser *ps, struct loc loc, const char *name, struct nodes args, bool bang);
struct node *build_map(struct parser *ps, struct loc loc, const char *name, struct nodes keys);
struct node *build_cast(struct parser *ps, struct loc loc, struct type_name *to, struct node *a);
/* SIZEOF, OFFSETOF, TYPEOF: one of `to` and `a` is NULL */
struct node *build_type_op(struct parser *ps, enum node_kind kind, struct loc loc, struct type_name *to,
        struct node *a, const char *path);

struct node *build_incdec(struct parser *ps, struct loc loc, enum op op, struct node *a);
struct node *build_assign(struct parser *ps, struct loc loc, enum op op, struct node *a, struct node *b);
struct node *build_let(
        struct parser *ps, struct loc loc, struct node *var, struct type_name *to, struct node *value);
/* (a), (a, b), (a=1): FIELD_INITs without a name are plain expressions */
struct node *build_parentheses(struct parser *ps, struct loc loc, struct nodes items, bool comma);
struct node *build_field_init(struct parser *ps, struct loc loc, struct node *name, struct node *value);
/* A condition; a record with one field is an assignment by mistake. */
struct node *build_condition(struct parser *ps, struct node *cond);
/* { … } as an expression, and as a macro's body */
struct node *build_block_expr(struct parser *ps, struct loc loc, struct nodes body);
struct node *build_macro(struct parser *ps, struct loc loc, const char *name, struct nodes params,
        struct loc body_loc, struct nodes body);
struct node *build_probe(
        struct parser *ps, struct loc loc, struct nodes points, struct node *predicate, struct node *block);

struct type_name *build_type(struct parser *ps, struct loc loc, const char *name, int tag, struct node *of);
void build_suffix(struct parser *ps, struct type_name *t, struct loc loc, int kind, uint64_t count);

#endif
