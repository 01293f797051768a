/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loops: bpf_loop (Linux 5.17) over a callback for ranges and while,
 * bpf_for_each_map_elem (5.13) for maps. The callback gets the action's frame, and
 * yields 1 to end the loop.
 */
#include <stdio.h>

#include "codegen/gen.h"

/* What bpf_loop accepts at most (BPF_MAX_LOOPS, include/linux/bpf.h). */
#define MAX_LOOPS (8u << 20)

struct callback {
	struct func_state state, *outer;
	LLVMBasicBlockRef here;
	LLVMMetadataRef where;
	bool for_map;
};

/* Begins the callback's function; generation goes on in its body. */
static void callback_begin(struct codegen *g, struct callback *cb, bool for_map)
{
	LLVMTypeRef params[4] = { g->i64, g->ptr };
	unsigned n = 2;
	char name[32];

	if (for_map) {
		params[0] = params[1] = params[2] = params[3] = g->ptr;
		n = 4;
	}
	cb->here = LLVMGetInsertBlock(g->b);
	cb->where = LLVMGetCurrentDebugLocation2(g->b);
	cb->outer = g->f;
	cb->for_map = for_map;
	cb->state = (struct func_state){ .is_callback = true };
	g->f = &cb->state;
	snprintf(name, sizeof(name), "loop_%u", g->callbacks++);
	LLVMSetCurrentDebugLocation2(g->b, NULL);
	cb->state.fn = gen_function(g, name, NULL, g->i64, params, n, &cb->state.scope);
	cb->state.frame = LLVMGetParam(cb->state.fn, n - 1);
	cb->state.allocas = gen_block(g, "entry");
	cb->state.done = gen_block(g, "break");
	cb->state.next = gen_block(g, "continue");
}

static value callback_end(struct codegen *g, struct callback *cb)
{
	gen_br(g, cb->state.next);
	gen_at(g, cb->state.next);
	LLVMBuildRet(g->b, gen_int(g, 0));
	gen_at(g, cb->state.done);
	LLVMBuildRet(g->b, gen_int(g, 1));
	g->f = cb->outer;
	gen_at(g, cb->here);
	LLVMSetCurrentDebugLocation2(g->b, cb->where);
	return cb->state.fn;
}

/* Enters the first block of the body. */
static void callback_body(struct codegen *g)
{
	LLVMBasicBlockRef body = gen_block(g, "body");

	gen_at(g, g->f->allocas);
	gen_br(g, body);
	gen_at(g, body);
}

/* After a loop: if its body ended the action, so does the code around it. */
static void gen_check_ended(struct codegen *g)
{
	LLVMBasicBlockRef go_on = gen_block(g, "loop_end");
	value state = LLVMBuildStructGEP2(g->b, g->frame_type, g->f->frame, FRAME_STATE, "");

	gen_cond(g, gen_truth(g, gen_get(g, state)), g->f->done, go_on);
	gen_at(g, go_on);
}

/* Where a range starts, for its callback. */
static value loop_member(struct codegen *g)
{
	return LLVMBuildStructGEP2(g->b, g->frame_type, g->f->frame, g->loop_base + g->loop_level, "");
}

/* Calls bpf_loop, counting a loop that reached the limit. */
static void gen_bpf_loop(struct codegen *g, value count, value callback, bool limit_is_loss)
{
	value ran = gen_helper(g, HELPER_LOOP, 4, count, callback, g->f->frame, gen_int(g, 0));
	LLVMBasicBlockRef cut = gen_block(g, "loop_cut"), go_on = gen_block(g, "loop_ran");

	if (limit_is_loss) {
		gen_cond(g, gen_cmp(g, LLVMIntEQ, ran, gen_int(g, MAX_LOOPS)), cut, go_on);
	} else {
		gen_br(g, go_on);
	}
	gen_at(g, cut);
	gen_lose(g, LOSS_LOOP);
	gen_br(g, go_on);
	gen_at(g, go_on);
	gen_check_ended(g);
}

