/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings. In memory they are canonical: zero behind the NUL, so that keys and
 * comparisons go by bytes; a string that was cut has STRING_CUT_MARK in its last
 * byte. In an event's tail only the bytes in use are written.
 */
#include <string.h>

#include "codegen/gen.h"

static bool is_record_field(const struct node *n)
{
	return n->kind == NODE_FIELD && n->a->kind == NODE_IDENT && n->a->func == BUILTIN_ARGS;
}

/* An address without a type. User functions have user addresses; elsewhere the kernel decides by the address.
 */
static enum addr_space integer_space(const struct codegen *g)
{
	return probe_rows[g->action->type].space == AS_USER ? AS_USER : AS_NONE;
}

/* Where str()'s argument points to. */
static value str_source(struct codegen *g, struct node *arg, enum addr_space *space)
{
	value p;

	if (type_is_memory(arg->type)) {
		p = gen_address(g, arg, space);
		if (!p) {
			p = gen_memory(g, arg);
			*space = AS_BPF;
		}
		if (*space == AS_CTX || *space == AS_BPF)
			*space = AS_KERNEL;
		return p;
	}
	*space = arg->type->kind == TYPE_PTR ? arg->type->space : integer_space(g);
	if (*space == AS_BPF || *space == AS_CTX)
		*space = AS_KERNEL;
	return gen_value(g, arg);
}

/* str(p, n) with n known at run time only: bytes to read, NUL included, at most size. */
static value str_limit(struct codegen *g, struct node *call, uint32_t size)
{
	struct node *len = call->list->next;
	value n, fits;

	if (!len)
		return gen_int(g, size);
	if (len->is_const)
		return gen_int(g, len->ival + 1 < size ? len->ival + 1 : size);
	/* Opaque, so that what is compared is what is used: the verifier bounds the one register only. */
	n = gen_opaque(g, gen_value(g, len));
	fits = gen_cmp(g, LLVMIntULT, n, gen_int(g, size - 1));
	n = gen_opaque(g, LLVMBuildSelect(g->b, fits, n, gen_int(g, size - 1), ""));
	return LLVMBuildAdd(g->b, n, gen_int(g, 1), "");
}

/* Sets the mark when a read filled the whole buffer and the source goes on. Capacity `size`. */
static void mark_cut(
        struct codegen *g, value to, value got, value address, uint32_t size, enum addr_space space)
{
	LLVMBasicBlockRef full = gen_block(g, "full"), cut = gen_block(g, "cut"), end = gen_block(g, "whole");
	value next, tmp;

	gen_cond(g, gen_cmp(g, LLVMIntEQ, got, gen_int(g, size)), full, end);
	gen_at(g, full);
	tmp = gen_temp(g, 8);
	gen_store_int(g, gen_int(g, 0), tmp, 8);
	if (LLVMTypeOf(address) == g->ptr)
		address = LLVMBuildPtrToInt(g->b, address, g->i64, "");
	next = LLVMBuildAdd(g->b, address, gen_int(g, size - 1), "");
	gen_probe_read(g, NULL, tmp, gen_int(g, 1), next, space);
	gen_cond(g, gen_truth(g, gen_load(g, tmp, 1, false)), cut, end);
	gen_at(g, cut);
	gen_store_int(g, gen_int(g, STRING_CUT_MARK), gen_offset(g, to, size - 1), 1);
	gen_br(g, end);
	gen_at(g, end);
}

static void store_str(struct codegen *g, struct node *n, value to, uint32_t size)
{
	enum addr_space space;
	value from = str_source(g, n->list, &space), got;
	uint32_t capacity = n->type->size < size ? n->type->size : size;

	gen_zero(g, to, size);
	got = gen_probe_read_str(g, n, to, str_limit(g, n, capacity), from, space);
	if (!n->list->next && capacity == g->program->config.max_strlen)
		mark_cut(g, to, got, from, capacity, space);
}

