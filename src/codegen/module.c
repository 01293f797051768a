/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The LLVM module: target, debug information (which becomes BTF), maps and other
 * globals, the passes, and the object file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>
#include <llvm-c/Analysis.h>
#include <llvm-c/ErrorHandling.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "base/str.h"
#include "codegen/gen.h"
#include "lang/image.h"

/* The pipeline must begin with default<O0>: what it adds at its start lowers BPF intrinsics. instcombine by
 * default makes it an error when a second round would find more to do, which is no error of ours. loop-rotate
 * puts a loop's condition at its end, so that a jump leads back: Linux 6.1 refuses a loop that is closed by
 * falling through ("back-edge"). */
#define PASSES                                                                                               \
	"default<O0>,function(sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg,loop(loop-rotate))"

static void on_diagnostic(LLVMDiagnosticInfoRef info, void *arg)
{
	struct codegen *g = arg;
	char *text = LLVMGetDiagInfoDescription(info);

	if (LLVMGetDiagInfoSeverity(info) == LLVMDSError)
		diag_error(g->diag, LOC_NONE, LLVM_FAILED, text);
	LLVMDisposeMessage(text);
}

static void on_fatal(const char *why)
{
	fprintf(stderr, "error: LLVM: %s\n", why);
	exit(1);
}

static void set_up_types(struct codegen *g)
{
	g->i1 = LLVMInt1TypeInContext(g->llvm);
	g->i8 = LLVMInt8TypeInContext(g->llvm);
	g->i16 = LLVMInt16TypeInContext(g->llvm);
	g->i32 = LLVMInt32TypeInContext(g->llvm);
	g->i64 = LLVMInt64TypeInContext(g->llvm);
	g->ptr = LLVMPointerTypeInContext(g->llvm, 0);
	g->void_type = LLVMVoidTypeInContext(g->llvm);
}

static bool set_up_target(struct codegen *g)
{
	LLVMTargetRef target;
	LLVMTargetDataRef layout;
	char *why = NULL;

	LLVMInitializeBPFTargetInfo();
	LLVMInitializeBPFTarget();
	LLVMInitializeBPFTargetMC();
	LLVMInitializeBPFAsmPrinter();
	if (LLVMGetTargetFromTriple("bpf", &target, &why)) {
		diag_error(g->diag, LOC_NONE, LLVM_FAILED, why);
		LLVMDisposeMessage(why);
		return false;
	}
	/* v3: atomics with results and 32-bit jumps, in every kernel that we support. */
	g->machine = LLVMCreateTargetMachine(
	        target, "bpf", "v3", "", LLVMCodeGenLevelDefault, LLVMRelocDefault, LLVMCodeModelDefault);
	layout = LLVMCreateTargetDataLayout(g->machine);
	LLVMSetModuleDataLayout(g->module, layout);
	LLVMDisposeTargetData(layout);
	LLVMSetTarget(g->module, "bpf");
	return true;
}

static void set_up_debug_info(struct codegen *g, const char *path)
{
	const char *name = strrchr(path, '/');
	size_t dir = name ? (size_t)(name - path) : 0;

	name = name ? name + 1 : path;
	LLVMAddModuleFlag(g->module, LLVMModuleFlagBehaviorWarning, "Debug Info Version", 18,
	        LLVMValueAsMetadata(LLVMConstInt(g->i32, 3, 0)));
	g->di = LLVMCreateDIBuilder(g->module);
	g->file = LLVMDIBuilderCreateFile(g->di, name, strlen(name), path, dir);
	/* DebugDirectivesOnly (3) would do for BTF as well; full emission is what the kernel's own tools use.
	 */
	g->cu = LLVMDIBuilderCreateCompileUnit(g->di, LLVMDWARFSourceLanguageC, g->file, "kscope", 6, 1, "",
	        0, 0, "", 0, LLVMDWARFEmissionFull, 0, 0, 0, "", 0, "", 0);
	g->di_u64 =
	        LLVMDIBuilderCreateBasicType(g->di, "u64", 3, 64, 7 /* DW_ATE_unsigned */, LLVMDIFlagZero);
	g->di_ptr = LLVMDIBuilderCreatePointerType(g->di, g->di_u64, 64, 64, 0, "", 0);
}

struct codegen *codegen_create(struct arena *a, struct diag *d, struct unit *u, const char *source_path)
{
	struct codegen *g = arena_new(a, struct codegen);

	g->arena = a;
	g->diag = d;
	g->unit = u;
	g->program = u->program;
	LLVMInstallFatalErrorHandler(on_fatal);
	g->llvm = LLVMContextCreate();
	LLVMContextSetDiagnosticHandler(g->llvm, on_diagnostic, g);
	g->module = LLVMModuleCreateWithNameInContext("kscope", g->llvm);
	g->b = LLVMCreateBuilderInContext(g->llvm);
	set_up_types(g);
	if (set_up_target(g))
		set_up_debug_info(g, source_path);
	return g;
}

