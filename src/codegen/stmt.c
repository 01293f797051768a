/* SPDX-License-Identifier: Apache-2.0 */
/* Statements, except loops. */
#include "codegen/gen.h"

/* `return` and exit(): in a callback, the loops around it are left first. */
void gen_return(struct codegen *g)
{
	if (g->f->is_callback)
		gen_set(g, LLVMBuildStructGEP2(g->b, g->frame_type, g->f->frame, FRAME_STATE, ""),
		        gen_int(g, 1));
	gen_br(g, g->f->done);
	/* What follows in the script is unreachable, and still needs a block. */
	gen_at(g, gen_block(g, "after_return"));
}

static void gen_if(struct codegen *g, struct node *n)
{
	LLVMBasicBlockRef yes = gen_block(g, "then"), no = n->c ? gen_block(g, "else") : NULL;
	LLVMBasicBlockRef end = gen_block(g, "endif");
	struct temps_mark mark = gen_temps_mark(g);
	value is_true = gen_condition(g, n->a);

	gen_temps_release(g, mark);
	gen_cond(g, is_true, yes, no ? no : end);
	gen_at(g, yes);
	gen_stmt(g, n->b);
	gen_br(g, end);
	if (no) {
		gen_at(g, no);
		gen_stmt(g, n->c);
		gen_br(g, end);
	}
	gen_at(g, end);
}

static bool mentions(const struct node *n, const struct var *v)
{
	if (!n)
		return false;
	for (const struct node *k = n->list; k; k = k->next) {
		if (mentions(k, v))
			return true;
	}
	return n->var == v || mentions(n->a, v) || mentions(n->b, v) || mentions(n->c, v) ||
	       mentions(n->d, v);
}

/* gen_obscure() for a string or tuple in the frame; of what is in the slot the verifier knows nothing. */
static void obscure_words(struct codegen *g, const struct var *v, value at)
{
	value p;

	if (!g->has_loops || g->places[v->index].in_slot)
		return;
	for (uint32_t i = 0; i < layout_size(v->type); i += 8) {
		p = gen_offset(g, at, i);
		gen_store_int(g, gen_obscure(g, gen_load(g, p, 8, false)), p, 8);
	}
}

static void store_var(struct codegen *g, const struct var *v, struct node *from)
{
	value at = gen_var_address(g, v), tmp;

	if (type_is_memory(v->type)) {
		if (mentions(from, v)) {
			/* `$t = ($t.1, $t.0)`: the new value is made from the old one. */
			tmp = gen_temp(g, layout_size(v->type));
			gen_store(g, from, tmp, v->type);
			gen_copy(g, at, tmp, layout_size(v->type));
		} else {
			gen_store(g, from, at, v->type);
		}
		obscure_words(g, v, at);
		return;
	}
	LLVMBuildStore(g->b, gen_obscure(g, gen_extend(g, gen_value(g, from), v->type)), at);
}

static void gen_assign_var(struct codegen *g, struct node *n)
{
	const struct var *v = n->a->var;
	value at, old, operand;

	if (n->op == OP_SET) {
		store_var(g, v, n->b);
		return;
	}
	operand = gen_value(g, n->b);
	if (v->type->kind == TYPE_PTR && (n->op == OP_ADD || n->op == OP_SUB) && layout_c_size(v->type->elem))
		operand = LLVMBuildMul(g->b, operand, gen_int(g, layout_c_size(v->type->elem)), "");
	at = gen_var_address(g, v);
	old = LLVMBuildLoad2(g->b, g->i64, at, v->name);
	operand = gen_arith(
	        g, n->op, old, operand, v->type->is_signed || (n->op != OP_SHR && gen_is_signed(n->b)));
	LLVMBuildStore(g->b, gen_obscure(g, gen_extend(g, operand, v->type)), at);
}

static void gen_assign(struct codegen *g, struct node *n)
{
	if (n->a->kind == NODE_MAP)
		gen_map_assign(g, n);
	else if (n->a->kind == NODE_VAR)
		gen_assign_var(g, n);
	else if (!type_is_memory(n->b->type) && n->b->type->kind != TYPE_VOID)
		gen_value(g, n->b); /* _ = … */
}

static void gen_let(struct codegen *g, struct node *n)
{
	const struct var *v = n->a->var;
	value at = gen_var_address(g, v);

	if (n->b)
		store_var(g, v, n->b);
	else if (type_is_memory(v->type))
		gen_zero(g, at, (layout_size(v->type) + 7) / 8 * 8);
	else
		LLVMBuildStore(g->b, gen_obscure(g, gen_int(g, 0)), at);
}

static void gen_expr_stmt(struct codegen *g, struct node *n)
{
	if (n->a->kind == NODE_INCDEC && n->a->a->kind == NODE_MAP)
		gen_map_incdec(g, n->a, false);
	else if (n->a->event >= 0 && n->a->kind == NODE_CALL)
		gen_event(g, n->a);
	else if (type_is_memory(n->a->type))
		gen_memory(g, n->a);
	else
		gen_value(g, n->a);
}

static void gen_unroll(struct codegen *g, struct node *n)
{
	LLVMBasicBlockRef next = g->f->unroll_next, end = g->f->unroll_end;
	LLVMBasicBlockRef done = gen_block(g, "unrolled");

	for (uint64_t i = 0; i < n->a->ival; i++) {
		g->f->unroll_next = gen_block(g, "unroll");
		g->f->unroll_end = done;
		gen_stmts(g, n->d->list);
		gen_br(g, g->f->unroll_next);
		gen_at(g, g->f->unroll_next);
	}
	gen_br(g, done);
	gen_at(g, done);
	g->f->unroll_next = next;
	g->f->unroll_end = end;
}

static void gen_jump(struct codegen *g, struct node *n)
{
	bool out = n->kind == NODE_BREAK;

	if (g->f->unroll_next)
		gen_br(g, out ? g->f->unroll_end : g->f->unroll_next);
	else
		gen_br(g, out ? g->f->done : g->f->next);
	gen_at(g, gen_block(g, "after_jump"));
}

void gen_stmt(struct codegen *g, struct node *n)
{
	struct temps_mark mark = gen_temps_mark(g);

	gen_loc(g, n->loc);
	switch ((int)n->kind) {
	case NODE_EXPR_STMT:
		gen_expr_stmt(g, n);
		break;
	case NODE_ASSIGN:
		gen_assign(g, n);
		break;
	case NODE_LET:
		gen_let(g, n);
		break;
	case NODE_IF:
		gen_if(g, n);
		break;
	case NODE_FOR_RANGE:
	case NODE_FOR_MAP:
	case NODE_WHILE:
		gen_loop(g, n);
		break;
	case NODE_UNROLL:
		gen_unroll(g, n);
		break;
	case NODE_BREAK:
	case NODE_CONTINUE:
		gen_jump(g, n);
		break;
	case NODE_RETURN:
		gen_return(g);
		break;
	case NODE_BLOCK:
		gen_stmts(g, n->list);
		break;
	default:
		gen_value(g, n);
		break;
	}
	gen_temps_release(g, mark);
}

void gen_stmts(struct codegen *g, struct node *list)
{
	list_each (n, list)
		gen_stmt(g, n);
}