/* All probes' names, each in `size` bytes, by the probe's index. */
static const char *probe_text(const struct probe *p, bool target)
{
	return target && p->target ? p->target : p->name;
}

static value name_table(struct codegen *g, uint32_t size, unsigned entries, bool target)
{
	const struct program *p = g->program;
	char *text = arena_alloc(g->arena, (size_t)size * entries);

	for (unsigned i = 0; i < g->action->nprobes; i++) {
		unsigned probe = g->action->probes[i];

		strncpy(text + (size_t)probe * size, probe_text(&p->probes[probe], target), size - 1);
	}
	return gen_rodata(g, LLVMConstStringInContext(g->llvm, text, size * entries, 1), "probe_names");
}

/* probe, or func: the probed function. */
static void store_probe(struct codegen *g, value to, uint32_t size, bool target)
{
	const struct program *p = g->program;
	const char *only = probe_text(&p->probes[g->action->probes[0]], target);
	unsigned entries = 1;
	value index, from;

	if (g->action->nprobes == 1 || g->action->type == PROBE_RAWTRACEPOINT) {
		gen_literal(g, to, only, (uint32_t)strlen(only), size);
		return;
	}
	/* A mask is a bound that no optimisation moves away from its use. */
	while (entries < p->nprobes)
		entries *= 2;
	index = LLVMBuildAnd(g->b, gen_probe_index(g), gen_int(g, entries - 1), "");
	from = LLVMBuildPtrToInt(g->b, name_table(g, size, entries, target), g->i64, "");
	from = LLVMBuildAdd(g->b, from, LLVMBuildMul(g->b, index, gen_int(g, size), ""), "");
	gen_helper(g, HELPER_PROBE_READ_KERNEL, 3, to, gen_int(g, size), from);
}

/* A char array or data_loc string: it may have garbage behind its NUL. */
static void store_field(struct codegen *g, struct node *n, value to, uint32_t size)
{
	enum addr_space space = AS_BPF;
	value from = gen_address(g, n, &space);
	uint32_t capacity = n->type->size < size ? n->type->size : size;

	if (space == AS_BPF && n->kind == NODE_FIELD && n->a->type->kind == TYPE_RECORD) {
		gen_convert(g, from, n->type, to, &(struct type){ .kind = TYPE_STRING, .size = size });
		return;
	}
	gen_zero(g, to, size);
	gen_probe_read_str(
	        g, n, to, gen_int(g, capacity), from, space == AS_CTX || space == AS_BPF ? AS_KERNEL : space);
}

/* Any string expression but ?: and blocks, into size bytes (a multiple of 8). */
void gen_string(struct codegen *g, struct node *n, value to, uint32_t size)
{
	if (n->kind == NODE_STRING) {
		gen_literal(g, to, n->name, (uint32_t)n->ival, size);
	} else if (n->kind == NODE_IDENT && n->func == BUILTIN_COMM) {
		/* What is behind the NUL: Linux 6.1 leaves it as it was. */
		gen_zero(g, to, size);
		gen_helper(g, HELPER_COMM, 2, to, gen_int(g, 16));
	} else if (n->kind == NODE_IDENT && (n->func == BUILTIN_PROBE || n->func == BUILTIN_FUNC)) {
		store_probe(g, to, size, n->func == BUILTIN_FUNC);
	} else if (n->kind == NODE_CALL && n->func == FUNC_STR) {
		store_str(g, n, to, size);
	} else if (n->kind == NODE_CAST && n->a->type->size > n->type->size) {
		gen_convert(g, gen_memory(g, n->a), n->a->type, to, n->type);
		if (size > layout_size(n->type))
			gen_zero(g, gen_offset(g, to, layout_size(n->type)), size - layout_size(n->type));
	} else if (n->kind == NODE_CAST) {
		gen_string(g, n->a, to, size);
	} else if (gen_is_access(n) && n->kind != NODE_TUPLE_AT) {
		store_field(g, n, to, size);
	} else {
		gen_convert(g, gen_memory(g, n), n->type, to,
		        &(struct type){ .kind = TYPE_STRING, .size = size });
	}
}

