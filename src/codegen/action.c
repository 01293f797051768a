/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One action: a BPF program. Its frame holds the context, the scratch slot and
 * the script's variables, so that a loop's callback reaches all of them
 * through one pointer; LLVM turns it into registers when there is no callback.
 */
#include <stddef.h>
#include <string.h>

#include "codegen/gen.h"

/* Variables' share of the 512 bytes of BPF stack; what does not fit lives in the slot. */
#define FRAME_BYTES 160
#define SLOT_LEVELS 8

static const char *const sections[PROBE_TYPE_COUNT] = {
	[PROBE_BEGIN] = "raw_tp",
	[PROBE_SELF] = "raw_tp",
	[PROBE_END] = "raw_tp",
	[PROBE_INTERVAL] = "perf_event",
	[PROBE_PROFILE] = "perf_event",
	[PROBE_TRACEPOINT] = "tracepoint",
	[PROBE_RAWTRACEPOINT] = "raw_tp",
	[PROBE_SOFTWARE] = "perf_event",
	[PROBE_KPROBE] = "kprobe",
	[PROBE_KRETPROBE] = "kprobe",
	[PROBE_UPROBE] = "kprobe",
	[PROBE_URETPROBE] = "kprobe",
};

/* How deep ranges are nested in a tree; *any: there is a loop of some kind. */
static unsigned range_depth(const struct node *n, bool *any)
{
	unsigned depth = 0, d;

	if (!n)
		return 0;
	*any |= n->kind == NODE_FOR_RANGE || n->kind == NODE_FOR_MAP || n->kind == NODE_WHILE;
	for (unsigned i = 0; i < 3; i++) {
		d = range_depth(i == 0 ? n->a : i == 1 ? n->b : n->c, any);
		depth = d > depth ? d : depth;
	}
	for (const struct node *k = n->list; k; k = k->next) {
		d = range_depth(k, any);
		depth = d > depth ? d : depth;
	}
	d = range_depth(n->d, any) + (n->kind == NODE_FOR_RANGE);
	return d > depth ? d : depth;
}

static void place_vars(struct codegen *g, struct action *a)
{
	LLVMTypeRef members[FRAME_VARS + FRAME_BYTES / 8 + AST_MAX_HEIGHT];
	unsigned n = FRAME_VARS, levels, body_levels;
	uint32_t bytes = 0;

	members[FRAME_CTX] = members[FRAME_SLOT] = g->ptr;
	members[FRAME_SLOT_BIT] = members[FRAME_STATE] = g->i64;
	g->places = arena_array(g->arena, struct place, a->nvars + 1);
	g->slot_top = 0;
	for (struct var *v = a->vars; v; v = v->next) {
		struct place *p = &g->places[v->index];
		uint32_t size = v->type ? (layout_size(v->type) + 7) / 8 * 8 : 8;
		bool memory = v->type && type_is_memory(v->type);

		size = size ? size : 8;
		if ((memory && size > g->program->config.on_stack_limit) || bytes + size > FRAME_BYTES) {
			p->in_slot = true;
			p->offset = g->slot_top;
			g->slot_top += size;
			continue;
		}
		bytes += size;
		p->index = n;
		members[n++] = memory ? LLVMArrayType2(g->i64, size / 8) : g->i64;
	}
	if (g->slot_top > g->slot_peak)
		g->slot_peak = g->slot_top;
	g->loop_base = n;
	g->has_loops = false;
	g->loop_level = 0;
	levels = range_depth(a->node->a, &g->has_loops);
	body_levels = range_depth(a->node->d, &g->has_loops);
	for (unsigned i = 0; i < (levels > body_levels ? levels : body_levels); i++)
		members[n++] = g->i64;
	g->frame_type = LLVMStructTypeInContext(g->llvm, members, n, 0);
}

value gen_var_address(struct codegen *g, const struct var *v)
{
	const struct place *p = &g->places[v->index];
	value slot;

	if (!p->in_slot)
		return LLVMBuildStructGEP2(g->b, g->frame_type, g->f->frame, p->index, v->name);
	slot = LLVMBuildStructGEP2(g->b, g->frame_type, g->f->frame, FRAME_SLOT, "");
	slot = LLVMBuildLoad2(g->b, g->ptr, slot, "slot");
	return gen_offset(g, slot, p->offset);
}

static value frame_member(struct codegen *g, unsigned index)
{
	return LLVMBuildStructGEP2(g->b, g->frame_type, g->f->frame, index, "");
}

