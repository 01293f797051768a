/* SPDX-License-Identifier: Apache-2.0 */
/* Small pieces of IR: blocks, loads and stores, scratch memory, filling and copying. */
#include <stddef.h>
#include <string.h>

#include "codegen/gen.h"

/* Above this many bytes a helper fills or copies; below, plain stores do. */
#define INLINE_BYTES 64

value gen_int(struct codegen *g, uint64_t v)
{
	return LLVMConstInt(g->i64, v, 0);
}

LLVMBasicBlockRef gen_block(struct codegen *g, const char *name)
{
	return LLVMAppendBasicBlockInContext(g->llvm, g->f->fn, name);
}

void gen_at(struct codegen *g, LLVMBasicBlockRef bb)
{
	LLVMPositionBuilderAtEnd(g->b, bb);
}

bool gen_ended(struct codegen *g)
{
	return LLVMGetBasicBlockTerminator(LLVMGetInsertBlock(g->b)) != NULL;
}

void gen_br(struct codegen *g, LLVMBasicBlockRef to)
{
	if (!gen_ended(g))
		LLVMBuildBr(g->b, to);
}

void gen_cond(struct codegen *g, value cond, LLVMBasicBlockRef yes, LLVMBasicBlockRef no)
{
	LLVMBuildCondBr(g->b, cond, yes, no);
}

value gen_bool(struct codegen *g, value i1)
{
	return LLVMBuildZExt(g->b, i1, g->i64, "");
}

value gen_truth(struct codegen *g, value i64)
{
	return LLVMBuildICmp(g->b, LLVMIntNE, i64, gen_int(g, 0), "");
}

value gen_cmp(struct codegen *g, LLVMIntPredicate p, value a, value b)
{
	return LLVMBuildICmp(g->b, p, a, b, "");
}

value gen_lognot(struct codegen *g, value v)
{
	return gen_bool(g, gen_cmp(g, LLVMIntEQ, v, gen_int(g, 0)));
}

value gen_offset_value(struct codegen *g, value p, value offset)
{
	return LLVMBuildGEP2(g->b, g->i8, p, &offset, 1, "");
}

value gen_offset(struct codegen *g, value p, uint32_t offset)
{
	return offset ? gen_offset_value(g, p, gen_int(g, offset)) : p;
}

static LLVMTypeRef int_type(struct codegen *g, unsigned size)
{
	return size == 1 ? g->i8 : size == 2 ? g->i16 : size == 4 ? g->i32 : g->i64;
}

value gen_load(struct codegen *g, value p, unsigned size, bool is_signed)
{
	value v = LLVMBuildLoad2(g->b, int_type(g, size), p, "");

	LLVMSetAlignment(v, size);
	if (size == 8)
		return v;
	return is_signed ? LLVMBuildSExt(g->b, v, g->i64, "") : LLVMBuildZExt(g->b, v, g->i64, "");
}

void gen_store_int(struct codegen *g, value v, value p, unsigned size)
{
	value s;

	if (size != 8)
		v = LLVMBuildTrunc(g->b, v, int_type(g, size), "");
	s = LLVMBuildStore(g->b, v, p);
	LLVMSetAlignment(s, size);
}

static value entry_alloca(struct codegen *g, LLVMTypeRef type)
{
	LLVMBasicBlockRef here = LLVMGetInsertBlock(g->b);
	value term = LLVMGetBasicBlockTerminator(g->f->allocas), a;
	LLVMMetadataRef where = LLVMGetCurrentDebugLocation2(g->b);

	/* Standing before an instruction takes over its place in the script. */
	if (term)
		LLVMPositionBuilderBefore(g->b, term);
	else
		gen_at(g, g->f->allocas);
	a = LLVMBuildAlloca(g->b, type, "");
	LLVMSetAlignment(a, 8);
	gen_at(g, here);
	LLVMSetCurrentDebugLocation2(g->b, where);
	return a;
}

value gen_local(struct codegen *g)
{
	return entry_alloca(g, g->i64);
}

value gen_get(struct codegen *g, value local)
{
	return LLVMBuildLoad2(g->b, g->i64, local, "");
}

void gen_set(struct codegen *g, value local, value v)
{
	LLVMBuildStore(g->b, v, local);
}

value gen_machine(struct codegen *g, uint32_t offset, unsigned size)
{
	value p = gen_offset(g, g->machine_consts, offset);
	value v = LLVMBuildLoad2(g->b, int_type(g, size), p, "");

	/* The loader fills it in: LLVM must not fold it, the verifier will. */
	LLVMSetVolatile(v, 1);
	return size == 8 ? v : LLVMBuildZExt(g->b, v, g->i64, "");
}

/*
 * A counter that starts from a known constant is a new state of the verifier in
 * every turn of a loop, and it walks them all; so is each constant that a branch chose for a variable. Adding
 * a zero that it cannot know makes one state of them.
 */