/*
 * Reads a string into an event's tail and its length into the descriptor; yields the bytes that
 * the tail grew by. `size` is what the argument's type reserves; n as for gen_probe_read().
 */
value gen_str_tail(struct codegen *g, const struct node *n, value to, value descriptor, value address,
        uint32_t size, enum addr_space space)
{
	value got = gen_probe_read_str(g, n, to, gen_int(g, size), address, space), used = gen_local(g), flag,
	      tmp;
	LLVMBasicBlockRef good = gen_block(g, "read"), full = gen_block(g, "full"),
	                  end = gen_block(g, "tail");

	gen_set(g, used, gen_int(g, 0));
	gen_store_int(g, gen_int(g, 0), descriptor, 4);
	gen_cond(g, gen_cmp(g, LLVMIntSGT, got, gen_int(g, 0)), good, end);
	gen_at(g, good);
	gen_set(g, used, LLVMBuildSub(g->b, got, gen_int(g, 1), ""));
	gen_store_int(g, gen_get(g, used), descriptor, 4);
	gen_cond(g, gen_cmp(g, LLVMIntEQ, got, gen_int(g, size)), full, end);
	gen_at(g, full);
	tmp = gen_temp(g, 8);
	gen_store_int(g, gen_int(g, 0), tmp, 8);
	if (LLVMTypeOf(address) == g->ptr)
		address = LLVMBuildPtrToInt(g->b, address, g->i64, "");
	gen_probe_read(
	        g, NULL, tmp, gen_int(g, 1), LLVMBuildAdd(g->b, address, gen_int(g, size - 1), ""), space);
	flag = gen_truth(g, gen_load(g, tmp, 1, false));
	flag = LLVMBuildSelect(g->b, flag, gen_int(g, EVENT_TAIL_CUT), gen_int(g, 0), "");
	gen_store_int(g, LLVMBuildOr(g->b, gen_get(g, used), flag, ""), descriptor, 4);
	gen_br(g, end);
	gen_at(g, end);
	return gen_get(g, used);
}

value gen_string_tail(struct codegen *g, struct node *n, value to, value descriptor)
{
	uint32_t size = n->type->size;
	enum addr_space space = AS_KERNEL;
	value from;

	if (n->kind == NODE_CALL && n->func == FUNC_STR && (!n->list->next || n->list->next->is_const)) {
		from = str_source(g, n->list, &space);
		if (!n->list->next)
			return gen_str_tail(g, n, to, descriptor, from, size, space);
		/* A length that the script asked for is no cut. */
		from = gen_str_tail(g, n, to, descriptor, from, size, space);
		gen_store_int(g, from, descriptor, 4);
		return from;
	}
	if (n->kind == NODE_STRING)
		from = gen_rodata(
		        g, LLVMConstStringInContext(g->llvm, n->name, (unsigned)n->ival, 0), "text");
	else if (is_record_field(n))
		from = gen_address(g, n, &space), space = AS_KERNEL;
	else
		from = gen_memory(g, n);
	return gen_str_tail(g, is_record_field(n) ? n : NULL, to, descriptor, from, size, space);
}

/* --- comparison --- */

static value xor_words(struct codegen *g, value p, uint32_t at, value q, value diff)
{
	value a = gen_load(g, gen_offset(g, p, at), 8, false);
	value b = gen_load(g, gen_offset(g, q, at), 8, false);

	return LLVMBuildOr(g->b, diff, LLVMBuildXor(g->b, a, b, ""), "");
}

/* So many words are compared in a row, without a branch. */
#define ROW_WORDS 16

/* LLVM would make a comparison of each word, and BPF a branch of each comparison. */
static value no_difference(struct codegen *g, value diff)
{
	return gen_cmp(g, LLVMIntEQ, gen_opaque(g, diff), gen_int(g, 0));
}

