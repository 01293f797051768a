/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints a tree for -d ast, a node a line:
 *
 *     assign +=
 *       map @bytes
 *         ident comm
 *       field .ret
 *         ident args
 *
 * Where children of a kind could be mistaken for each other, a word on a line of its own
 * stands above them ("else", "value").
 */
#include "parser/ast.h"

#include <inttypes.h>

#include "base/str.h"
#include "parser/c_ast.h"

static void indent(struct strbuf *out, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		strbuf_adds(out, "  ");
}

static void add_quoted(struct strbuf *out, const char *s, size_t len)
{
	strbuf_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '\n')
			strbuf_adds(out, "\\n");
		else if (c == '\t')
			strbuf_adds(out, "\\t");
		else if (c == '"' || c == '\\')
			strbuf_addf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			strbuf_addf(out, "\\x%02x", c);
		else
			strbuf_addc(out, (char)c);
	}
	strbuf_addc(out, '"');
}

static void add_type_name(struct strbuf *out, const struct type_name *t)
{
	switch (t->tag) {
	case TN_PLAIN:
		break;
	case TN_STRUCT:
		strbuf_adds(out, "struct ");
		break;
	case TN_UNION:
		strbuf_adds(out, "union ");
		break;
	case TN_ENUM:
		strbuf_adds(out, "enum ");
		break;
	case TN_TYPEOF:
		strbuf_adds(out, "typeof(…)");
		break;
	}
	if (t->name)
		strbuf_adds(out, t->name);
	for (unsigned i = 0; i < t->nsuffix; i++) {
		if (t->suffix[i].kind == TS_PTR)
			strbuf_addc(out, '*');
		else
			strbuf_addf(out, "[%" PRIu64 "]", t->suffix[i].count);
	}
}

/* What stands behind the kind's name on the node's line. */
static void add_details(struct strbuf *out, const struct node *n)
{
	switch (n->kind) {
	case NODE_INT:
		strbuf_addf(out, n->is_unsigned ? " %" PRIu64 "u" : " %" PRIu64, n->ival);
		break;
	case NODE_BOOL:
		strbuf_adds(out, n->ival ? " true" : " false");
		break;
	case NODE_STRING:
		strbuf_addc(out, ' ');
		add_quoted(out, n->name, n->ival);
		break;
	case NODE_IMPORT:
		strbuf_addf(out, " \"%s\"", n->name);
		break;
	case NODE_PARAM:
		strbuf_addf(out, " $%" PRIu64, n->ival);
		break;
	case NODE_VAR:
		strbuf_addf(out, " $%s", n->name);
		break;
	case NODE_MAP:
		strbuf_addf(out, n->old_keys ? " %s (tuple)" : " %s", n->name);
		break;
	case NODE_CALL:
		strbuf_addf(out, n->ival ? " %s!" : " %s", n->name);
		break;
	case NODE_UNOP:
	case NODE_BINOP:
		strbuf_addf(out, " %s", op_spelling(n->op));
		break;
	case NODE_INCDEC:
		strbuf_adds(out, n->op == OP_PREINC || n->op == OP_PREDEC ? " prefix " : " postfix ");
		strbuf_adds(out, op_spelling(n->op));
		break;
	case NODE_ASSIGN:
		strbuf_addf(
		        out, n->op == OP_SET ? " =%s" : " %s=", n->op == OP_SET ? "" : op_spelling(n->op));
		break;
	case NODE_TERNARY:
		strbuf_adds(out, n->b ? "" : " ?:");
		break;
	case NODE_FIELD:
		strbuf_addf(out, " .%s", n->name);
		break;
	case NODE_TUPLE_AT:
		strbuf_addf(out, " .%" PRIu64, n->ival);
		break;
	case NODE_CAST:
	case NODE_SIZEOF:
	case NODE_OFFSETOF:
	case NODE_TYPEOF:
	case NODE_LET:
		if (n->to) {
			strbuf_addc(out, ' ');
			add_type_name(out, n->to);
		}
		if (n->kind == NODE_OFFSETOF)
			strbuf_addf(out, " .%s", n->name);
		break;
	case NODE_IDENT:
	case NODE_FIELD_INIT:
	case NODE_ATTACH_POINT:
	case NODE_CONFIG_ITEM:
	case NODE_MACRO:
	case NODE_MAP_DECL:
		strbuf_addf(out, " %s", n->name ? n->name : "?");
		break;
	case NODE_NPARAMS:
	case NODE_INDEX:
	case NODE_TUPLE:
	case NODE_RECORD:
	case NODE_BLOCK_EXPR:
	case NODE_EXPR_STMT:
	case NODE_IF:
	case NODE_FOR_RANGE:
	case NODE_FOR_MAP:
	case NODE_WHILE:
	case NODE_UNROLL:
	case NODE_BREAK:
	case NODE_CONTINUE:
	case NODE_RETURN:
	case NODE_BLOCK:
	case NODE_PROBE:
	case NODE_CONFIG:
	case NODE_CDEF:
	case NODE_SCRIPT:
	case NODE_KIND_COUNT:
		break;
	}
}

static void print_under(struct strbuf *out, const char *word, const struct node *n, unsigned depth)
{
	if (!n)
		return;
	indent(out, depth);
	strbuf_addf(out, "%s\n", word);
	ast_print(out, n, depth + 1);
}

static const char *word_above_a(const struct node *n)
{
	if (n->kind == NODE_PROBE)
		return "predicate";
	return n->kind == NODE_BLOCK_EXPR || n->kind == NODE_MACRO ? "value" : NULL;
}

void ast_print(struct strbuf *out, const struct node *n, unsigned depth)
{
	const char *above;

	if (!n)
		return;
	above = word_above_a(n);
	indent(out, depth);
	strbuf_adds(out, node_kind_name(n->kind));
	add_details(out, n);
	if (n->type) {
		strbuf_adds(out, " :: ");
		type_print(out, n->type);
	}
	strbuf_addc(out, '\n');

	depth++;
	if (n->c_definition)
		c_definition_print(out, n->c_definition, depth);
	list_each (it, n->list)
		ast_print(out, it, depth);
	if (above)
		print_under(out, above, n->a, depth);
	else if (n->a)
		ast_print(out, n->a, depth);
	if (n->b && n->kind == NODE_CAST)
		print_under(out, "of", n->b, depth);
	else if (n->b)
		ast_print(out, n->b, depth);
	if (n->c && n->kind == NODE_IF)
		print_under(out, "else", n->c, depth);
	else if (n->c)
		ast_print(out, n->c, depth);
	if (n->d)
		ast_print(out, n->d, depth);
	if (n->to && n->to->of && n->kind != NODE_CAST)
		print_under(out, "of", n->to->of, depth);
}
