/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reaching into memory: fields, elements, dereference. Every access to kernel or
 * user memory goes through read_int() or read_bytes() here: the one place that would learn
 * about relocations.
 */
#include "codegen/gen.h"

bool gen_is_access(const struct node *n)
{
	return n->kind == NODE_FIELD || n->kind == NODE_TUPLE_AT || n->kind == NODE_INDEX ||
	       (n->kind == NODE_UNOP && n->op == OP_DEREF);
}

static value gen_ctx_pointer(struct codegen *g)
{
	value p = LLVMBuildStructGEP2(g->b, g->frame_type, g->f->frame, FRAME_CTX, "");

	return LLVMBuildLoad2(g->b, g->ptr, p, "ctx");
}

static value as_pointer(struct codegen *g, value v)
{
	return LLVMTypeOf(v) == g->ptr ? v : LLVMBuildIntToPtr(g->b, v, g->ptr, "");
}

/* An integer of `size` bytes at the address, which n names. */
static value read_int(struct codegen *g, const struct node *n, value address, enum addr_space space,
        unsigned size, bool is_signed)
{
	struct temps_mark mark = gen_temps_mark(g);
	value tmp, v;

	if (space == AS_CTX || space == AS_BPF)
		return gen_load(g, as_pointer(g, address), size, is_signed);
	tmp = gen_temp(g, 8);
	gen_store_int(g, gen_int(g, 0), tmp, 8);
	gen_probe_read(g, n, tmp, gen_int(g, size), address, space);
	v = gen_load(g, tmp, size, is_signed);
	gen_temps_release(g, mark);
	return v;
}

/* data_loc: a word in the record that says where in the record the data is. */
static value data_loc(struct codegen *g, value record, const struct field *f)
{
	value word = gen_load(g, gen_offset(g, record, f->offset), 4, false);
	value offset = LLVMBuildAnd(g->b, word, gen_int(g, 0xffff), "");

	if (f->kind == FIELD_REL_LOC)
		offset = LLVMBuildAdd(g->b, offset, gen_int(g, f->offset + 4), "");
	/* As an integer: the verifier forbids variable offsets into the context, and a read helper needs
	 * none. */
	return LLVMBuildAdd(g->b, LLVMBuildPtrToInt(g->b, record, g->i64, ""), offset, "");
}

static value field_address(struct codegen *g, struct node *n, enum addr_space *space)
{
	const struct type *t = n->a->type;
	value base;

	if (n->a->kind == NODE_IDENT && n->a->func == BUILTIN_ARGS) {
		*space = AS_CTX;
		base = gen_ctx_pointer(g);
		if (n->field->kind == FIELD_DATA_LOC || n->field->kind == FIELD_REL_LOC) {
			*space = AS_KERNEL;
			return data_loc(g, base, n->field);
		}
		return gen_offset(g, base, n->field_offset);
	}
	if (t->kind == TYPE_PTR) {
		*space = t->space;
		base = gen_value(g, n->a);
	} else {
		base = gen_address(g, n->a, space);
		if (!base) {
			base = gen_memory(g, n->a);
			*space = AS_BPF;
		}
	}
	if (*space == AS_BPF)
		return gen_offset(g, as_pointer(g, base), n->field_offset);
	if (LLVMTypeOf(base) == g->ptr)
		base = LLVMBuildPtrToInt(g->b, base, g->i64, "");
	return LLVMBuildAdd(g->b, base, gen_int(g, n->field_offset), "");
}

