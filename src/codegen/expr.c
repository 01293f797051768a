/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions: integers as i64 values, everything else as bytes generated where they are wanted. */
#include <stddef.h>
#include <string.h>

#include "codegen/gen.h"
#include "lang/arch.h"

value gen_extend(struct codegen *g, value v, const struct type *t)
{
	LLVMTypeRef narrow;

	if (t->kind == TYPE_BOOL)
		return gen_bool(g, gen_truth(g, v));
	if ((t->kind != TYPE_INT && t->kind != TYPE_ENUM) || t->size == 8)
		return v;
	narrow = t->size == 1 ? g->i8 : t->size == 2 ? g->i16 : g->i32;
	v = LLVMBuildTrunc(g->b, v, narrow, "");
	return t->is_signed ? LLVMBuildSExt(g->b, v, g->i64, "") : LLVMBuildZExt(g->b, v, g->i64, "");
}

/* --- operators --- */

static value gen_abs(struct codegen *g, value v)
{
	value negative = gen_cmp(g, LLVMIntSLT, v, gen_int(g, 0));

	return LLVMBuildSelect(g->b, negative, LLVMBuildNeg(g->b, v, ""), v, "");
}

/* BPF before v4 divides unsigned numbers only; x / 0 is 0 and x % 0 is x there, and LLVM must not know of a
 * division by zero: the divisor is taken as 1 and the result put right. */
static value gen_divide(struct codegen *g, enum op op, value a, value b, bool is_signed)
{
	value ua = is_signed ? gen_abs(g, a) : a, ub = is_signed ? gen_abs(g, b) : b;
	value zero = gen_cmp(g, LLVMIntEQ, b, gen_int(g, 0));
	value safe = LLVMBuildSelect(g->b, zero, gen_int(g, 1), ub, ""), r, sign;

	r = op == OP_DIV ? LLVMBuildUDiv(g->b, ua, safe, "") : LLVMBuildURem(g->b, ua, safe, "");
	if (is_signed) {
		/* The quotient's sign is that of both, the remainder's that of the dividend. */
		sign = op == OP_DIV ? LLVMBuildXor(g->b, a, b, "") : a;
		sign = gen_cmp(g, LLVMIntSLT, sign, gen_int(g, 0));
		r = LLVMBuildSelect(g->b, sign, LLVMBuildNeg(g->b, r, ""), r, "");
	}
	return LLVMBuildSelect(g->b, zero, gen_int(g, 0), r, "");
}

value gen_arith(struct codegen *g, enum op op, value a, value b, bool is_signed)
{
	switch ((int)op) {
	case OP_ADD:
		return LLVMBuildAdd(g->b, a, b, "");
	case OP_SUB:
		return LLVMBuildSub(g->b, a, b, "");
	case OP_MUL:
		return LLVMBuildMul(g->b, a, b, "");
	case OP_DIV:
	case OP_MOD:
		return gen_divide(g, op, a, b, is_signed);
	case OP_SHL:
		return LLVMBuildShl(g->b, a, LLVMBuildAnd(g->b, b, gen_int(g, 63), ""), "");
	case OP_SHR:
		b = LLVMBuildAnd(g->b, b, gen_int(g, 63), "");
		return is_signed ? LLVMBuildAShr(g->b, a, b, "") : LLVMBuildLShr(g->b, a, b, "");
	case OP_BAND:
		return LLVMBuildAnd(g->b, a, b, "");
	case OP_BOR:
		return LLVMBuildOr(g->b, a, b, "");
	default:
		return LLVMBuildXor(g->b, a, b, "");
	}
}

bool gen_is_signed(const struct node *n)
{
	const struct type *t = n->type;

	if (type_is_integer(t))
		return t->is_signed && !(t->is_literal && n->is_const && (int64_t)n->ival >= 0);
	return type_agg_is_number(t) && t->kind != TYPE_COUNT && t->is_signed;
}

static LLVMIntPredicate predicate(enum op op, bool is_signed)
{
	switch ((int)op) {
	case OP_EQ:
		return LLVMIntEQ;
	case OP_NE:
		return LLVMIntNE;
	case OP_LT:
		return is_signed ? LLVMIntSLT : LLVMIntULT;
	case OP_LE:
		return is_signed ? LLVMIntSLE : LLVMIntULE;
	case OP_GT:
		return is_signed ? LLVMIntSGT : LLVMIntUGT;
	default:
		return is_signed ? LLVMIntSGE : LLVMIntUGE;
	}
}