static value equal_row(struct codegen *g, value p, value q, uint32_t words)
{
	value diff = gen_int(g, 0);

	for (uint32_t w = 0; w < words; w++)
		diff = xor_words(g, p, 8 * w, q, diff);
	return no_difference(g, diff);
}

/* Row by row: the verifier walks through all turns, and goes on from each place that leaves the loop, so
 * there must not be one per word. The first row is the odd one. */
value gen_equal_words(struct codegen *g, value p, value q, uint32_t words)
{
	uint32_t first = words % ROW_WORDS ? words % ROW_WORDS : ROW_WORDS;
	LLVMBasicBlockRef head, body, end;
	value i, result, at;

	if (words <= ROW_WORDS)
		return equal_row(g, p, q, words);
	head = gen_block(g, "compare");
	body = gen_block(g, "row");
	end = gen_block(g, "compared");
	i = gen_local(g);
	result = gen_local(g);
	gen_set(g, i, gen_int(g, 8 * first));
	gen_set(g, result, gen_bool(g, equal_row(g, p, q, first)));
	gen_cond(g, gen_truth(g, gen_get(g, result)), body, end);
	gen_at(g, body);
	at = gen_get(g, i);
	at = equal_row(g, gen_offset_value(g, p, at), gen_offset_value(g, q, at), ROW_WORDS);
	gen_set(g, result, gen_bool(g, at));
	gen_cond(g, at, head, end);
	gen_at(g, head);
	gen_set(g, i, LLVMBuildAdd(g->b, gen_get(g, i), gen_int(g, 8 * ROW_WORDS), ""));
	gen_cond(g, gen_cmp(g, LLVMIntULT, gen_get(g, i), gen_int(g, 8 * words)), body, end);
	gen_at(g, end);
	return gen_truth(g, gen_get(g, result));
}

static value equal_literal(struct codegen *g, struct node *n, const struct node *literal)
{
	uint32_t size = layout_size(n->type), len = (uint32_t)literal->ival;
	value p, diff = gen_int(g, 0);

	if (len >= n->type->size)
		return LLVMConstInt(g->i1, 0, 0);
	p = gen_memory(g, n);
	for (uint32_t at = 0; at <= len && at < size; at += 8) {
		uint64_t word = 0;
		value v = gen_load(g, gen_offset(g, p, at), 8, false);

		memcpy(&word, literal->name + at, len - at < 8 ? len - at : 8);
		diff = LLVMBuildOr(g->b, diff, LLVMBuildXor(g->b, v, gen_int(g, word), ""), "");
	}
	return no_difference(g, diff);
}

static value equal_strings(struct codegen *g, struct node *a, struct node *b)
{
	struct node *longer, *shorter;
	value p, q, same, rest;
	uint32_t words, more;

	longer = a->type->size >= b->type->size ? a : b;
	shorter = longer == a ? b : a;
	p = gen_memory(g, longer);
	q = gen_memory(g, shorter);
	words = layout_size(shorter->type) / 8;
	more = layout_size(longer->type) / 8;
	same = gen_equal_words(g, p, q, words);
	if (more == words)
		return same;
	/* Both are zero behind their NUL: the longer one must end where the shorter one's buffer does. */
	rest = gen_cmp(g, LLVMIntEQ, gen_load(g, gen_offset(g, p, words * 8), 8, false), gen_int(g, 0));
	return LLVMBuildAnd(g->b, same, rest, "");
}

value gen_string_equal(struct codegen *g, struct node *a, struct node *b)
{
	struct temps_mark mark = gen_temps_mark(g);
	value same;

	if (b->kind == NODE_STRING && b->ival < 256)
		same = equal_literal(g, a, b);
	else if (a->kind == NODE_STRING && a->ival < 256)
		same = equal_literal(g, b, a);
	else
		same = equal_strings(g, a, b);
	gen_temps_release(g, mark);
	return same;
}