value gen_obscure(struct codegen *g, value v)
{
	value zero;

	if (!g->has_loops)
		return v;
	if (!g->opaque_zero) {
		g->opaque_zero = LLVMAddGlobal(g->module, g->i64, "kscope_zero");
		LLVMSetInitializer(g->opaque_zero, gen_int(g, 0));
		LLVMSetSection(g->opaque_zero, ".data");
		LLVMSetLinkage(g->opaque_zero, LLVMInternalLinkage);
		LLVMSetAlignment(g->opaque_zero, 8);
	}
	zero = LLVMBuildLoad2(g->b, g->i64, g->opaque_zero, "");
	LLVMSetVolatile(zero, 1);
	return LLVMBuildAdd(g->b, v, zero, "");
}

value gen_opaque(struct codegen *g, value v)
{
	LLVMTypeRef type = LLVMFunctionType(g->i64, &g->i64, 1, 0);
	value barrier = LLVMGetInlineAsm(type, "", 0, "=r,0", 4, 0, 0, LLVMInlineAsmDialectATT, 0);

	return LLVMBuildCall2(g->b, type, barrier, &v, 1, "");
}

/* --- scratch memory --- */

value gen_slot(struct codegen *g, uint32_t size)
{
	uint32_t at = g->slot_top;
	value slot;

	g->slot_top += (size + 7) / 8 * 8;
	if (g->slot_top > g->slot_peak)
		g->slot_peak = g->slot_top;
	slot = LLVMBuildStructGEP2(g->b, g->frame_type, g->f->frame, FRAME_SLOT, "");
	slot = LLVMBuildLoad2(g->b, g->ptr, slot, "slot");
	return gen_offset(g, slot, at);
}

value gen_temp(struct codegen *g, uint32_t size)
{
	struct func_state *f = g->f;
	struct temp *t;

	size = (size + 7) / 8 * 8;
	if (size > g->program->config.on_stack_limit && size > 8)
		return gen_slot(g, size);
	for (unsigned i = 0; i < f->ntemps; i++) {
		t = &f->temps[i];
		if (!t->used && t->size == size) {
			t->used = true;
			return t->at;
		}
	}
	t = vec_push(g->arena, f->temps, f->ntemps, f->temps_cap);
	t->size = size;
	t->used = true;
	t->at = entry_alloca(g, LLVMArrayType2(g->i64, size / 8));
	return t->at;
}

struct temps_mark gen_temps_mark(struct codegen *g)
{
	struct temps_mark m = { .used = g->f->ntemps, .slot_top = g->slot_top };

	for (unsigned i = 0; i < g->f->ntemps && i < 64; i++)
		m.in_use |= (uint64_t)g->f->temps[i].used << i;
	return m;
}

void gen_temps_release(struct codegen *g, struct temps_mark m)
{
	for (unsigned i = 0; i < g->f->ntemps; i++) {
		if (i >= m.used || (i < 64 && !(m.in_use >> i & 1)))
			g->f->temps[i].used = false;
	}
	g->slot_top = m.slot_top;
}

/* --- filling and copying --- */

value gen_zeros(struct codegen *g, uint32_t size)
{
	if (size > g->zeros_size)
		g->zeros_size = size;
	return g->zeros;
}

static unsigned chunk(uint32_t left)
{
	return left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

void gen_zero(struct codegen *g, value p, uint32_t size)
{
	unsigned n;

	if (size > INLINE_BYTES) {
		/* Reading from address 0 fails at once, and a failed read zeroes its target
		 * (bpf_probe_read_kernel, kernel/trace/bpf_trace.c): the shortest memset that BPF has. */
		gen_helper(g, HELPER_PROBE_READ_KERNEL, 3, p, gen_int(g, size), gen_int(g, 0));
		return;
	}
	for (uint32_t at = 0; at < size; at += n) {
		n = chunk(size - at);
		gen_store_int(g, gen_int(g, 0), gen_offset(g, p, at), n);
	}
}

void gen_copy(struct codegen *g, value to, value from, uint32_t size)
{
	unsigned n;

	if (size > INLINE_BYTES) {
		gen_helper(g, HELPER_PROBE_READ_KERNEL, 3, to, gen_int(g, size), from);
		return;
	}
	for (uint32_t at = 0; at < size; at += n) {
		n = chunk(size - at);
		gen_store_int(g, gen_load(g, gen_offset(g, from, at), n, false), gen_offset(g, to, at), n);
	}
}

void gen_literal(struct codegen *g, value to, const char *text, uint32_t len, uint32_t size)
{
	uint32_t at = 0;

	if (len >= size)
		len = size - 1;
	if (len > INLINE_BYTES) {
		value copy = gen_rodata(g, LLVMConstStringInContext(g->llvm, text, len, 0), "text");

		gen_zero(g, to, size);
		gen_helper(g, HELPER_PROBE_READ_KERNEL, 3, to, gen_int(g, len), copy);
		return;
	}
	for (; at < size && at <= len; at += 8) {
		uint64_t word = 0;

		/* Little-endian: BPF objects are made for this machine's order. */
		memcpy(&word, text + at, len - at < 8 ? len - at : 8);
		gen_store_int(g, gen_int(g, word), gen_offset(g, to, at), 8);
	}
	if (at < size)
		gen_zero(g, gen_offset(g, to, at), size - at);
}
