/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of BPF helpers, and the counting of losses. */
#include <stdarg.h>

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

value gen_probe_read(struct codegen *g, value to, value size, value address, enum addr_space space)
{
	enum helper h = space == AS_USER   ? HELPER_PROBE_READ_USER
	                : space == AS_NONE ? HELPER_PROBE_READ
	                                   : HELPER_PROBE_READ_KERNEL;

	return gen_helper(g, h, 3, to, size, address);
}

value gen_probe_read_str(struct codegen *g, value to, value size, value address, enum addr_space space)
{
	enum helper h = space == AS_USER   ? HELPER_PROBE_READ_USER_STR
	                : space == AS_NONE ? HELPER_PROBE_READ_STR
	                                   : HELPER_PROBE_READ_KERNEL_STR;

	return gen_helper(g, h, 3, to, size, address);
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

/* static void kscope_lose(u64 index): adds one to that counter of this CPU. */
static value lose_function(struct codegen *g)
{
	LLVMBasicBlockRef here = LLVMGetInsertBlock(g->b), entry, found, end;
	LLVMMetadataRef where = LLVMGetCurrentDebugLocation2(g->b);
	value key, p;

	if (g->lose_fn)
		return g->lose_fn;
	LLVMSetCurrentDebugLocation2(g->b, NULL);
	g->lose_fn = gen_function(g, "kscope_lose", NULL, g->i64, &g->i64, 1, NULL);
	/* It is cold, and is called from many places. */
	LLVMAddAttributeAtIndex(g->lose_fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
	        LLVMCreateEnumAttribute(g->llvm, LLVMGetEnumAttributeKindForName("noinline", 8), 0));
	entry = LLVMAppendBasicBlockInContext(g->llvm, g->lose_fn, "entry");
	found = LLVMAppendBasicBlockInContext(g->llvm, g->lose_fn, "found");
	end = LLVMAppendBasicBlockInContext(g->llvm, g->lose_fn, "end");
	gen_at(g, entry);
	key = LLVMBuildAlloca(g->b, g->i32, "key");
	gen_store_int(g, LLVMGetParam(g->lose_fn, 0), key, 4);
	p = gen_helper(g, HELPER_MAP_LOOKUP, 2, g->losses, key);
	p = LLVMBuildIntToPtr(g->b, p, g->ptr, "");
	gen_cond(g, LLVMBuildIsNull(g->b, p, ""), end, found);
	gen_at(g, found);
	LLVMBuildAtomicRMW(g->b, LLVMAtomicRMWBinOpAdd, p, gen_int(g, 1), LLVMAtomicOrderingMonotonic, 0);
	LLVMBuildBr(g->b, end);
	gen_at(g, end);
	LLVMBuildRet(g->b, gen_int(g, 0));
	gen_at(g, here);
	LLVMSetCurrentDebugLocation2(g->b, where);
	return g->lose_fn;
}

void gen_lose(struct codegen *g, enum loss cause)
{
	value fn = lose_function(g);
	value index = LLVMBuildMul(g->b, gen_probe_index(g), gen_int(g, LOSS_COUNT), "");

	index = LLVMBuildAdd(g->b, index, gen_int(g, cause), "");
	LLVMBuildCall2(g->b, LLVMGlobalGetValueType(fn), fn, &index, 1, "");
}