value gen_strlen(struct codegen *g, struct node *n)
{
	struct node *arg = n->list;
	uint32_t size =
	        arg->type->size; /* without what rounds it up, so that a mark of a cut is not counted */
	struct temps_mark mark = gen_temps_mark(g);
	value from = gen_memory(g, arg), copy = gen_temp(g, size), got, found;

	/* The copy's length, NUL included, is what the helper yields: no loop is shorter. */
	got = gen_helper(g, HELPER_PROBE_READ_KERNEL_STR, 3, copy, gen_int(g, size), from);
	gen_temps_release(g, mark);
	found = gen_cmp(g, LLVMIntSGT, got, gen_int(g, 0));
	return LLVMBuildSelect(g->b, found, LLVMBuildSub(g->b, got, gen_int(g, 1), ""), gen_int(g, 0), "");
}

/* strncmp(a, b, n): 0 when the first n bytes are equal or both end before. */
value gen_strncmp(struct codegen *g, struct node *n)
{
	struct node *a = n->list, *b = a->next;
	uint32_t count = (uint32_t)b->next->ival, left = layout_size(a->type), right = layout_size(b->type);
	uint32_t size = left > right ? left : right, words;
	struct temps_mark mark = gen_temps_mark(g);
	value p = gen_temp(g, size), q = gen_temp(g, size), same, diff;

	gen_string(g, a, p, size);
	gen_string(g, b, q, size);
	gen_temps_release(g, mark);
	if (count > size)
		count = size;
	words = count / 8;
	same = words ? gen_equal_words(g, p, q, words) : LLVMConstInt(g->i1, 1, 0);
	if (count % 8) {
		uint64_t mask = (1ULL << (count % 8 * 8)) - 1;

		diff = xor_words(g, p, words * 8, q, gen_int(g, 0));
		diff = LLVMBuildAnd(g->b, diff, gen_int(g, mask), "");
		same = LLVMBuildAnd(g->b, same, gen_cmp(g, LLVMIntEQ, diff, gen_int(g, 0)), "");
	}
	return gen_bool(g, LLVMBuildNot(g->b, same, ""));
}

/*
 * Where a literal of n bytes is in a string: every place is compared by bytes, in a loop that the
 * verifier walks through. A byte behind the string's end is zero, and no literal holds one.
 */
value gen_strstr(struct codegen *g, struct node *n)
{
	const struct node *needle = n->list->next;
	uint32_t size = layout_size(n->list->type), len = (uint32_t)needle->ival;
	LLVMBasicBlockRef head = gen_block(g, "search"), body = gen_block(g, "place"),
	                  found = gen_block(g, "found");
	LLVMBasicBlockRef next = gen_block(g, "next_place"), end = gen_block(g, "searched");
	value i = gen_local(g), result = gen_local(g), p, at, c;

	gen_set(g, result, gen_int(g, (uint64_t)-1));
	if (len >= size)
		return gen_get(g, result);
	p = gen_memory(g, n->list);
	gen_set(g, i, gen_int(g, 0));
	gen_br(g, head);
	gen_at(g, head);
	gen_cond(g, gen_cmp(g, LLVMIntULE, gen_get(g, i), gen_int(g, size - len)), body, end);
	gen_at(g, body);
	at = gen_offset_value(g, p, gen_get(g, i));
	for (uint32_t k = 0; k < len; k++) {
		LLVMBasicBlockRef same = gen_block(g, "same");

		c = gen_load(g, gen_offset(g, at, k), 1, false);
		gen_cond(g, gen_cmp(g, LLVMIntEQ, c, gen_int(g, (unsigned char)needle->name[k])), same, next);
		gen_at(g, same);
	}
	gen_br(g, found);
	gen_at(g, found);
	gen_set(g, result, gen_get(g, i));
	gen_br(g, end);
	gen_at(g, next);
	gen_set(g, i, LLVMBuildAdd(g->b, gen_get(g, i), gen_int(g, 1), ""));
	gen_br(g, head);
	gen_at(g, end);
	return gen_get(g, result);
}