void codegen_destroy(struct codegen *g)
{
	if (g->di)
		LLVMDisposeDIBuilder(g->di);
	LLVMDisposeBuilder(g->b);
	LLVMDisposeModule(g->module);
	if (g->machine)
		LLVMDisposeTargetMachine(g->machine);
	LLVMContextDispose(g->llvm);
	LLVMResetFatalErrorHandler();
}

/* Every parameter needs a name and a type in debug info: the kernel refuses the function's BTF otherwise. */
value gen_function(struct codegen *g, const char *name, const char *section, LLVMTypeRef ret,
        LLVMTypeRef *params, unsigned n, LLVMMetadataRef *scope)
{
	LLVMMetadataRef types[6] = { g->di_u64 }, type, sp;
	value fn = LLVMAddFunction(g->module, name, LLVMFunctionType(ret, params, n, 0));
	bool local = section == NULL;
	char param[8];

	for (unsigned i = 0; i < n; i++)
		types[i + 1] = params[i] == g->ptr ? g->di_ptr : g->di_u64;
	type = LLVMDIBuilderCreateSubroutineType(g->di, g->file, types, n + 1, LLVMDIFlagZero);
	sp = LLVMDIBuilderCreateFunction(g->di, g->file, name, strlen(name), name, strlen(name), g->file, 1,
	        type, local, 1, 1, LLVMDIFlagPrototyped, 1);
	for (unsigned i = 0; i < n; i++) {
		snprintf(param, sizeof(param), "a%u", i);
		LLVMDIBuilderCreateParameterVariable(
		        g->di, sp, param, strlen(param), i + 1, g->file, 1, types[i + 1], 1, LLVMDIFlagZero);
	}
	LLVMSetSubprogram(fn, sp);
	LLVMAddAttributeAtIndex(fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
	        LLVMCreateEnumAttribute(g->llvm, LLVMGetEnumAttributeKindForName("nounwind", 8), 0));
	/* Callbacks and subprograms stay in .text: libbpf knows them there. */
	if (local)
		LLVMSetLinkage(fn, LLVMInternalLinkage);
	else
		LLVMSetSection(fn, section);
	if (scope)
		*scope = sp;
	return fn;
}

void gen_loc(struct codegen *g, struct loc loc)
{
	unsigned line = 1, col = 1;

	if (!g->f || !g->f->scope)
		return;
	if (loc.end)
		source_position(g->program->source, loc.start, &line, &col);
	/* BTF has 10 bits for the column; more would spill into the line. */
	LLVMSetCurrentDebugLocation2(g->b,
	        LLVMDIBuilderCreateDebugLocation(g->llvm, line, col > 1023 ? 1023 : col, g->f->scope, NULL));
}

value gen_rodata(struct codegen *g, value init, const char *name)
{
	value v = LLVMAddGlobal(g->module, LLVMTypeOf(init), name);

	LLVMSetInitializer(v, init);
	LLVMSetSection(v, ".rodata");
	LLVMSetGlobalConstant(v, 1);
	LLVMSetLinkage(v, LLVMInternalLinkage);
	LLVMSetAlignment(v, 8);
	return v;
}

/* One member of a map's definition: int (*name)[n] */
static LLVMMetadataRef map_member(struct codegen *g, const char *name, uint32_t n, unsigned index)
{
	LLVMMetadataRef i =
	        LLVMDIBuilderCreateBasicType(g->di, "int", 3, 32, 5 /* DW_ATE_signed */, LLVMDIFlagZero);
	LLVMMetadataRef range = LLVMDIBuilderGetOrCreateSubrange(g->di, 0, n);
	LLVMMetadataRef array = LLVMDIBuilderCreateArrayType(g->di, (uint64_t)n * 32, 32, i, &range, 1);
	LLVMMetadataRef ptr = LLVMDIBuilderCreatePointerType(g->di, array, 64, 64, 0, "", 0);

	return LLVMDIBuilderCreateMemberType(
	        g->di, g->file, name, strlen(name), g->file, 1, 64, 64, 64 * index, LLVMDIFlagZero, ptr);
}

