/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps: keys, look-ups, assignment, atomic counting. A scalar is the only element
 * of an array, which the kernel looks up without a call.
 */
#include <stddef.h>

#include "codegen/gen.h"

#define NOEXIST 1 /* BPF_NOEXIST, include/uapi/linux/bpf.h */

static const struct map *map_of(struct codegen *g, const struct node *n)
{
	return &g->program->maps[n->map];
}

static value lookup(struct codegen *g, const struct map *m, value key)
{
	return LLVMBuildIntToPtr(g->b, gen_helper(g, HELPER_MAP_LOOKUP, 2, g->maps[m->id], key), g->ptr, "");
}

/* One key as it is, several as the tuple that they make. */
value gen_key_store(struct codegen *g, const struct map *m, struct node *keys, struct loc loc)
{
	value key = gen_temp(g, m->key ? layout_map_key(m) : 4);
	struct node tuple = { .kind = NODE_TUPLE, .loc = loc, .list = keys };

	if (!m->key) {
		gen_store_int(g, gen_int(g, 0), key, 4);
		return key;
	}
	if (keys->next)
		gen_store(g, &tuple, key, m->key);
	else
		gen_store(g, keys, key, m->key);
	return key;
}

value gen_map_key(struct codegen *g, struct node *n)
{
	const struct map *m = map_of(g, n);

	return gen_key_store(g, m, n->list, n->loc);
}

static value gen_null(struct codegen *g, value p)
{
	(void)g;
	return LLVMBuildIsNull(g->b, p, "");
}

value gen_map_read(struct codegen *g, struct node *n)
{
	const struct map *m = map_of(g, n);
	struct temps_mark mark = gen_temps_mark(g);
	value key = gen_map_key(g, n), p, result;
	LLVMBasicBlockRef found, end;

	if (type_is_agg(m->value)) {
		result = gen_agg_read(g, m, key);
		gen_temps_release(g, mark);
		return result;
	}
	found = gen_block(g, "found");
	end = gen_block(g, "read");
	result = gen_local(g);
	gen_set(g, result, gen_int(g, 0));
	p = lookup(g, m, key);
	gen_temps_release(g, mark);
	gen_cond(g, gen_null(g, p), end, found);
	gen_at(g, found);
	gen_set(g, result, gen_load(g, p, layout_size(m->value), m->value->is_signed));
	gen_br(g, end);
	gen_at(g, end);
	return gen_get(g, result);
}

value gen_map_pointer(struct codegen *g, struct node *n)
{
	const struct map *m = map_of(g, n);
	uint32_t size = (layout_size(m->value) + 7) / 8 * 8;
	struct temps_mark mark = gen_temps_mark(g);
	value key = gen_map_key(g, n), p = lookup(g, m, key), phi, in[2];
	LLVMBasicBlockRef from = LLVMGetInsertBlock(g->b), absent = gen_block(g, "absent"),
	                  end = gen_block(g, "place");
	LLVMBasicBlockRef blocks[2];

	gen_temps_release(g, mark);
	gen_cond(g, gen_null(g, p), absent, end);
	gen_at(g, absent);
	in[1] = gen_zeros(g, size);
	gen_br(g, end);
	gen_at(g, end);
	phi = LLVMBuildPhi(g->b, g->ptr, "");
	in[0] = p;
	blocks[0] = from;
	blocks[1] = absent;
	LLVMAddIncoming(phi, in, blocks, 2);
	return phi;
}

/* Looks the key up, and inserts zeros first when it is not there; counts what does not fit and goes to
 * `missing` then. */
value gen_map_ensure(struct codegen *g, const struct map *m, value key, LLVMBasicBlockRef missing)
{
	LLVMBasicBlockRef insert, lost, full, again, found = gen_block(g, "present"), here, second;
	value p = lookup(g, m, key), q, r, phi, in[2];
	LLVMBasicBlockRef blocks[2];

	here = LLVMGetInsertBlock(g->b);
	if (map_is_scalar(m)) {
		gen_cond(g, gen_null(g, p), missing, found);
		gen_at(g, found);
		return p;
	}
	insert = gen_block(g, "insert");
	lost = gen_block(g, "lost");
	full = gen_block(g, "full");
	again = gen_block(g, "again");
	gen_cond(g, gen_null(g, p), insert, found);
	gen_at(g, insert);
	/* Another CPU may insert it at the same time: then this fails, and the second look-up finds that one.
	 */
	r = gen_helper(g, HELPER_MAP_UPDATE, 4, g->maps[m->id], key, gen_zeros(g, layout_map_value(m)),
	        gen_int(g, NOEXIST));
	q = lookup(g, m, key);
	second = LLVMGetInsertBlock(g->b);
	gen_cond(g, gen_null(g, q), lost, found);
	gen_at(g, lost);
	gen_cond(g, gen_cmp(g, LLVMIntEQ, r, gen_int(g, (uint64_t)-7 /* E2BIG */)), full, again);
	gen_at(g, full);
	gen_lose(g, LOSS_MAP_FULL);
	gen_br(g, missing);
	gen_at(g, again);
	gen_lose(g, LOSS_MAP_UPDATE);
	gen_br(g, missing);
	gen_at(g, found);
	phi = LLVMBuildPhi(g->b, g->ptr, "");
	in[0] = p;
	in[1] = q;
	blocks[0] = here;
	blocks[1] = second;
	LLVMAddIncoming(phi, in, blocks, 2);
	return phi;
}

