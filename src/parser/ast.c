/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes and the names of their kinds and operators. */
#include "parser/ast.h"

#include "base/arena.h"

struct node *node_new(struct arena *a, enum node_kind kind, struct loc loc)
{
	struct node *n = arena_new(a, struct node);

	n->kind = kind;
	n->loc = loc;
	n->height = 1;
	n->func = n->map = n->event = -1;
	return n;
}

unsigned list_length(const struct node *head)
{
	unsigned n = 0;

	for (; head; head = head->next)
		n++;
	return n;
}

const char *op_spelling(enum op op)
{
	static const char *const spellings[OP_COUNT] = {
		[OP_NONE] = "",
		[OP_ADD] = "+",
		[OP_SUB] = "-",
		[OP_MUL] = "*",
		[OP_DIV] = "/",
		[OP_MOD] = "%",
		[OP_SHL] = "<<",
		[OP_SHR] = ">>",
		[OP_BAND] = "&",
		[OP_BOR] = "|",
		[OP_BXOR] = "^",
		[OP_EQ] = "==",
		[OP_NE] = "!=",
		[OP_LT] = "<",
		[OP_LE] = "<=",
		[OP_GT] = ">",
		[OP_GE] = ">=",
		[OP_LAND] = "&&",
		[OP_LOR] = "||",
		[OP_SET] = "=",
		[OP_NEG] = "-",
		[OP_LNOT] = "!",
		[OP_BNOT] = "~",
		[OP_DEREF] = "*",
		[OP_ADDR] = "&",
		[OP_PREINC] = "++",
		[OP_PREDEC] = "--",
		[OP_POSTINC] = "++",
		[OP_POSTDEC] = "--",
	};

	return spellings[op];
}

const char *node_kind_name(enum node_kind k)
{
	static const char *const names[NODE_KIND_COUNT] = {
		[NODE_INT] = "int",
		[NODE_BOOL] = "bool",
		[NODE_STRING] = "string",
		[NODE_PARAM] = "param",
		[NODE_NPARAMS] = "nparams",
		[NODE_IDENT] = "ident",
		[NODE_VAR] = "var",
		[NODE_MAP] = "map",
		[NODE_CALL] = "call",
		[NODE_UNOP] = "unop",
		[NODE_INCDEC] = "incdec",
		[NODE_BINOP] = "binop",
		[NODE_TERNARY] = "ternary",
		[NODE_CAST] = "cast",
		[NODE_FIELD] = "field",
		[NODE_TUPLE_AT] = "tuple-at",
		[NODE_INDEX] = "index",
		[NODE_TUPLE] = "tuple",
		[NODE_RECORD] = "record",
		[NODE_FIELD_INIT] = "init",
		[NODE_SIZEOF] = "sizeof",
		[NODE_OFFSETOF] = "offsetof",
		[NODE_TYPEOF] = "typeof",
		[NODE_BLOCK_EXPR] = "block-expr",
		[NODE_EXPR_STMT] = "expr",
		[NODE_ASSIGN] = "assign",
		[NODE_LET] = "let",
		[NODE_IF] = "if",
		[NODE_FOR_RANGE] = "for-range",
		[NODE_FOR_MAP] = "for-map",
		[NODE_WHILE] = "while",
		[NODE_UNROLL] = "unroll",
		[NODE_BREAK] = "break",
		[NODE_CONTINUE] = "continue",
		[NODE_RETURN] = "return",
		[NODE_BLOCK] = "block",
		[NODE_PROBE] = "probe",
		[NODE_ATTACH_POINT] = "attach",
		[NODE_CONFIG] = "config",
		[NODE_CONFIG_ITEM] = "item",
		[NODE_IMPORT] = "import",
		[NODE_MACRO] = "macro",
		[NODE_MAP_DECL] = "map-decl",
		[NODE_CDEF] = "c-definition",
		[NODE_SCRIPT] = "script",
	};

	return names[k];
}