static value index_address(struct codegen *g, struct node *n, enum addr_space *space)
{
	const struct type *t = n->a->type;
	uint32_t size = layout_c_size(t->elem);
	value base, index = gen_value(g, n->b), in_range;

	if (t->kind == TYPE_PTR) {
		*space = t->space;
		base = gen_value(g, n->a);
	} else {
		base = gen_address(g, n->a, space);
		if (!base) {
			base = gen_memory(g, n->a);
			*space = AS_BPF;
		}
		if (n->b->is_const && LLVMTypeOf(base) == g->ptr)
			return gen_offset(g, base, (uint32_t)n->b->ival * size);
		if (t->count && !n->b->is_const) {
			/* Out of range reads the first element's place as 0 would: the kernel's memory behind
			 * an array is nobody's business. */
			in_range = gen_cmp(g, LLVMIntULT, index, gen_int(g, t->count));
			index = LLVMBuildSelect(g->b, in_range, index, gen_int(g, 0), "");
		}
		if (*space == AS_CTX)
			*space = AS_KERNEL;
	}
	index = LLVMBuildMul(g->b, index, gen_int(g, size), "");
	if (*space == AS_BPF)
		return gen_offset_value(g, as_pointer(g, base), index);
	if (LLVMTypeOf(base) == g->ptr)
		base = LLVMBuildPtrToInt(g->b, base, g->i64, "");
	return LLVMBuildAdd(g->b, base, index, "");
}

value gen_address(struct codegen *g, struct node *n, enum addr_space *space)
{
	value base;

	switch ((int)n->kind) {
	case NODE_VAR:
	case NODE_MAP:
	case NODE_TUPLE:
	case NODE_RECORD:
		*space = AS_BPF;
		return gen_memory(g, n);
	case NODE_FIELD:
		return field_address(g, n, space);
	case NODE_INDEX:
		return index_address(g, n, space);
	case NODE_TUPLE_AT:
		base = gen_memory(g, n->a);
		*space = AS_BPF;
		return gen_offset(g, base, n->a->type->fields[n->ival].offset);
	case NODE_UNOP:
		if (n->op != OP_DEREF)
			return NULL;
		*space = n->a->type->kind == TYPE_PTR ? n->a->type->space : probe_rows[g->action->type].space;
		return gen_value(g, n->a);
	default:
		return NULL;
	}
}

static value read_bitfield(struct codegen *g, struct node *n, value address, enum addr_space space)
{
	const struct field *f = n->field;
	unsigned bytes = (f->bit_offset + f->bit_size + 7) / 8, size = 1;
	value v;

	while (size < bytes && size < 8)
		size *= 2;
	v = read_int(g, n, address, space, size, false);
	v = LLVMBuildShl(g->b, v, gen_int(g, 64 - f->bit_offset - f->bit_size), "");
	return f->type->is_signed ? LLVMBuildAShr(g->b, v, gen_int(g, 64 - f->bit_size), "")
	                          : LLVMBuildLShr(g->b, v, gen_int(g, 64 - f->bit_size), "");
}

value gen_access_value(struct codegen *g, struct node *n)
{
	enum addr_space space = AS_BPF;
	value address = gen_address(g, n, &space), v;

	if (n->kind == NODE_FIELD && n->field->kind == FIELD_BTF_ARG)
		/* All arguments take 64 bits, whatever their type. */
		return gen_extend(g, gen_load(g, as_pointer(g, address), 8, false), n->type);
	if (n->kind == NODE_FIELD && n->field->bit_size)
		return read_bitfield(g, n, address, space);
	if (n->type->kind == TYPE_STRUCT || n->type->kind == TYPE_ARRAY)
		return LLVMTypeOf(address) == g->ptr ? LLVMBuildPtrToInt(g->b, address, g->i64, "") : address;
	v = read_int(g, n, address, space, layout_size(n->type), n->type->is_signed);
	return n->type->kind == TYPE_BOOL ? gen_extend(g, v, n->type) : v;
}

/* Arrays and structs as values. */
void gen_access_store(struct codegen *g, struct node *n, value to, const struct type *as)
{
	enum addr_space space = AS_BPF;
	value address = gen_address(g, n, &space);
	uint32_t size = layout_size(n->type);

	if (space == AS_BPF) {
		gen_convert(g, address, n->type, to, as);
		return;
	}
	gen_zero(g, to, layout_size(as));
	gen_probe_read(g, n, to, gen_int(g, size), address, space == AS_CTX ? AS_KERNEL : space);
}