/* && and ||: the right side runs only when it decides. */
static value gen_logic(struct codegen *g, struct node *n)
{
	LLVMBasicBlockRef right = gen_block(g, "right"), end = gen_block(g, "logic");
	value result = gen_local(g), a = gen_condition(g, n->a);

	gen_set(g, result, gen_bool(g, a));
	gen_cond(g, a, n->op == OP_LAND ? right : end, n->op == OP_LAND ? end : right);
	gen_at(g, right);
	gen_set(g, result, gen_bool(g, gen_condition(g, n->b)));
	gen_br(g, end);
	gen_at(g, end);
	return gen_get(g, result);
}

/* Equality of two tuples: both in one layout, padding zero, word by word. */
static value gen_memory_equal(struct codegen *g, struct node *n)
{
	const struct type *t = types_join(g->arena, n->a->type, n->b->type);
	uint32_t size = layout_size(t);
	struct temps_mark mark = gen_temps_mark(g);
	value a = gen_temp(g, size), b = gen_temp(g, size), rest = gen_int(g, 0), same, x, y;

	gen_store(g, n->a, a, t);
	gen_store(g, n->b, b, t);
	same = gen_equal_words(g, a, b, size / 8);
	for (uint32_t at = size / 8 * 8; at < size; at++) {
		x = gen_load(g, gen_offset(g, a, at), 1, false);
		y = gen_load(g, gen_offset(g, b, at), 1, false);
		rest = LLVMBuildOr(g->b, rest, LLVMBuildXor(g->b, x, y, ""), "");
	}
	gen_temps_release(g, mark);
	return LLVMBuildAnd(g->b, same, gen_cmp(g, LLVMIntEQ, rest, gen_int(g, 0)), "");
}

static value gen_equality(struct codegen *g, struct node *n)
{
	value same =
	        n->a->type->kind == TYPE_STRING ? gen_string_equal(g, n->a, n->b) : gen_memory_equal(g, n);

	return gen_bool(g, n->op == OP_EQ ? same : LLVMBuildNot(g->b, same, ""));
}

/* Pointer and integer: the integer counts elements. */
static value gen_pointer_arith(struct codegen *g, struct node *n, value a, value b)
{
	const struct type *t = n->type;
	uint32_t size = t->elem ? layout_c_size(t->elem) : 0;
	value scale = gen_int(g, size ? size : 1);

	if (n->a->type->kind == TYPE_PTR)
		b = LLVMBuildMul(g->b, b, scale, "");
	else
		a = LLVMBuildMul(g->b, a, scale, "");
	return gen_arith(g, n->op, a, b, false);
}

static value gen_binop(struct codegen *g, struct node *n)
{
	bool is_signed;
	value a, b;

	if (n->op == OP_LAND || n->op == OP_LOR)
		return gen_logic(g, n);
	if (type_is_memory(n->a->type))
		return gen_equality(g, n);
	is_signed = gen_is_signed(n->a) || gen_is_signed(n->b);
	a = gen_value(g, n->a);
	b = gen_value(g, n->b);
	if (n->op >= OP_EQ)
		return gen_bool(g, gen_cmp(g, predicate(n->op, is_signed), a, b));
	if (n->type->kind == TYPE_PTR)
		return gen_pointer_arith(g, n, a, b);
	if (n->op == OP_SHR)
		is_signed = gen_is_signed(n->a);
	return gen_arith(g, n->op, a, b, is_signed);
}

static value gen_unop(struct codegen *g, struct node *n)
{
	value v;

	if (n->op == OP_DEREF)
		return gen_access_value(g, n);
	v = gen_value(g, n->a);
	switch ((int)n->op) {
	case OP_NEG:
		return LLVMBuildNeg(g->b, v, "");
	case OP_BNOT:
		return LLVMBuildNot(g->b, v, "");
	default:
		return gen_lognot(g, v);
	}
}

static value gen_ternary(struct codegen *g, struct node *n)
{
	LLVMBasicBlockRef yes = gen_block(g, "yes"), no = gen_block(g, "no"), end = gen_block(g, "chosen");
	value result = gen_local(g), first;
	bool is_void = n->type->kind == TYPE_VOID;

	if (!n->b) { /* a ?: c */
		first = gen_value(g, n->a);
		gen_set(g, result, first);
		gen_cond(g, gen_truth(g, first), end, no);
		gen_at(g, yes);
		gen_br(g, end);
	} else {
		gen_cond(g, gen_condition(g, n->a), yes, no);
		gen_at(g, yes);
		first = gen_value(g, n->b);
		if (!is_void)
			gen_set(g, result, first);
		gen_br(g, end);
	}
	gen_at(g, no);
	first = gen_value(g, n->c);
	if (!is_void)
		gen_set(g, result, first);
	gen_br(g, end);
	gen_at(g, end);
	return is_void ? gen_int(g, 0) : gen_get(g, result);
}