static void mark_set(struct codegen *g, const struct map *m, value p, uint64_t set)
{
	if (m->kind == MAP_SCALAR)
		gen_store_int(g, gen_int(g, set), gen_offset(g, p, layout_scalar_set_offset(m)), 8);
}

/* update_elem, with the failure counted under its cause. */
static void gen_update(struct codegen *g, const struct map *m, value key, value val)
{
	LLVMBasicBlockRef failed = gen_block(g, "failed"), full = gen_block(g, "full");
	LLVMBasicBlockRef other = gen_block(g, "other"), end = gen_block(g, "updated");
	value r = gen_helper(g, HELPER_MAP_UPDATE, 4, g->maps[m->id], key, val, gen_int(g, 0));

	gen_cond(g, gen_cmp(g, LLVMIntEQ, r, gen_int(g, 0)), end, failed);
	gen_at(g, failed);
	gen_cond(g, gen_cmp(g, LLVMIntEQ, r, gen_int(g, (uint64_t)-7 /* E2BIG */)), full, other);
	gen_at(g, full);
	gen_lose(g, LOSS_MAP_FULL);
	gen_br(g, end);
	gen_at(g, other);
	gen_lose(g, LOSS_MAP_UPDATE);
	gen_br(g, end);
	gen_at(g, end);
}

static void assign_int(struct codegen *g, const struct map *m, value key, value v)
{
	LLVMBasicBlockRef present = gen_block(g, "present"), insert = gen_block(g, "insert");
	LLVMBasicBlockRef end = gen_block(g, "assigned");
	value p = lookup(g, m, key), tmp;

	/* One store of a word replaces it whole; no element is made anew. */
	gen_cond(g, gen_null(g, p), insert, present);
	gen_at(g, present);
	gen_store_int(g, v, p, layout_size(m->value));
	mark_set(g, m, p, 1);
	gen_br(g, end);
	gen_at(g, insert);
	if (!map_is_scalar(m)) {
		tmp = gen_temp(g, 8);
		gen_store_int(g, gen_int(g, 0), tmp, 8);
		gen_store_int(g, v, tmp, layout_size(m->value));
		gen_update(g, m, key, tmp);
	}
	gen_br(g, end);
	gen_at(g, end);
}

static void assign_memory(struct codegen *g, const struct map *m, value key, struct node *from)
{
	uint32_t size = layout_map_value(m), bytes = layout_size(m->value);
	value tmp = gen_temp(g, size);

	gen_store(g, from, tmp, m->value);
	if (bytes < size)
		gen_zero(g, gen_offset(g, tmp, bytes), size - bytes);
	mark_set(g, m, tmp, 1);
	gen_update(g, m, key, tmp);
}

static bool is_atomic(enum op op)
{
	return op == OP_ADD || op == OP_SUB || op == OP_BAND || op == OP_BOR || op == OP_BXOR;
}

static value gen_atomic(struct codegen *g, enum op op, value p, value v)
{
	LLVMAtomicRMWBinOp how = op == OP_BAND   ? LLVMAtomicRMWBinOpAnd
	                         : op == OP_BOR  ? LLVMAtomicRMWBinOpOr
	                         : op == OP_BXOR ? LLVMAtomicRMWBinOpXor
	                                         : LLVMAtomicRMWBinOpAdd;

	if (op == OP_SUB)
		v = LLVMBuildNeg(g->b, v, "");
	return LLVMBuildAtomicRMW(g->b, how, p, v, LLVMAtomicOrderingMonotonic, 0);
}

/* @m[k] op= v */
static void assign_compound(
        struct codegen *g, const struct map *m, value key, enum op op, value v, bool by_signed)
{
	bool is_signed = m->value->is_signed || (by_signed && op != OP_SHR);
	LLVMBasicBlockRef end = gen_block(g, "assigned");
	value p = gen_map_ensure(g, m, key, end), old;

	if (is_atomic(op) && layout_size(m->value) == 8) {
		gen_atomic(g, op, p, v);
	} else {
		old = gen_load(g, p, layout_size(m->value), m->value->is_signed);
		gen_store_int(g, gen_arith(g, op, old, v, is_signed), p, layout_size(m->value));
	}
	mark_set(g, m, p, 1);
	gen_br(g, end);
	gen_at(g, end);
}

void gen_map_assign(struct codegen *g, struct node *n)
{
	const struct map *m = map_of(g, n->a);
	value key, v;

	if (type_is_agg(m->value)) {
		gen_agg_update(g, n);
		return;
	}
	if (type_is_memory(m->value)) {
		key = gen_map_key(g, n->a);
		assign_memory(g, m, key, n->b);
		return;
	}
	v = gen_value(g, n->b);
	key = gen_map_key(g, n->a);
	if (n->op == OP_SET)
		assign_int(g, m, key, v);
	else
		assign_compound(g, m, key, n->op, v, gen_is_signed(n->b));
}