static value map_global(struct codegen *g, const char *name, enum bpf_map_type type, uint32_t key,
        uint32_t val, uint32_t entries, uint32_t flags)
{
	LLVMMetadataRef members[5], s, expr;
	LLVMTypeRef llvm_type;
	unsigned n = 0;
	value v;

	members[n] = map_member(g, "type", type, n);
	n++;
	members[n] = map_member(g, "max_entries", entries, n);
	n++;
	if (key) {
		members[n] = map_member(g, "key_size", key, n);
		n++;
		members[n] = map_member(g, "value_size", val, n);
		n++;
	}
	if (flags) {
		members[n] = map_member(g, "map_flags", flags, n);
		n++;
	}
	llvm_type = LLVMArrayType2(g->i64, n);
	v = LLVMAddGlobal(g->module, llvm_type, name);
	LLVMSetInitializer(v, LLVMConstNull(llvm_type));
	LLVMSetSection(v, ".maps");
	LLVMSetAlignment(v, 8);
	s = LLVMDIBuilderCreateStructType(g->di, g->file, "", 0, g->file, 1, 64 * n, 64, LLVMDIFlagZero, NULL,
	        members, n, 0, NULL, "", 0);
	expr = LLVMDIBuilderCreateExpression(g->di, NULL, 0);
	LLVMGlobalSetMetadata(v, LLVMGetMDKindIDInContext(g->llvm, "dbg", 3),
	        LLVMDIBuilderCreateGlobalVariableExpression(
	                g->di, g->file, name, strlen(name), "", 0, g->file, 1, s, 0, expr, NULL, 64));
	return v;
}

/* Above this many bytes in all, elements are made when they are needed rather than at load. */
#define PREALLOC_BYTES (1u << 20)

/* Different stacks that one trace may see; memory is taken as they come, 1 KiB each. */
#define STACKS_MAX 32768

static value user_map(struct codegen *g, const struct map *m)
{
	static const enum bpf_map_type types[] = {
		[MAP_SCALAR] = BPF_MAP_TYPE_ARRAY,
		[MAP_HASH] = BPF_MAP_TYPE_HASH,
		[MAP_SCALAR_PERCPU] = BPF_MAP_TYPE_PERCPU_ARRAY,
		[MAP_HASH_PERCPU] = BPF_MAP_TYPE_PERCPU_HASH,
		[MAP_LRU_HASH] = BPF_MAP_TYPE_LRU_HASH,
		[MAP_LRU_HASH_PERCPU] = BPF_MAP_TYPE_LRU_PERCPU_HASH,
	};
	uint64_t bytes = (uint64_t)m->max_entries * (layout_map_key(m) + layout_map_value(m));
	bool hash = m->kind == MAP_HASH || m->kind == MAP_HASH_PERCPU;
	uint32_t flags = hash && (map_is_percpu(m) || bytes > PREALLOC_BYTES) ? BPF_F_NO_PREALLOC : 0;

	return map_global(g, m->bpf_name, types[m->kind], layout_map_key(m), layout_map_value(m),
	        m->max_entries, flags);
}

void gen_globals(struct codegen *g)
{
	const char *license = g->program->config.license;
	LLVMTypeRef machine_type = LLVMArrayType2(g->i8, sizeof(struct machine));
	value v = LLVMConstStringInContext(g->llvm, license, (unsigned)strlen(license), 0);

	v = LLVMAddGlobal(g->module, LLVMTypeOf(v), "LICENSE");
	LLVMSetInitializer(v, LLVMConstStringInContext(g->llvm, license, (unsigned)strlen(license), 0));
	LLVMSetSection(v, "license");
	g->machine_consts = LLVMAddGlobal(g->module, machine_type, SYM_MACHINE);
	LLVMSetInitializer(g->machine_consts, LLVMConstNull(machine_type));
	LLVMSetSection(g->machine_consts, ".rodata");
	LLVMSetGlobalConstant(g->machine_consts, 1);
	LLVMSetAlignment(g->machine_consts, 8);
	if (g->program->nkaddrs) {
		machine_type = LLVMArrayType2(g->i64, g->program->nkaddrs);
		g->kaddrs = LLVMAddGlobal(g->module, machine_type, SYM_KADDRS);
		LLVMSetInitializer(g->kaddrs, LLVMConstNull(machine_type));
		LLVMSetSection(g->kaddrs, ".rodata");
		LLVMSetGlobalConstant(g->kaddrs, 1);
		LLVMSetAlignment(g->kaddrs, 8);
	}
	/* Stand-ins until their sizes are known. */
	g->zeros = LLVMAddGlobal(g->module, g->i64, "kscope_zeros.tmp");
	g->slots = LLVMAddGlobal(g->module, g->i64, "kscope_slots.tmp");
	g->failed = LLVMAddGlobal(g->module, g->i64, "kscope_failed.tmp");
	g->events = map_global(g, MAP_EVENTS, BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0);
	g->slot_bits = map_global(g, MAP_SLOT_BITS, BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 1, 0);
	g->losses = map_global(g, MAP_LOSSES, BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 1, 0);
	g->control =
	        map_global(g, MAP_CONTROL, BPF_MAP_TYPE_ARRAY, 4, sizeof(struct control), 1, BPF_F_MMAPABLE);
	if (g->program->uses_stacks)
		g->stacks = map_global(g, MAP_STACKS, BPF_MAP_TYPE_HASH, sizeof(struct stack_key),
		        STACK_MAX_DEPTH * 8, STACKS_MAX, 0);
	g->maps = arena_array(g->arena, value, g->program->nmaps + 1);
	for (unsigned i = 0; i < g->program->nmaps; i++)
		g->maps[i] = user_map(g, &g->program->maps[i]);
}