static void gen_for_range(struct codegen *g, struct node *n)
{
	value from = gen_value(g, n->b), to = gen_value(g, n->c), count = gen_local(g), fn;
	LLVMBasicBlockRef run = gen_block(g, "range"), end = gen_block(g, "range_end");
	struct callback cb;
	uint32_t top = g->slot_top;

	LLVMBuildStore(g->b, from, loop_member(g));
	gen_set(g, count, LLVMBuildSub(g->b, to, from, ""));
	gen_cond(g, gen_cmp(g, LLVMIntSGT, to, from), run, end);
	gen_at(g, run);
	callback_begin(g, &cb, false);
	callback_body(g);
	LLVMBuildStore(g->b, LLVMBuildAdd(g->b, gen_get(g, loop_member(g)), LLVMGetParam(g->f->fn, 0), ""),
	        gen_var_address(g, n->a->var));
	g->loop_level++;
	gen_stmts(g, n->d->list);
	g->loop_level--;
	fn = callback_end(g, &cb);
	g->slot_top = top;
	{
		value many = gen_cmp(g, LLVMIntUGT, gen_get(g, count), gen_int(g, MAX_LOOPS));

		gen_set(g, count, LLVMBuildSelect(g->b, many, gen_int(g, MAX_LOOPS), gen_get(g, count), ""));
		gen_bpf_loop(g, gen_get(g, count), fn, true);
	}
	gen_br(g, end);
	gen_at(g, end);
}

static void gen_while(struct codegen *g, struct node *n)
{
	struct callback cb;
	uint32_t top = g->slot_top;
	LLVMBasicBlockRef go_on;
	struct temps_mark mark;
	value fn, again;

	callback_begin(g, &cb, false);
	callback_body(g);
	go_on = gen_block(g, "while");
	mark = gen_temps_mark(g);
	again = gen_condition(g, n->a);
	gen_temps_release(g, mark);
	gen_cond(g, again, go_on, g->f->done);
	gen_at(g, go_on);
	gen_stmts(g, n->d->list);
	fn = callback_end(g, &cb);
	g->slot_top = top;
	gen_bpf_loop(g, gen_int(g, MAX_LOOPS), fn, true);
}

/* Fills $kv from the callback's key and value. */
static void load_entry(struct codegen *g, const struct map *m, const struct var *kv)
{
	const struct field *k = &kv->type->fields[0], *v = &kv->type->fields[1];
	value at = gen_var_address(g, kv), key = LLVMGetParam(g->f->fn, 1), val = LLVMGetParam(g->f->fn, 2);

	gen_zero(g, at, (layout_size(kv->type) + 7) / 8 * 8);
	gen_convert(g, key, m->key, gen_offset(g, at, k->offset), k->type);
	if (type_is_agg(m->value))
		gen_store_int(
		        g, gen_agg_read(g, m, gen_offset(g, at, k->offset)), gen_offset(g, at, v->offset), 8);
	else
		gen_convert(g, val, m->value, gen_offset(g, at, v->offset), v->type);
}

static void gen_for_map(struct codegen *g, struct node *n)
{
	const struct map *m = &g->program->maps[n->b->map];
	struct callback cb;
	uint32_t top = g->slot_top;
	value fn;

	callback_begin(g, &cb, true);
	callback_body(g);
	load_entry(g, m, n->a->var);
	gen_stmts(g, n->d->list);
	fn = callback_end(g, &cb);
	g->slot_top = top;
	gen_helper(g, HELPER_FOR_EACH_MAP_ELEM, 4, g->maps[m->id], fn, g->f->frame, gen_int(g, 0));
	gen_check_ended(g);
}

void gen_loop(struct codegen *g, struct node *n)
{
	if (n->kind == NODE_FOR_RANGE)
		gen_for_range(g, n);
	else if (n->kind == NODE_FOR_MAP)
		gen_for_map(g, n);
	else
		gen_while(g, n);
}

value gen_count_callback(struct codegen *g)
{
	struct callback cb;

	callback_begin(g, &cb, true);
	callback_body(g);
	return callback_end(g, &cb);
}
