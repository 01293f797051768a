/* SPDX-License-Identifier: Apache-2.0 */
/* Between c_types.c and c_constants.c: names and types of a script's C definitions. */
#ifndef KSCOPE_CHECK_C_TYPES_H
#define KSCOPE_CHECK_C_TYPES_H

#include "check/pass.h"
#include "parser/c_ast.h"

#define C_NAME_BUCKETS 256

enum c_name_kind { C_NAME_TAG, C_NAME_TYPEDEF, C_NAME_CONSTANT };

/* What a type of C is to the language, and to the struct that holds it. */
struct c_resolved {
	struct type *type;
	uint64_t size;
	uint32_t align;
	unsigned depth;   /* pointers and arrays around it */
	bool is_char;     /* its arrays are strings */
	bool is_function; /* only pointers to it are of use */
	bool complete;    /* the size is known */
};

struct c_name {
	enum c_name_kind kind;
	const char *name;
	struct c_body *body;        /* TAG */
	struct c_resolved resolved; /* TYPEDEF */
	int64_t number;             /* CONSTANT */
	struct c_name *next;
};

struct c_names {
	struct c_name *buckets[C_NAME_BUCKETS];
};

struct c_name *c_names_find(struct c_names *names, enum c_name_kind kind, const char *name);

/* Type error after an error, which is reported. by_value: its size matters. */
struct c_resolved c_resolve(struct check *c, const struct c_type *t, bool by_value);

/* c_constants.c: the value of a constant expression; false after an error, which is reported. */
bool c_constant(struct check *c, const struct node *n, int64_t *value);

#endif
