/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The abstract syntax tree. One node shape for all kinds, so that passes can walk
 * it generically; the comment at each kind says which members it uses. Passes
 * annotate nodes (the members below "set by check") but do not move them.
 */
#ifndef KSCOPE_PARSER_AST_H
#define KSCOPE_PARSER_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/source.h"
#include "lang/types.h"

struct arena;
struct c_definition;
struct c_type;
struct strbuf;

enum node_kind {
	/* expressions */
	NODE_INT,     /* ival; durations come in ns */
	NODE_BOOL,    /* ival 0 or 1 */
	NODE_STRING,  /* name: bytes after escapes, ival: their number */
	NODE_PARAM,   /* $1: ival; resolved by check to INT or STRING by context */
	NODE_NPARAMS, /* $# */
	NODE_IDENT,   /* name: builtin, macro or enum constant */
	NODE_VAR,     /* $x: name without the sign */
	NODE_MAP,  /* @m or @m[k…]: name with the sign, list: keys, ival: number of keys; a tuple stands for
	              itself */
	NODE_CALL, /* name, list: arguments; ival 1 when written name!(…) */
	NODE_UNOP, /* op: - ! ~ * &; a */
	NODE_INCDEC,     /* op: OP_PREINC …; a: VAR or MAP */
	NODE_BINOP,      /* op, a, b */
	NODE_TERNARY,    /* a ? b : c; in `a ?: c`, b is NULL */
	NODE_CAST,       /* to, a; for (typeof(e))x: b is e */
	NODE_FIELD,      /* a.name */
	NODE_TUPLE_AT,   /* a.ival */
	NODE_INDEX,      /* a[b] */
	NODE_TUPLE,      /* list, ival: their number */
	NODE_RECORD,     /* list of FIELD_INIT */
	NODE_FIELD_INIT, /* name = a */
	NODE_SIZEOF,     /* to, or a */
	NODE_OFFSETOF,   /* to (or a), name: "a.b.c" */
	NODE_TYPEOF,     /* a or to, where a type is expected */
	NODE_BLOCK_EXPR, /* list: statements, a: the value */
	/* statements */
	NODE_EXPR_STMT, /* a */
	NODE_ASSIGN,    /* op: OP_SET, OP_ADD …; a: VAR, MAP, or IDENT "_" (discard); b */
	NODE_LET,       /* a: VAR; to: type or NULL; b: value or NULL */
	NODE_IF,        /* a, b: BLOCK, c: BLOCK or IF or NULL */
	NODE_FOR_RANGE, /* a: VAR, b … c, d: BLOCK */
	NODE_FOR_MAP,   /* a: VAR, b: MAP, d: BLOCK */
	NODE_WHILE,     /* a, d: BLOCK */
	NODE_UNROLL,    /* a, d: BLOCK */
	NODE_BREAK,
	NODE_CONTINUE,
	NODE_RETURN, /* a or NULL */
	NODE_BLOCK,  /* list */
	/* top level */
	NODE_PROBE,        /* list: ATTACH_POINTs, a: predicate or NULL, d: BLOCK */
	NODE_ATTACH_POINT, /* name: the text as written without blanks around it,
	                      "tracepoint:syscalls:sys_enter_*" */
	NODE_CONFIG,       /* list: CONFIG_ITEMs */
	NODE_CONFIG_ITEM,  /* name, a: INT, BOOL, STRING or IDENT */
	NODE_IMPORT,       /* name: path */
	NODE_MACRO,        /* name, list: parameters (VAR, IDENT, MAP), a: value expression or d: BLOCK */
	NODE_MAP_DECL,     /* name: map, a: CALL with the map type's name and size */
	NODE_CDEF,         /* c_definition: struct, union, enum or typedef of C */
	NODE_SCRIPT,       /* list: PROBE, CONFIG, IMPORT, MACRO, MAP_DECL, CDEF in order */
	NODE_KIND_COUNT,
};

enum op {
	OP_NONE,
	/* binary, and compound assignment with the same operator */
	OP_ADD,
	OP_SUB,
	OP_MUL,
	OP_DIV,
	OP_MOD,
	OP_SHL,
	OP_SHR,
	OP_BAND,
	OP_BOR,
	OP_BXOR,
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_LAND,
	OP_LOR,
	OP_SET, /* plain assignment */
	/* unary */
	OP_NEG,
	OP_LNOT,
	OP_BNOT,
	OP_DEREF,
	OP_ADDR,
	OP_PREINC,
	OP_PREDEC,
	OP_POSTINC,
	OP_POSTDEC,
	OP_COUNT,
};

/* A type as written; check resolves it into a struct type. */
struct type_name {
	const char *name; /* "uint32", "string", "buffer", "task_struct" */
	enum { TN_PLAIN, TN_STRUCT, TN_UNION, TN_ENUM, TN_TYPEOF } tag;
	struct node *of;     /* TN_TYPEOF */
	struct type_suffix { /* postfix, left to right */
		enum { TS_PTR, TS_ARRAY } kind;
		uint64_t count; /* of an array; for string[N] and buffer[N] the size */
	} suffix[8];
	unsigned nsuffix;
	struct loc loc;
	bool is_bad; /* set by check: reported */
};

struct node {
	enum node_kind kind;
	enum op op;
	struct loc loc;
	const char *name;
	uint64_t ival;
	uint32_t height;  /* of the tree from here down; the parser keeps it below AST_MAX_HEIGHT, so that
	                     passes can recurse */
	bool is_unsigned; /* INT that does not fit in int64 */
	bool old_keys;    /* MAP: the keys came as one tuple, @m[(1,2)]; CALL: none */
	struct type_name *to;
	struct c_type *c_type; /* SIZEOF, CAST in a constant of a C definition */
	struct c_definition *c_definition;
	struct node *a, *b, *c, *d;
	struct node *list, *next;

	/* set by check */
	struct type *type;         /* of an expression */
	bool is_const;             /* ival (INT, BOOL) or name (STRING) is the value */
	int func;                  /* CALL: enum func; IDENT: enum builtin; else -1 until resolved */
	struct var *var;           /* VAR, LET, FOR_* */
	int map;                   /* MAP: index in program.maps, -1 before */
	int event;                 /* CALL that makes an event: index in program.events, -1 before */
	const struct field *field; /* FIELD: the member, after anonymous ones were entered */
	uint32_t field_offset;     /* FIELD: bytes from the start of a's struct */
};

/* A scratch variable; made by check, one per declaration. */
struct var {
	const char *name;
	struct type *type;
	struct loc loc; /* of the declaration or first assignment */
	unsigned width; /* bytes of the widest integer that it was given, 0 when only literals: see bswap() */
	bool declared;  /* by let with a type: the type is fixed */
	bool assigned;  /* given a value somewhere */
	unsigned index; /* unique within its probe */
	struct var *next; /* for the pass that made it */
};

/* Expressions and statements inside each other. */
#define AST_MAX_HEIGHT 500

#define list_each(it, head) for (struct node *it = (head); it; it = it->next)

struct node *node_new(struct arena *a, enum node_kind kind, struct loc loc);
/* Number of nodes in a list. */
unsigned list_length(const struct node *head);
const char *op_spelling(enum op op);          /* "+", "&&", "++" */
const char *node_kind_name(enum node_kind k); /* "binop", as -d ast prints it */

/* Prints a tree, a node a line, two blanks per level, with types where check has set them. */
void ast_print(struct strbuf *out, const struct node *n, unsigned depth);

#endif