/* Everything in the frame starts as zero; what is never read costs nothing after SROA. */
static void init_frame(struct codegen *g)
{
	unsigned n = LLVMCountStructElementTypes(g->frame_type);

	LLVMBuildStore(g->b, LLVMGetParam(g->f->fn, 0), frame_member(g, FRAME_CTX));
	for (unsigned i = FRAME_SLOT; i < n; i++) {
		LLVMTypeRef t = LLVMStructGetTypeAtIndex(g->frame_type, i);

		if (LLVMGetTypeKind(t) == LLVMArrayTypeKind)
			gen_zero(g, frame_member(g, i), 8 * (uint32_t)LLVMGetArrayLength2(t));
		else
			LLVMBuildStore(g->b, LLVMConstNull(t), frame_member(g, i));
	}
}

/* -p: the loader's constant is 0 without it, and the verifier drops these instructions. */
static void gen_pid_filter(struct codegen *g, LLVMBasicBlockRef out)
{
	LLVMBasicBlockRef check = gen_block(g, "pid_check"), pass = gen_block(g, "pid_pass");
	value wanted = gen_machine(g, offsetof(struct machine, pid), 4), pid;

	gen_cond(g, gen_cmp(g, LLVMIntEQ, wanted, gen_int(g, 0)), pass, check);
	gen_at(g, check);
	pid = LLVMBuildLShr(g->b, gen_helper(g, HELPER_PID_TGID, 0), gen_int(g, 32), "");
	gen_cond(g, gen_cmp(g, LLVMIntEQ, pid, wanted), pass, out);
	gen_at(g, pass);
}

/*
 * Claims a scratch slot of this CPU: the first level whose bit was clear. A probe
 * that interrupts another, or is preempted by it, finds the bit set and takes the next level.
 */
static void gen_claim(struct codegen *g, LLVMBasicBlockRef body, LLVMBasicBlockRef out)
{
	value zero = gen_temp(g, 8), index = gen_local(g), level = gen_local(g), bits, cpu, slot;
	LLVMBasicBlockRef got = gen_block(g, "slot_got"), none = gen_block(g, "slot_none"), next;
	LLVMBasicBlockRef have_bits = gen_block(g, "slot_bits"), have_slot = gen_block(g, "slot_have");

	gen_store_int(g, gen_int(g, 0), zero, 8);
	bits = LLVMBuildIntToPtr(g->b, gen_helper(g, HELPER_MAP_LOOKUP, 2, g->slot_bits, zero), g->ptr, "");
	gen_cond(g, LLVMBuildIsNull(g->b, bits, ""), none, have_bits);
	gen_at(g, have_bits);
	for (unsigned i = 0; i < SLOT_LEVELS; i++) {
		LLVMBasicBlockRef take = gen_block(g, "slot_take");
		value bit = gen_int(g, 1ULL << i), old;

		next = i + 1 < SLOT_LEVELS ? gen_block(g, "slot_next") : none;
		old = LLVMBuildAtomicRMW(
		        g->b, LLVMAtomicRMWBinOpOr, bits, bit, LLVMAtomicOrderingSequentiallyConsistent, 0);
		old = LLVMBuildAnd(g->b, old, bit, "");
		gen_cond(g, gen_truth(g, old), next, take);
		gen_at(g, take);
		gen_set(g, level, gen_int(g, i));
		LLVMBuildStore(g->b, bit, frame_member(g, FRAME_SLOT_BIT));
		gen_br(g, got);
		gen_at(g, next);
	}
	/* In `none`. */
	gen_lose(g, LOSS_SLOT);
	gen_br(g, out);
	gen_at(g, got);
	cpu = LLVMBuildAnd(g->b, gen_helper(g, HELPER_CPU, 0), gen_int(g, 0xffffffff), "");
	cpu = LLVMBuildMul(g->b, cpu, gen_int(g, SLOT_LEVELS), "");
	gen_set(g, index, LLVMBuildAdd(g->b, cpu, gen_get(g, level), ""));
	gen_store_int(g, gen_get(g, index), zero, 4);
	slot = LLVMBuildIntToPtr(g->b, gen_helper(g, HELPER_MAP_LOOKUP, 2, g->slots, zero), g->ptr, "");
	/* Cannot be NULL: the map has a slot for each CPU and level. The verifier wants it asked. */
	gen_cond(g, LLVMBuildIsNull(g->b, slot, ""), out, have_slot);
	gen_at(g, have_slot);
	LLVMBuildStore(g->b, slot, frame_member(g, FRAME_SLOT));
	for (struct var *v = g->action->vars; v; v = v->next) {
		if (g->places[v->index].in_slot && v->type)
			gen_zero(g, gen_var_address(g, v), (layout_size(v->type) + 7) / 8 * 8);
	}
	gen_br(g, body);
}

