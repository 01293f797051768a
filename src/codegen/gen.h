/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of codegen share; private to the room.
 *
 * Integers, booleans and pointers are i64 values, extended by their type's sign.
 * Strings, tuples and the like are bytes in memory, canonical as lang/layout says, and
 * are generated into the place where they are wanted (gen_store), so that a
 * str() in a key is read straight into the key.
 */
#ifndef KSCOPE_CODEGEN_GEN_H
#define KSCOPE_CODEGEN_GEN_H

#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <llvm-c/TargetMachine.h>

#include "base/arena.h"
#include "check/check.h"
#include "codegen/codegen.h"
#include "lang/errors.h"
#include "lang/layout.h"

typedef LLVMValueRef value; /* the one typedef: LLVM's names would drown the code */

/* Members of the frame, in front of the variables. */
enum {
	FRAME_CTX,      /* ptr */
	FRAME_SLOT,     /* ptr: the claimed scratch slot */
	FRAME_SLOT_BIT, /* i64: 1 << level of that slot */
	FRAME_STATE,    /* i64: 1 once the action has ended (return, exit) inside a loop's callback */
	FRAME_VARS,
};

struct place { /* of a scratch variable */
	bool in_slot;
	unsigned index;  /* of the frame's member */
	uint32_t offset; /* in the slot */
};

struct temp {
	value at;
	uint32_t size;
	bool used;
};

/* One LLVM function: an action, or the callback of a loop in it. */
struct func_state {
	value fn;
	value frame;               /* pointer to the action's frame: an alloca, or a callback's argument */
	LLVMBasicBlockRef allocas; /* entry block */
	LLVMBasicBlockRef done;    /* where `return` goes */
	LLVMBasicBlockRef next; /* callback: where `continue` goes; NULL in an action or an unrolled loop */
	LLVMBasicBlockRef unroll_next, unroll_end;
	bool is_callback;
	struct temp *temps;
	unsigned ntemps, temps_cap;
	LLVMMetadataRef scope;
};

struct codegen {
	struct arena *arena;
	struct diag *diag;
	struct unit *unit;
	struct program *program;
	LLVMContextRef llvm;
	LLVMModuleRef module;
	LLVMBuilderRef b;
	LLVMTargetMachineRef machine;
	LLVMDIBuilderRef di;
	LLVMMetadataRef file, cu, di_u64, di_ptr;
	LLVMTypeRef i1, i8, i16, i32, i64, ptr, void_type;
	value *maps; /* globals, by map id */
	value events, slots, slot_bits, losses, failed, control, machine_consts, zeros;
	uint32_t zeros_size;
	value lose_fn, fail_fn, opaque_zero, stacks, kaddrs;

	/* the current action */
	struct action *action;
	struct func_state *f;
	LLVMTypeRef frame_type;
	struct place *places; /* by var->index */
	unsigned loop_base;   /* index of the first loop member of the frame, one per level of nesting */
	unsigned loop_level;  /* loops around the current place */
	bool has_loops;
	uint32_t slot_top, slot_peak; /* bytes of the slot in use */
	unsigned callbacks;           /* made so far, for names */
	char last_name[64];
};

/* --- module.c: the module, its globals, functions with debug info --- */
value gen_function(struct codegen *g, const char *name, const char *section, LLVMTypeRef ret,
        LLVMTypeRef *params, unsigned n, LLVMMetadataRef *scope);
void gen_globals(struct codegen *g);
void gen_loc(struct codegen *g, struct loc loc);
/* A constant in .rodata. */
value gen_rodata(struct codegen *g, value init, const char *name);

/* --- build.c: small pieces of IR --- */
value gen_int(struct codegen *g, uint64_t v);
LLVMBasicBlockRef gen_block(struct codegen *g, const char *name);
void gen_at(struct codegen *g, LLVMBasicBlockRef bb);
void gen_br(struct codegen *g, LLVMBasicBlockRef to);
void gen_cond(struct codegen *g, value cond, LLVMBasicBlockRef yes, LLVMBasicBlockRef no);
bool gen_ended(struct codegen *g);             /* the current block has its terminator */
value gen_bool(struct codegen *g, value i1);   /* i1 to i64 */
value gen_truth(struct codegen *g, value i64); /* i64 to i1 */
value gen_cmp(struct codegen *g, LLVMIntPredicate p, value a, value b);
value gen_offset(struct codegen *g, value p, uint32_t offset); /* bytes */
value gen_offset_value(struct codegen *g, value p, value offset);
value gen_load(struct codegen *g, value p, unsigned size, bool is_signed); /* to i64 */
void gen_store_int(struct codegen *g, value v, value p, unsigned size);
value gen_local(struct codegen *g); /* i64 alloca in the entry block: a mutable value, promoted later */
value gen_get(struct codegen *g, value local);
void gen_set(struct codegen *g, value local, value v);
value gen_machine(struct codegen *g, uint32_t offset, unsigned size); /* a member of struct machine */
value gen_lognot(struct codegen *g, value v);
/* v for a variable of the frame: in an action with loops, what is known of it is hidden from the verifier. */
value gen_obscure(struct codegen *g, value v);
/* v, of which LLVM knows nothing: an empty assembler instruction. */
value gen_opaque(struct codegen *g, value v);