static value gen_incdec_var(struct codegen *g, struct node *n)
{
	const struct var *v = n->a->var;
	value at = gen_var_address(g, v), old = LLVMBuildLoad2(g->b, g->i64, at, v->name), new;
	uint64_t step =
	        v->type->kind == TYPE_PTR && layout_c_size(v->type->elem) ? layout_c_size(v->type->elem) : 1;
	bool down = n->op == OP_PREDEC || n->op == OP_POSTDEC;

	new = gen_extend(g, LLVMBuildAdd(g->b, old, gen_int(g, down ? -step : step), ""), v->type);
	LLVMBuildStore(g->b, gen_obscure(g, new), at);
	return n->op == OP_POSTINC || n->op == OP_POSTDEC ? old : new;
}

/* --- builtins --- */

static value low32(struct codegen *g, value v)
{
	return LLVMBuildAnd(g->b, v, gen_int(g, 0xffffffff), "");
}

static value gen_ctx(struct codegen *g)
{
	value p = LLVMBuildStructGEP2(g->b, g->frame_type, g->f->frame, FRAME_CTX, "");

	return LLVMBuildLoad2(g->b, g->ptr, p, "ctx");
}

static value gen_register(struct codegen *g, int offset)
{
	return gen_load(g, gen_offset(g, gen_ctx(g), (uint32_t)offset), 8, false);
}

/* argN: of a raw tracepoint from its array; of a function from registers, then from the stack. */
static value gen_argument(struct codegen *g, const struct node *arg, unsigned n)
{
	enum addr_space space = probe_rows[g->action->type].space;
	value tmp, address;

	if (g->action->context == CTX_BTF_ARGS)
		return gen_register(g, (int)n * 8);
	if (arch_argument(n) >= 0)
		return gen_register(g, arch_argument(n));
	tmp = gen_temp(g, 8);
	address = LLVMBuildAdd(
	        g->b, gen_register(g, arch_stack_pointer()), gen_int(g, arch_stack_argument(n)), "");
	gen_probe_read(g, arg, tmp, gen_int(g, 8), address, space);
	return gen_load(g, tmp, 8, false);
}

static value gen_builtin(struct codegen *g, struct node *n)
{
	switch ((int)n->func) {
	case BUILTIN_PID:
		return LLVMBuildLShr(g->b, gen_helper(g, HELPER_PID_TGID, 0), gen_int(g, 32), "");
	case BUILTIN_TID:
		return low32(g, gen_helper(g, HELPER_PID_TGID, 0));
	case BUILTIN_UID:
	case BUILTIN_USERNAME:
		return low32(g, gen_helper(g, HELPER_UID_GID, 0));
	case BUILTIN_GID:
		return LLVMBuildLShr(g->b, gen_helper(g, HELPER_UID_GID, 0), gen_int(g, 32), "");
	case BUILTIN_NSECS:
		return gen_helper(g, HELPER_BOOT_NS, 0);
	case BUILTIN_ELAPSED:
		return LLVMBuildSub(g->b, gen_helper(g, HELPER_BOOT_NS, 0),
		        gen_machine(g, offsetof(struct machine, start_ns), 8), "");
	case BUILTIN_CPU:
		return low32(g, gen_helper(g, HELPER_CPU, 0));
	case BUILTIN_CURTASK:
		return gen_helper(g, HELPER_CURRENT_TASK, 0);
	case BUILTIN_JIFFIES:
		return gen_helper(g, HELPER_JIFFIES64, 0);
	case BUILTIN_NUMAID:
		return low32(g, gen_helper(g, HELPER_NUMA_NODE, 0));
	case BUILTIN_NCPUS:
		return gen_machine(g, offsetof(struct machine, ncpus), 4);
	case BUILTIN_RAND:
		return low32(g, gen_helper(g, HELPER_PRANDOM, 0));
	case BUILTIN_CGROUP:
		return gen_helper(g, HELPER_CGROUP, 0);
	case BUILTIN_CPID:
		return gen_machine(g, offsetof(struct machine, cpid), 4);
	case BUILTIN_HAS_CPID:
		return gen_bool(g, gen_truth(g, gen_machine(g, offsetof(struct machine, cpid), 4)));
	case BUILTIN_CTX:
		return LLVMBuildPtrToInt(g->b, gen_ctx(g), g->i64, "");
	case BUILTIN_ARGN:
		return gen_argument(g, n, (unsigned)n->ival);
	case BUILTIN_RETVAL:
		return gen_register(g, arch_return_value());
	default:
		return gen_int(g, 0);
	}
}

