/* SPDX-License-Identifier: Apache-2.0 */
/* Values made of bytes: buf(), ntop(), macaddr(). */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "codegen/gen.h"

bool gen_is_bytes_call(const struct node *n)
{
	return n->kind == NODE_CALL && (n->func == FUNC_BUF || n->func == FUNC_NTOP ||
	                                       n->func == FUNC_MACADDR || n->func == FUNC_PTON);
}

/* Where an argument's bytes are: its own for arrays, what it points to otherwise. */
static value source(struct codegen *g, struct node *arg, enum addr_space *space)
{
	const struct type *t = arg->type;
	value p;

	if (type_is_memory(t)) {
		p = gen_address(g, arg, space);
		if (!p)
			p = gen_memory(g, arg);
		if (!p || *space == AS_BPF || *space == AS_CTX)
			*space = AS_KERNEL;
		return p;
	}
	*space = t->kind == TYPE_PTR ? t->space : probe_rows[g->action->type].space;
	return gen_value(g, arg);
}

/* A 32-bit length, then the bytes. */
static void gen_buf(struct codegen *g, struct node *n, value to)
{
	struct node *len = n->list->next;
	uint32_t size = n->type->size;
	enum addr_space space = AS_KERNEL;
	value from = source(g, n->list, &space), count = gen_int(g, size), fits;

	if (len && !len->is_const) {
		count = gen_value(g, len);
		fits = gen_cmp(g, LLVMIntULT, count, gen_int(g, size));
		count = LLVMBuildSelect(g->b, fits, count, gen_int(g, size), "");
	}
	gen_zero(g, to, layout_size(n->type));
	gen_store_int(g, count, to, 4);
	gen_probe_read(g, n, gen_offset(g, to, 4), count, from, space);
}

/* A 32-bit family, then up to 16 bytes. */
static void gen_ntop(struct codegen *g, struct node *n, value to)
{
	struct node *address = n->list->next ? n->list->next : n->list;
	const struct type *t = address->type;
	enum addr_space space = AS_KERNEL;
	uint32_t size = t->kind == TYPE_ARRAY ? layout_size(t) : 16;
	value family = n->list->next ? gen_value(g, n->list)
	                             : gen_int(g, size == 16 && t->kind == TYPE_ARRAY ? AF_INET6 : AF_INET);

	gen_zero(g, to, layout_size(n->type));
	gen_store_int(g, family, to, 4);
	if (type_is_integer(t)) {
		gen_store_int(g, gen_value(g, address), gen_offset(g, to, 4), 4);
		return;
	}
	{
		value from = source(g, address, &space);

		gen_probe_read(g, n, gen_offset(g, to, 4), gen_int(g, size), from, space);
	}
}

static void gen_macaddr(struct codegen *g, struct node *n, value to)
{
	enum addr_space space = AS_KERNEL;
	value from;

	gen_zero(g, to, layout_size(n->type));
	if (type_is_integer(n->list->type)) {
		gen_store_int(g, gen_value(g, n->list), to, 8);
		return;
	}
	from = source(g, n->list, &space);
	gen_probe_read(g, n, to, gen_int(g, 6), from, space);
}

static void gen_pton(struct codegen *g, struct node *n, value to)
{
	unsigned char bytes[16] = { 0 };
	unsigned count = layout_size(n->type);

	inet_pton(count == 4 ? AF_INET : AF_INET6, n->list->name, bytes);
	for (unsigned i = 0; i < count; i += 4) {
		uint32_t word;

		memcpy(&word, bytes + i, 4);
		gen_store_int(g, gen_int(g, word), gen_offset(g, to, i), 4);
	}
}

void gen_bytes_call(struct codegen *g, struct node *n, value to)
{
	if (n->func == FUNC_PTON) {
		gen_pton(g, n, to);
		return;
	}
	if (n->func == FUNC_BUF)
		gen_buf(g, n, to);
	else if (n->func == FUNC_NTOP)
		gen_ntop(g, n, to);
	else
		gen_macaddr(g, n, to);
}