/* Scratch memory, 8-aligned: on the stack when small, else in the slot. Free again after the statement. */
value gen_temp(struct codegen *g, uint32_t size);
value gen_slot(struct codegen *g, uint32_t size);
struct temps_mark {
	unsigned used;
	uint32_t slot_top;
	uint64_t in_use;
};
struct temps_mark gen_temps_mark(struct codegen *g);
void gen_temps_release(struct codegen *g, struct temps_mark m);

void gen_zero(struct codegen *g, value p, uint32_t size);
void gen_copy(struct codegen *g, value to, value from, uint32_t size);
/* A NUL-terminated constant of `size` bytes. */
void gen_literal(struct codegen *g, value to, const char *text, uint32_t len, uint32_t size);
value gen_zeros(struct codegen *g, uint32_t size); /* pointer to that many zero bytes */

/* --- helpers.c: calls of BPF helpers (numbers: include/uapi/linux/bpf.h) --- */
enum helper {
#define HELPER(id, nr) HELPER_##id = nr,
#include "codegen/helpers.def"
};
value gen_helper(struct codegen *g, enum helper h, unsigned n, ...);
/* Reads size bytes at the address (i64 or ptr) in the space; BPF memory on failure is zero. With -k failures
 * are counted for n, the expression that reads; NULL: it is a read of our own. */
value gen_probe_read(
        struct codegen *g, const struct node *n, value to, value size, value address, enum addr_space space);
value gen_probe_read_str(
        struct codegen *g, const struct node *n, value to, value size, value address, enum addr_space space);
value gen_probe_index(struct codegen *g); /* of the probe that runs */
void gen_lose(struct codegen *g, enum loss cause);

/* --- expr.c --- */
value gen_value(struct codegen *g, struct node *n);                                 /* register types */
value gen_condition(struct codegen *g, struct node *n);                             /* i1 */
void gen_store(struct codegen *g, struct node *n, value to, const struct type *as); /* any type, converted */
value gen_memory(struct codegen *g, struct node *n); /* pointer to canonical bytes of n's type */
void gen_convert(struct codegen *g, value from, const struct type *ft, value to, const struct type *tt);
value gen_extend(struct codegen *g, value v, const struct type *t); /* wraps an i64 to the type's width */
value gen_arith(struct codegen *g, enum op op, value a, value b, bool is_signed);
/* Is the expression, as an operand, a signed one? */
bool gen_is_signed(const struct node *n);
/* Address of a variable's storage. */
value gen_var_address(struct codegen *g, const struct var *v);

/* --- access.c: fields and elements --- */
value gen_access_value(struct codegen *g, struct node *n);
void gen_access_store(struct codegen *g, struct node *n, value to, const struct type *as);
/* Where an lvalue lies; *space says how to read it. NULL when it is not in memory. */
value gen_address(struct codegen *g, struct node *n, enum addr_space *space);
bool gen_is_access(const struct node *n);

/* --- strings.c --- */
void gen_string(struct codegen *g, struct node *n, value to, uint32_t size);
value gen_string_tail(struct codegen *g, struct node *n, value to, value descriptor);
value gen_str_tail(struct codegen *g, const struct node *n, value to, value descriptor, value address,
        uint32_t size, enum addr_space space);
value gen_string_equal(struct codegen *g, struct node *a, struct node *b); /* i1 */
/* Are the first `words` 64-bit words at p and q equal? i1 */
value gen_equal_words(struct codegen *g, value p, value q, uint32_t words);
value gen_strlen(struct codegen *g, struct node *n);
value gen_strncmp(struct codegen *g, struct node *n);

value gen_strstr(struct codegen *g, struct node *n); /* index or -1 */

/* --- bytes.c: buf, ntop, macaddr --- */
bool gen_is_bytes_call(const struct node *n);
void gen_bytes_call(struct codegen *g, struct node *n, value to);

/* --- maps.c --- */
value gen_map_key(struct codegen *g, struct node *n); /* pointer to the key's bytes */
value gen_key_store(struct codegen *g, const struct map *m, struct node *keys, struct loc loc);
value gen_map_read(struct codegen *g, struct node *n);    /* register types, numbers of aggregations */
value gen_map_pointer(struct codegen *g, struct node *n); /* memory types; zeros when absent */
void gen_map_assign(struct codegen *g, struct node *n);
value gen_map_incdec(struct codegen *g, struct node *n, bool wanted);
value gen_map_ensure(struct codegen *g, const struct map *m, value key, LLVMBasicBlockRef missing);
value gen_map_call(struct codegen *g, struct node *n); /* delete, has_key, find, len */

/* --- stacks.c --- */
void gen_stack(struct codegen *g, const struct type *t, value to);
void gen_usym(struct codegen *g, struct node *address, value to);

/* --- aggregations.c --- */
void gen_agg_update(struct codegen *g, struct node *assign);
value gen_agg_read(struct codegen *g, const struct map *m, value key);
/* Unset again, on all CPUs. */
void gen_agg_clear(struct codegen *g, const struct map *m, value key);

/* --- events.c --- */
void gen_event(struct codegen *g, struct node *call);

/* --- stmt.c, loops.c --- */
void gen_stmt(struct codegen *g, struct node *n);
void gen_stmts(struct codegen *g, struct node *list);
void gen_loop(struct codegen *g, struct node *n);
void gen_return(struct codegen *g);
/* A callback that does nothing, to count a map's entries. */
value gen_count_callback(struct codegen *g);

/* --- action.c --- */
void gen_action(struct codegen *g, struct action *a);

#endif