value gen_map_incdec(struct codegen *g, struct node *n, bool wanted)
{
	const struct map *m = map_of(g, n->a);
	LLVMBasicBlockRef end = gen_block(g, "counted");
	bool down = n->op == OP_PREDEC || n->op == OP_POSTDEC;
	value key = gen_map_key(g, n->a), result = gen_local(g), step = gen_int(g, down ? (uint64_t)-1 : 1),
	      p, old;

	gen_set(g, result, gen_int(g, 0));
	p = gen_map_ensure(g, m, key, end);
	if (layout_size(m->value) == 8) {
		old = LLVMBuildAtomicRMW(g->b, LLVMAtomicRMWBinOpAdd, p, step,
		        wanted ? LLVMAtomicOrderingSequentiallyConsistent : LLVMAtomicOrderingMonotonic, 0);
	} else {
		old = gen_load(g, p, layout_size(m->value), m->value->is_signed);
		gen_store_int(g, LLVMBuildAdd(g->b, old, step, ""), p, layout_size(m->value));
	}
	mark_set(g, m, p, 1);
	if (wanted)
		gen_set(g, result,
		        n->op == OP_POSTINC || n->op == OP_POSTDEC ? old : LLVMBuildAdd(g->b, old, step, ""));
	gen_br(g, end);
	gen_at(g, end);
	return wanted ? gen_get(g, result) : NULL;
}

/* --- delete, has_key, find, len --- */

/* A scalar cannot be deleted from its array: it is marked unset, and its aggregation cleared. */
static value delete_scalar(struct codegen *g, const struct map *m, value key)
{
	LLVMBasicBlockRef found, end;
	value p, result, was;

	if (map_is_percpu(m)) {
		gen_agg_clear(g, m, key);
		return gen_int(g, 1);
	}
	found = gen_block(g, "found");
	end = gen_block(g, "deleted");
	result = gen_local(g);
	p = lookup(g, m, key);
	gen_set(g, result, gen_int(g, 0));
	gen_cond(g, gen_null(g, p), end, found);
	gen_at(g, found);
	was = gen_load(g, gen_offset(g, p, layout_scalar_set_offset(m)), 8, false);
	gen_set(g, result, was);
	gen_zero(g, p, layout_map_value(m));
	gen_br(g, end);
	gen_at(g, end);
	return gen_get(g, result);
}

static value has_key(struct codegen *g, const struct map *m, value key)
{
	/* Hidden, since LLVM writes the address for a 0 where it knows that it is 0, in arithmetic that the
	 * verifier forbids to addresses. */
	return gen_opaque(g, gen_bool(g, LLVMBuildIsNotNull(g->b, lookup(g, m, key), "")));
}

static value find(struct codegen *g, const struct map *m, value key, const struct var *out)
{
	LLVMBasicBlockRef found = gen_block(g, "found"), end = gen_block(g, "find");
	value p = lookup(g, m, key), at = gen_var_address(g, out), result = gen_local(g);

	gen_set(g, result, gen_int(g, 0));
	gen_cond(g, gen_null(g, p), end, found);
	gen_at(g, found);
	gen_set(g, result, gen_int(g, 1));
	if (type_is_agg(m->value))
		LLVMBuildStore(g->b, gen_agg_read(g, m, key), at);
	else if (type_is_memory(m->value))
		gen_convert(g, p, m->value, at, out->type);
	else
		LLVMBuildStore(g->b,
		        gen_extend(g, gen_load(g, p, layout_size(m->value), m->value->is_signed), out->type),
		        at);
	gen_br(g, end);
	gen_at(g, end);
	return gen_get(g, result);
}

value gen_map_call(struct codegen *g, struct node *n)
{
	struct node *map = n->list, *key_node = map->next;
	const struct map *m;
	value key, r;

	if (n->func == FUNC_LEN && (map->kind != NODE_MAP || map->list))
		return gen_load(
		        g, gen_offset(g, gen_memory(g, map), offsetof(struct stack_key, depth)), 4, false);
	m = map_of(g, map);
	if (n->func == FUNC_LEN)
		return gen_helper(g, HELPER_FOR_EACH_MAP_ELEM, 4, g->maps[m->id], gen_count_callback(g),
		        g->f->frame, gen_int(g, 0));
	if (key_node) {
		/* The key is one argument; what follows it is not part of it. */
		struct node alone = *key_node;

		alone.next = NULL;
		key = gen_key_store(g, m, &alone, n->loc);
	} else {
		key = gen_map_key(g, map);
	}
	if (n->func == FUNC_HAS_KEY)
		return has_key(g, m, key);
	if (n->func == FUNC_FIND)
		return find(g, m, key, key_node->next->var);
	if (map_is_scalar(m))
		return delete_scalar(g, m, key);
	r = gen_helper(g, HELPER_MAP_DELETE, 2, g->maps[m->id], key);
	return gen_bool(g, gen_cmp(g, LLVMIntEQ, r, gen_int(g, 0)));
}