/* The loader's array of addresses, as struct machine: constants for the verifier. */
static value gen_kaddr(struct codegen *g, struct node *n)
{
	value p = gen_offset(g, g->kaddrs, 8 * (uint32_t)n->ival), v = LLVMBuildLoad2(g->b, g->i64, p, "");

	LLVMSetVolatile(v, 1);
	return v;
}

/* The bytes of an integer of that size, reversed. */
static value gen_bswap(struct codegen *g, value v, unsigned size)
{
	value result = gen_int(g, 0), byte;

	for (unsigned i = 0; i < size; i++) {
		byte = LLVMBuildLShr(g->b, v, gen_int(g, 8 * i), "");
		byte = LLVMBuildAnd(g->b, byte, gen_int(g, 0xff), "");
		byte = LLVMBuildShl(g->b, byte, gen_int(g, 8 * (size - 1 - i)), "");
		result = LLVMBuildOr(g->b, result, byte, "");
	}
	return result;
}

static value gen_call(struct codegen *g, struct node *n)
{
	if (n->event >= 0) {
		gen_event(g, n);
		return gen_int(g, 0);
	}
	switch ((int)n->func) {
	case FUNC_DELETE:
	case FUNC_HAS_KEY:
	case FUNC_FIND:
	case FUNC_LEN:
		return gen_map_call(g, n);
	case FUNC_STRLEN:
		return gen_strlen(g, n);
	case FUNC_STRNCMP:
		return gen_strncmp(g, n);
	case FUNC_STRFTIME:
		return gen_value(g, n->list->next);
	case FUNC_STRSTR:
		return gen_strstr(g, n);
	case FUNC_STRCONTAINS:
		return gen_bool(g, gen_cmp(g, LLVMIntSGE, gen_strstr(g, n), gen_int(g, 0)));
	case FUNC_KADDR:
		return gen_kaddr(g, n);
	case FUNC_BSWAP:
		return gen_bswap(g, gen_value(g, n->list), layout_size(n->type));
	case FUNC_SIGNAL:
		return gen_helper(g, HELPER_SEND_SIGNAL, 1, gen_value(g, n->list));
	case FUNC_SIGNAL_THREAD:
		return gen_helper(g, HELPER_SEND_SIGNAL_THREAD, 1, gen_value(g, n->list));
	case FUNC_REG:
		return gen_register(g, arch_register(n->list->name));
	default: /* kptr, uptr */
		return gen_value(g, n->list);
	}
}

value gen_value(struct codegen *g, struct node *n)
{
	if (n->is_const && n->kind != NODE_STRING)
		return gen_int(g, n->ival);
	switch ((int)n->kind) {
	case NODE_IDENT:
		return gen_builtin(g, n);
	case NODE_VAR:
		return LLVMBuildLoad2(g->b, g->i64, gen_var_address(g, n->var), n->name);
	case NODE_MAP:
		return gen_map_read(g, n);
	case NODE_CALL:
		return gen_call(g, n);
	case NODE_UNOP:
		return gen_unop(g, n);
	case NODE_INCDEC:
		return n->a->kind == NODE_MAP ? gen_map_incdec(g, n, true) : gen_incdec_var(g, n);
	case NODE_BINOP:
		return gen_binop(g, n);
	case NODE_TERNARY:
		return gen_ternary(g, n);
	case NODE_CAST:
		return gen_extend(g, gen_value(g, n->a), n->type);
	case NODE_FIELD:
	case NODE_TUPLE_AT:
	case NODE_INDEX:
		return gen_access_value(g, n);
	case NODE_BLOCK_EXPR:
		gen_stmts(g, n->list);
		return n->a ? gen_value(g, n->a) : gen_int(g, 0);
	default:
		return gen_int(g, 0);
	}
}

value gen_condition(struct codegen *g, struct node *n)
{
	return gen_truth(g, gen_value(g, n));
}

/* --- values in memory --- */

static uint32_t fields_bytes(const struct type *t)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < t->nfields; i++)
		n += layout_size(t->fields[i].type);
	return n;
}

static bool is_compound(const struct type *t)
{
	return t->kind == TYPE_TUPLE || t->kind == TYPE_RECORD;
}

/* Into a smaller string, by a declaration or a cast: its last byte is NUL, and so are those that only fill
 * the word. */