static void finish_globals(struct codegen *g)
{
	uint32_t slot_size = g->slot_peak ? g->slot_peak : 8;
	value v = map_global(g, MAP_SLOTS, BPF_MAP_TYPE_ARRAY, 4, slot_size, 1, 0);

	LLVMReplaceAllUsesWith(g->slots, v);
	LLVMDeleteGlobal(g->slots);
	if (g->program->nreads) {
		v = map_global(g, MAP_READS, BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct failures),
		        g->program->nreads, 0);
		LLVMReplaceAllUsesWith(g->failed, v);
	}
	LLVMDeleteGlobal(g->failed);
	if (g->zeros_size) {
		v = gen_rodata(
		        g, LLVMConstNull(LLVMArrayType2(g->i64, (g->zeros_size + 7) / 8)), "kscope_zeros");
		LLVMReplaceAllUsesWith(g->zeros, v);
	}
	LLVMDeleteGlobal(g->zeros);
}

void codegen_build(struct codegen *g)
{
	if (!g->di)
		return;
	gen_globals(g);
	for (unsigned i = 0; i < g->unit->nactions; i++)
		gen_action(g, &g->unit->actions[i]);
	finish_globals(g);
	LLVMDIBuilderFinalize(g->di);
	g->program->slot_size = g->slot_peak;
}

bool codegen_optimize(struct codegen *g)
{
	LLVMPassBuilderOptionsRef options;
	LLVMErrorRef error;
	char *why = NULL;

	if (!g->di)
		return false;
	if (LLVMVerifyModule(g->module, LLVMReturnStatusAction, &why)) {
		diag_error(g->diag, LOC_NONE, LLVM_FAILED, why);
		LLVMDisposeMessage(why);
		return false;
	}
	LLVMDisposeMessage(why);
	options = LLVMCreatePassBuilderOptions();
	error = LLVMRunPasses(g->module, PASSES, g->machine, options);
	LLVMDisposePassBuilderOptions(options);
	if (error) {
		why = LLVMGetErrorMessage(error);
		diag_error(g->diag, LOC_NONE, LLVM_FAILED, why);
		LLVMDisposeErrorMessage(why);
		return false;
	}
	return true;
}

void *codegen_emit(struct codegen *g, size_t *len)
{
	LLVMMemoryBufferRef buffer;
	char *why = NULL;
	void *description, *object;
	size_t size;
	value v;

	description = image_write(g->program, g->arena, &size);
	v = LLVMConstStringInContext(g->llvm, description, (unsigned)size, 1);
	v = LLVMAddGlobal(g->module, LLVMTypeOf(v), "kscope_description");
	LLVMSetInitializer(v, LLVMConstStringInContext(g->llvm, description, (unsigned)size, 1));
	LLVMSetSection(v, IMAGE_SECTION);
	LLVMSetGlobalConstant(v, 1);
	LLVMSetAlignment(v, 1);
	if (LLVMTargetMachineEmitToMemoryBuffer(g->machine, g->module, LLVMObjectFile, &why, &buffer)) {
		diag_error(g->diag, LOC_NONE, LLVM_FAILED, why);
		LLVMDisposeMessage(why);
		return NULL;
	}
	*len = LLVMGetBufferSize(buffer);
	object = arena_memdup(g->arena, LLVMGetBufferStart(buffer), *len);
	LLVMDisposeMemoryBuffer(buffer);
	return object;
}

void codegen_print_ir(struct codegen *g, FILE *out)
{
	char *text = LLVMPrintModuleToString(g->module);

	fputs(text, out);
	LLVMDisposeMessage(text);
}

void codegen_print_asm(struct codegen *g, FILE *out)
{
	/* Emission changes the module: a copy is printed. */
	LLVMModuleRef copy = LLVMCloneModule(g->module);
	LLVMMemoryBufferRef buffer;
	char *why = NULL;

	LLVMSetTargetMachineAsmVerbosity(g->machine, 1);
	if (LLVMTargetMachineEmitToMemoryBuffer(g->machine, copy, LLVMAssemblyFile, &why, &buffer)) {
		diag_error(g->diag, LOC_NONE, LLVM_FAILED, why);
		LLVMDisposeMessage(why);
	} else {
		fwrite(LLVMGetBufferStart(buffer), 1, LLVMGetBufferSize(buffer), out);
		LLVMDisposeMemoryBuffer(buffer);
	}
	LLVMDisposeModule(copy);
}