static void gen_release(struct codegen *g, LLVMBasicBlockRef out)
{
	LLVMBasicBlockRef have = gen_block(g, "release");
	value zero = gen_temp(g, 8), bits, mask;

	gen_store_int(g, gen_int(g, 0), zero, 8);
	bits = LLVMBuildIntToPtr(g->b, gen_helper(g, HELPER_MAP_LOOKUP, 2, g->slot_bits, zero), g->ptr, "");
	gen_cond(g, LLVMBuildIsNull(g->b, bits, ""), out, have);
	gen_at(g, have);
	mask = LLVMBuildLoad2(g->b, g->i64, frame_member(g, FRAME_SLOT_BIT), "");
	LLVMBuildAtomicRMW(g->b, LLVMAtomicRMWBinOpAnd, bits, LLVMBuildNot(g->b, mask, ""),
	        LLVMAtomicOrderingSequentiallyConsistent, 0);
	gen_br(g, out);
}

struct action_blocks {
	LLVMBasicBlockRef before, predicate, between, body, rejected, done, out;
};

/* Where the slot is claimed is known only when all is generated: before the predicate if that needs one,
 * else behind it, so that rejected events do not pay. */
static void finish_blocks(struct codegen *g, const struct action_blocks *bb, bool predicate_needs_slot)
{
	bool needs_slot = g->slot_peak > 0;

	gen_at(g, bb->before);
	if (needs_slot && predicate_needs_slot)
		gen_claim(g, bb->predicate, bb->out);
	else
		gen_br(g, bb->predicate);
	gen_at(g, bb->between);
	if (needs_slot && !predicate_needs_slot)
		gen_claim(g, bb->body, bb->out);
	else
		gen_br(g, bb->body);
	gen_at(g, bb->rejected);
	gen_br(g, needs_slot && predicate_needs_slot ? bb->done : bb->out);
	gen_at(g, bb->done);
	if (needs_slot)
		gen_release(g, bb->out);
	else
		gen_br(g, bb->out);
	gen_at(g, bb->out);
	LLVMBuildRet(g->b, gen_int(g, 0));
}

/* A predicate's own variables, which may lie in the slot, are in a block expression. */
static bool has_block(const struct node *n)
{
	if (!n)
		return false;
	for (const struct node *k = n->list; k; k = k->next) {
		if (has_block(k))
			return true;
	}
	return n->kind == NODE_BLOCK_EXPR || has_block(n->a) || has_block(n->b) || has_block(n->c);
}

static void gen_body(struct codegen *g, struct action *a)
{
	uint32_t peak_before = g->slot_peak, vars_in_slot;
	struct action_blocks bb;
	bool predicate_needs_slot;
	struct temps_mark mark;
	value passes;
	LLVMBasicBlockRef start = gen_block(g, "start");

	/* Only this action's use decides whether it claims a slot. */
	g->slot_peak = 0;
	place_vars(g, a);
	vars_in_slot = g->slot_top;
	gen_at(g, g->f->allocas);
	g->f->frame = LLVMBuildAlloca(g->b, g->frame_type, "frame");
	bb.before = gen_block(g, "before");
	bb.predicate = gen_block(g, "predicate");
	bb.between = gen_block(g, "between");
	bb.body = gen_block(g, "body");
	bb.rejected = gen_block(g, "rejected");
	bb.done = g->f->done = gen_block(g, "done");
	bb.out = gen_block(g, "out");
	gen_br(g, start);
	gen_at(g, start);
	gen_loc(g, a->node->loc);
	init_frame(g);
	/* An interval's timer runs in whatever process its CPU has. */
	if (a->type != PROBE_BEGIN && a->type != PROBE_SELF && a->type != PROBE_END &&
	        a->type != PROBE_INTERVAL)
		gen_pid_filter(g, bb.out);
	gen_br(g, bb.before);
	gen_at(g, bb.predicate);
	if (a->node->a) {
		gen_loc(g, a->node->a->loc);
		mark = gen_temps_mark(g);
		passes = gen_condition(g, a->node->a);
		gen_temps_release(g, mark);
		gen_cond(g, passes, bb.between, bb.rejected);
	} else {
		gen_br(g, bb.between);
	}
	predicate_needs_slot = g->slot_peak > vars_in_slot || (vars_in_slot && has_block(a->node->a));
	gen_at(g, bb.body);
	gen_stmts(g, a->node->d->list);
	gen_br(g, bb.done);
	gen_loc(g, a->node->loc);
	finish_blocks(g, &bb, predicate_needs_slot);
	if (peak_before > g->slot_peak)
		g->slot_peak = peak_before;
}

void gen_action(struct codegen *g, struct action *a)
{
	struct func_state f = { 0 };

	g->action = a;
	g->f = &f;
	f.fn = gen_function(g, a->prog, sections[a->type], g->i64, &g->ptr, 1, &f.scope);
	f.allocas = gen_block(g, "entry");
	gen_body(g, a);
	LLVMSetCurrentDebugLocation2(g->b, NULL);
	g->f = NULL;
}