static void cut_string(struct codegen *g, value s, uint32_t size)
{
	uint32_t word = (size - 1) / 8 * 8, keep = size - 1 - word;
	value p = gen_offset(g, s, word), v = gen_load(g, p, 8, false);

	gen_store_int(g, LLVMBuildAnd(g->b, v, gen_int(g, (1ULL << keep * 8) - 1), ""), p, 8);
}

void gen_convert(struct codegen *g, value from, const struct type *ft, value to, const struct type *tt)
{
	uint32_t fs = layout_size(ft), ts = layout_size(tt);

	if (ft->kind == TYPE_STRING && tt->kind == TYPE_STRING) {
		gen_copy(g, to, from, fs < ts ? fs : ts);
		if (fs < ts)
			gen_zero(g, gen_offset(g, to, fs), ts - fs);
		if (ft->size > tt->size)
			cut_string(g, to, tt->size);
	} else if (is_compound(ft) && is_compound(tt) && !type_equal(ft, tt)) {
		if (fields_bytes(tt) != ts)
			gen_zero(g, to, ts);
		for (unsigned i = 0; i < tt->nfields && i < ft->nfields; i++)
			gen_convert(g, gen_offset(g, from, ft->fields[i].offset), ft->fields[i].type,
			        gen_offset(g, to, tt->fields[i].offset), tt->fields[i].type);
	} else if (!type_is_memory(ft) && !type_is_memory(tt)) {
		gen_store_int(g, gen_load(g, from, fs, ft->is_signed), to, ts);
	} else {
		gen_copy(g, to, from, fs < ts ? fs : ts);
	}
}

static void store_tuple(struct codegen *g, struct node *n, value to, const struct type *as)
{
	unsigned i = 0;

	if (fields_bytes(as) != layout_size(as))
		gen_zero(g, to, layout_size(as));
	list_each (k, n->list) {
		gen_store(g, k->kind == NODE_FIELD_INIT ? k->a : k, gen_offset(g, to, as->fields[i].offset),
		        as->fields[i].type);
		i++;
	}
}

static void store_ternary(struct codegen *g, struct node *n, value to, const struct type *as)
{
	LLVMBasicBlockRef yes = gen_block(g, "yes"), no = gen_block(g, "no"), end = gen_block(g, "chosen");

	gen_cond(g, gen_condition(g, n->a), yes, no);
	gen_at(g, yes);
	gen_store(g, n->b ? n->b : n->a, to, as);
	gen_br(g, end);
	gen_at(g, no);
	gen_store(g, n->c, to, as);
	gen_br(g, end);
	gen_at(g, end);
}

void gen_store(struct codegen *g, struct node *n, value to, const struct type *as)
{
	if (!type_is_memory(as)) {
		gen_store_int(g, gen_value(g, n), to, layout_size(as));
		return;
	}
	if (n->kind == NODE_TERNARY) {
		store_ternary(g, n, to, as);
	} else if (n->kind == NODE_BLOCK_EXPR) {
		gen_stmts(g, n->list);
		gen_store(g, n->a, to, as);
	} else if (n->kind == NODE_TUPLE || n->kind == NODE_RECORD) {
		store_tuple(g, n, to, as);
	} else if (as->kind == TYPE_STRING && n->type->size <= as->size) {
		gen_string(g, n, to, layout_size(as));
	} else if (as->kind == TYPE_STRING) {
		gen_convert(g, gen_memory(g, n), n->type, to, as);
	} else if (gen_is_bytes_call(n)) {
		gen_bytes_call(g, n, to);
	} else if (n->kind == NODE_CALL && n->func == FUNC_USYM) {
		gen_usym(g, n->list, to);
	} else if ((n->kind == NODE_CALL || n->kind == NODE_IDENT) &&
	           (as->kind == TYPE_KSTACK || as->kind == TYPE_USTACK)) {
		gen_stack(g, n->type, to);
	} else if (gen_is_access(n)) {
		gen_access_store(g, n, to, as);
	} else {
		gen_convert(g, gen_memory(g, n), n->type, to, as);
	}
}

value gen_memory(struct codegen *g, struct node *n)
{
	enum addr_space space;
	value p;

	if (n->kind == NODE_VAR)
		return gen_var_address(g, n->var);
	if (n->kind == NODE_MAP)
		return gen_map_pointer(g, n);
	if (gen_is_access(n)) {
		p = gen_address(g, n, &space);
		if (p && space == AS_BPF)
			return p;
	}
	p = gen_temp(g, layout_size(n->type));
	gen_store(g, n, p, n->type);
	return p;
}
