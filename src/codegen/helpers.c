/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of BPF helpers, and the counting of losses and of reads that fail. */
#include <stdarg.h>
#include <stddef.h>

#include "codegen/gen.h"

value gen_helper(struct codegen *g, enum helper h, unsigned n, ...)
{
	LLVMTypeRef types[5];
	value args[5], fn, r;
	va_list ap;

	va_start(ap, n);
	for (unsigned i = 0; i < n; i++) {
		args[i] = va_arg(ap, value);
		types[i] = LLVMTypeOf(args[i]);
	}
	va_end(ap);
	/* A call of the constant address N is the BPF instruction "call N". */
	fn = LLVMConstIntToPtr(gen_int(g, (uint64_t)h), g->ptr);
	r = LLVMBuildCall2(g->b, LLVMFunctionType(g->i64, types, n, 0), fn, args, n, "");
	/* The verifier calls the map's own function, which yields an int before Linux 6.4: its upper half is
	 * undefined. */
	if (h == HELPER_MAP_UPDATE || h == HELPER_MAP_DELETE || h == HELPER_FOR_EACH_MAP_ELEM)
		r = LLVMBuildSExt(g->b, LLVMBuildTrunc(g->b, r, g->i32, ""), g->i64, "");
	return r;
}

/* A function that counts, cold and called from many places. */
struct counter {
	value fn, at; /* at: this CPU's counter */
	LLVMBasicBlockRef here, end;
	LLVMMetadataRef where;
};

/* static void name(u64 index, …): adds one to the counter at that index of the map; counter_close() ends it.
 */
static struct counter counter_open(struct codegen *g, const char *name, unsigned nparams, value map)
{
	struct counter c = { .here = LLVMGetInsertBlock(g->b), .where = LLVMGetCurrentDebugLocation2(g->b) };
	LLVMTypeRef params[] = { g->i64, g->i64 };
	LLVMBasicBlockRef found;
	value key, p;

	LLVMSetCurrentDebugLocation2(g->b, NULL);
	c.fn = gen_function(g, name, NULL, g->i64, params, nparams, NULL);
	LLVMAddAttributeAtIndex(c.fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
	        LLVMCreateEnumAttribute(g->llvm, LLVMGetEnumAttributeKindForName("noinline", 8), 0));
	gen_at(g, LLVMAppendBasicBlockInContext(g->llvm, c.fn, "entry"));
	found = LLVMAppendBasicBlockInContext(g->llvm, c.fn, "found");
	c.end = LLVMAppendBasicBlockInContext(g->llvm, c.fn, "end");
	key = LLVMBuildAlloca(g->b, g->i32, "key");
	gen_store_int(g, LLVMGetParam(c.fn, 0), key, 4);
	p = gen_helper(g, HELPER_MAP_LOOKUP, 2, map, key);
	c.at = LLVMBuildIntToPtr(g->b, p, g->ptr, "");
	gen_cond(g, LLVMBuildIsNull(g->b, c.at, ""), c.end, found);
	gen_at(g, found);
	LLVMBuildAtomicRMW(g->b, LLVMAtomicRMWBinOpAdd, c.at, gen_int(g, 1), LLVMAtomicOrderingMonotonic, 0);
	return c;
}

static value counter_close(struct codegen *g, const struct counter *c)
{
	LLVMBuildBr(g->b, c->end);
	gen_at(g, c->end);
	LLVMBuildRet(g->b, gen_int(g, 0));
	gen_at(g, c->here);
	LLVMSetCurrentDebugLocation2(g->b, c->where);
	return c->fn;
}

static value lose_function(struct codegen *g)
{
	struct counter c;

	if (!g->lose_fn) {
		c = counter_open(g, "kscope_lose", 1, g->losses);
		g->lose_fn = counter_close(g, &c);
	}
	return g->lose_fn;
}

/* Its second parameter is what the helper returned, which it keeps. */
static value fail_function(struct codegen *g)
{
	struct counter c;

	if (!g->fail_fn) {
		c = counter_open(g, "kscope_fail", 2, g->failed);
		gen_store_int(g, LLVMBuildNeg(g->b, LLVMGetParam(c.fn, 1), ""),
		        gen_offset(g, c.at, offsetof(struct failures, error)), 8);
		g->fail_fn = counter_close(g, &c);
	}
	return g->fail_fn;
}

/* The index of what n reads there; the same expression may be generated several times. */
static uint32_t read_index(struct codegen *g, const struct node *n, enum addr_space space)
{
	struct program *p = g->program;
	struct read *r;

	for (unsigned i = 0; i < p->nreads; i++) {
		r = &p->reads[i];
		if (r->loc.start == n->loc.start && r->loc.end == n->loc.end && r->space == space)
			return i;
	}
	r = program_add_read(p, g->arena);
	r->loc = n->loc;
	r->space = space;
	return p->nreads - 1;
}

/* -k: counts the read when its result is an error. */
static value checked(struct codegen *g, const struct node *n, enum addr_space space, value result)
{
	LLVMBasicBlockRef failed, end;
	value fn, args[2];

	if (!n || !g->program->helper_errors)
		return result;
	failed = gen_block(g, "read_failed");
	end = gen_block(g, "read_done");
	gen_cond(g, gen_cmp(g, LLVMIntSLT, result, gen_int(g, 0)), failed, end);
	gen_at(g, failed);
	fn = fail_function(g);
	args[0] = gen_int(g, read_index(g, n, space));
	args[1] = result;
	LLVMBuildCall2(g->b, LLVMGlobalGetValueType(fn), fn, args, 2, "");
	gen_br(g, end);
	gen_at(g, end);
	return result;
}

value gen_probe_read(
        struct codegen *g, const struct node *n, value to, value size, value address, enum addr_space space)
{
	enum helper h = space == AS_USER   ? HELPER_PROBE_READ_USER
	                : space == AS_NONE ? HELPER_PROBE_READ
	                                   : HELPER_PROBE_READ_KERNEL;

	return checked(g, n, space, gen_helper(g, h, 3, to, size, address));
}

value gen_probe_read_str(
        struct codegen *g, const struct node *n, value to, value size, value address, enum addr_space space)
{
	enum helper h = space == AS_USER   ? HELPER_PROBE_READ_USER_STR
	                : space == AS_NONE ? HELPER_PROBE_READ_STR
	                                   : HELPER_PROBE_READ_KERNEL_STR;

	return checked(g, n, space, gen_helper(g, h, 3, to, size, address));
}

value gen_probe_index(struct codegen *g)
{
	value ctx;

	if (g->action->nprobes == 1 || g->action->type == PROBE_RAWTRACEPOINT)
		return gen_int(g, g->action->probes[0]);
	ctx = LLVMBuildStructGEP2(g->b, g->frame_type, g->f->frame, FRAME_CTX, "");
	ctx = LLVMBuildLoad2(g->b, g->ptr, ctx, "ctx");
	return gen_helper(g, HELPER_ATTACH_COOKIE, 1, ctx);
}

void gen_lose(struct codegen *g, enum loss cause)
{
	value fn = lose_function(g);
	value index = LLVMBuildMul(g->b, gen_probe_index(g), gen_int(g, LOSS_COUNT), "");

	index = LLVMBuildAdd(g->b, index, gen_int(g, cause), "");
	LLVMBuildCall2(g->b, LLVMGlobalGetValueType(fn), fn, &index, 1, "");
}
