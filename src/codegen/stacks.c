/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stacks: the frames go into a map once for each content, under a hash over all of them, so that equal
 * stacks are one and different ones do not push each other out. The first time that
 * a process's stack is seen, the runtime is told to look at its mappings.
 */
#include <linux/bpf.h>
#include <stddef.h>

#include "codegen/gen.h"

#define STACK_BYTES (STACK_MAX_DEPTH * 8)
#define NOEXIST     1

static value as_ptr(struct codegen *g, value v)
{
	return LLVMBuildIntToPtr(g->b, v, g->ptr, "");
}

/* Mixes all words of the stack: hash = (hash ^ word) * odd, folded. */
static value gen_hash(struct codegen *g, value frames, value depth)
{
	LLVMBasicBlockRef head = gen_block(g, "hash"), body = gen_block(g, "frame"),
	                  more = gen_block(g, "in_stack");
	LLVMBasicBlockRef end = gen_block(g, "hashed");
	value i = gen_local(g), hash = gen_local(g), word;

	gen_set(g, i, gen_int(g, 0));
	gen_set(g, hash, depth);
	gen_br(g, head);
	gen_at(g, head);
	gen_cond(g, gen_cmp(g, LLVMIntULT, gen_get(g, i), gen_int(g, STACK_MAX_DEPTH)), body, end);
	gen_at(g, body);
	gen_cond(g, gen_cmp(g, LLVMIntULT, gen_get(g, i), depth), more, end);
	gen_at(g, more);
	word = gen_load(g, gen_offset_value(g, frames, LLVMBuildShl(g->b, gen_get(g, i), gen_int(g, 3), "")),
	        8, false);
	word = LLVMBuildXor(g->b, gen_get(g, hash), word, "");
	word = LLVMBuildMul(g->b, word, gen_int(g, 0x9e3779b97f4a7c15ULL), "");
	word = LLVMBuildXor(g->b, word, LLVMBuildLShr(g->b, word, gen_int(g, 29), ""), "");
	gen_set(g, hash, word);
	gen_set(g, i, LLVMBuildAdd(g->b, gen_get(g, i), gen_int(g, 1), ""));
	gen_br(g, head);
	gen_at(g, end);
	return gen_get(g, hash);
}

/* Tells the runtime of a process; best effort, so without a count when the buffer is full. */
static void gen_tell_process(struct codegen *g)
{
	const struct program *p = g->program;
	const struct event *e = NULL;
	LLVMBasicBlockRef got, end;
	value record, pid;

	for (unsigned i = 0; i < p->nevents; i++) {
		if (p->events[i].kind == EVENT_PROCESS)
			e = &p->events[i];
	}
	if (!e)
		return;
	got = gen_block(g, "reserved");
	end = gen_block(g, "told");
	record = as_ptr(g, gen_helper(g, HELPER_RINGBUF_RESERVE, 3, g->events, gen_int(g, e->fixed_size),
	                           gen_int(g, 0)));
	gen_cond(g, LLVMBuildIsNull(g->b, record, ""), end, got);
	gen_at(g, got);
	gen_zero(g, record, e->fixed_size);
	gen_store_int(g, gen_int(g, e->id), record, 4);
	pid = LLVMBuildLShr(g->b, gen_helper(g, HELPER_PID_TGID, 0), gen_int(g, 32), "");
	gen_store_int(g, pid, gen_offset(g, record, e->args[0].offset), 4);
	gen_helper(g, HELPER_RINGBUF_SUBMIT, 2, record, gen_int(g, BPF_RB_FORCE_WAKEUP));
	gen_br(g, end);
	gen_at(g, end);
}

/* Keeps the frames under the key, if they are new. */
static void gen_keep(struct codegen *g, const struct type *t, value key, value frames)
{
	LLVMBasicBlockRef new = gen_block(g, "new_stack"), failed = gen_block(g, "stack_failed");
	LLVMBasicBlockRef lost = gen_block(g, "stack_lost"), kept = gen_block(g, "stack_kept");
	LLVMBasicBlockRef end = gen_block(g, "stack_end");
	value p = as_ptr(g, gen_helper(g, HELPER_MAP_LOOKUP, 2, g->stacks, key)), r;

	gen_cond(g, LLVMBuildIsNull(g->b, p, ""), new, end);
	gen_at(g, new);
	r = gen_helper(g, HELPER_MAP_UPDATE, 4, g->stacks, key, frames, gen_int(g, NOEXIST));
	gen_cond(g, gen_cmp(g, LLVMIntEQ, r, gen_int(g, 0)), kept, failed);
	gen_at(g, failed);
	gen_cond(g, gen_cmp(g, LLVMIntEQ, r, gen_int(g, (uint64_t)-17 /* EEXIST: another CPU was first */)),
	        end, lost);
	gen_at(g, lost);
	gen_lose(g, LOSS_STACK);
	gen_br(g, end);
	gen_at(g, kept);
	if (t->kind == TYPE_USTACK)
		gen_tell_process(g);
	gen_br(g, end);
	gen_at(g, end);
}

void gen_stack(struct codegen *g, const struct type *t, value to)
{
	LLVMBasicBlockRef good = gen_block(g, "stack"), end = gen_block(g, "stacked");
	struct temps_mark mark = gen_temps_mark(g);
	value frames = gen_slot(g, STACK_BYTES), result = to, ctx, bytes, depth;
	bool user = t->kind == TYPE_USTACK;

	/* `to` may be in the ring buffer, where Linux 6.1 takes no key of a map from. */
	to = gen_temp(g, sizeof(struct stack_key));

	ctx = LLVMBuildStructGEP2(g->b, g->frame_type, g->f->frame, FRAME_CTX, "");
	ctx = LLVMBuildLoad2(g->b, g->ptr, ctx, "ctx");
	gen_zero(g, to, sizeof(struct stack_key));
	bytes = gen_helper(g, HELPER_GET_STACK, 4, ctx, frames, gen_int(g, t->count * 8),
	        gen_int(g, user ? BPF_F_USER_STACK : 0));
	gen_cond(g, gen_cmp(g, LLVMIntSGT, bytes, gen_int(g, 0)), good, end);
	gen_at(g, good);
	depth = LLVMBuildLShr(g->b, bytes, gen_int(g, 3), "");
	gen_store_int(g, gen_hash(g, frames, depth), gen_offset(g, to, offsetof(struct stack_key, hash)), 8);
	gen_store_int(g, depth, gen_offset(g, to, offsetof(struct stack_key, depth)), 4);
	if (user)
		gen_store_int(g, LLVMBuildLShr(g->b, gen_helper(g, HELPER_PID_TGID, 0), gen_int(g, 32), ""),
		        gen_offset(g, to, offsetof(struct stack_key, pid)), 4);
	gen_keep(g, t, to, frames);
	gen_br(g, end);
	gen_at(g, end);
	gen_copy(g, result, to, sizeof(struct stack_key));
	gen_temps_release(g, mark);
}

void gen_usym(struct codegen *g, struct node *address, value to)
{
	gen_store_int(g, gen_value(g, address), gen_offset(g, to, offsetof(struct usym, address)), 8);
	gen_store_int(g, LLVMBuildLShr(g->b, gen_helper(g, HELPER_PID_TGID, 0), gen_int(g, 32), ""),
	        gen_offset(g, to, offsetof(struct usym, pid)), 8);
}
