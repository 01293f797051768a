/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C definitions of a script as they are written: struct, union, enum and typedef.
 * Names are not resolved and nothing has a size here: that is check's business
 * (check/c_types.c), which knows the kernel's types too. Constant expressions are
 * ordinary nodes (parser/ast.h); a SIZEOF or CAST among them has `c_type` set.
 */
#ifndef KSCOPE_PARSER_C_AST_H
#define KSCOPE_PARSER_C_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/source.h"
#include "lang/types.h"

struct node;
struct strbuf;

/* Pointers, dimensions and parentheses around one declared name. */
#define C_MAX_DERIVED 64

enum c_type_kind {
	C_BASE,  /* base: "unsigned long", "float" */
	C_NAMED, /* name: a typedef, of the script or the kernel */
	C_TAG,   /* tag, name (NULL when it has none), body (NULL when it is only named) */
	C_PTR,   /* of, user */
	C_ARRAY, /* of, count (NULL: []) */
	C_FUNC,  /* of: what it returns; its parameters are stepped over */
};

enum c_tag { C_STRUCT, C_UNION, C_ENUM };

struct c_attributes {
	bool packed;
	struct node *aligned; /* or NULL */
};

struct c_type {
	enum c_type_kind kind;
	struct loc loc;
	struct type *base;
	uint32_t base_align; /* BASE: where it is not the type's size */
	bool is_char;        /* BASE: char, whose arrays are strings */
	enum c_tag tag;
	const char *name;
	struct c_body *body;
	struct c_type *of;
	struct node *count;
	bool user; /* PTR with __user */
};

/* A member, or a name that a typedef gives. */
struct c_member {
	const char *name; /* NULL: an anonymous struct or union, or bits without a name */
	struct c_type *type;
	struct node *bits; /* width of a bit field, or NULL */
	struct c_attributes attributes;
	struct loc loc;
	struct c_member *next;
};

struct c_enumerator {
	const char *name;
	struct node *value; /* NULL: one more than the one before */
	struct loc loc;
	struct c_enumerator *next;
};

/* What stands between the braces of a struct, union or enum. */
struct c_body {
	enum c_tag tag;
	const char *name; /* NULL: none */
	struct loc loc;   /* "struct name" */
	struct c_member *members;
	struct c_enumerator *enumerators;
	struct c_attributes attributes;
	struct c_body *next; /* in the same definition, in the order in which they end */

	/* set by check */
	bool defined; /* its size is known */
	struct type *type;
	uint32_t align;
};

/* A whole definition up to its ';', the payload of NODE_CDEF. */
struct c_definition {
	bool is_typedef;
	struct c_type *type;    /* what was written in front of the names */
	struct c_member *names; /* of a typedef */
	struct c_body *bodies;  /* all that it has, nested ones included */
};

const char *c_tag_name(enum c_tag tag); /* "struct" */

/* "unsigned long", "struct foo", "int[4][2]", "char*" */
void c_type_print(struct strbuf *out, const struct c_type *t);
/* For -d ast: the definition at a depth, a member a line. */
void c_definition_print(struct strbuf *out, const struct c_definition *d, unsigned depth);

#endif
