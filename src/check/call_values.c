/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that yield values: strings, stacks and symbols, bytes and addresses; and signals. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "check/calls.h"
#include "lang/arch.h"
#include "lang/layout.h"

/* --- processes --- */

/* A name becomes its number. */
struct type *call_SIGNAL(struct check *c, struct node *n)
{
	struct node *arg = n->list;
	const char *name = arg->name;

	if (arg->type->kind != TYPE_STRING) {
		if (!type_as_int(arg->type))
			infer_error(c, arg->loc, ARG_TYPE, n->name, "a signal", calls_type_text(c, arg));
		return &type_void;
	}
	if (arg->kind != NODE_STRING) {
		infer_error(c, arg->loc, ARG_TYPE, n->name, "a signal's number or literal name",
		        calls_type_text(c, arg));
		return &type_void;
	}
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (int i = 1; i < NSIG; i++) {
		if (sigabbrev_np(i) && strcmp(sigabbrev_np(i), name) == 0) {
			arg->kind = NODE_INT;
			arg->ival = (uint64_t)i;
			infer(c, arg);
			return &type_void;
		}
	}
	infer_error(c, arg->loc, UNKNOWN_SIGNAL, arg->name);
	return &type_void;
}

struct type *call_SIGNAL_THREAD(struct check *c, struct node *n)
{
	return call_SIGNAL(c, n);
}

struct type *call_BSWAP(struct check *c, struct node *n)
{
	struct type *t = type_as_int(n->list->type);
	const struct var *v = n->list->kind == NODE_VAR ? n->list->var : NULL;

	(void)c;
	if (v && !v->declared && v->width)
		return type_int(v->width, false);
	return t->is_literal || t->kind != TYPE_INT ? &type_uint64 : type_int(t->size, false);
}

/* --- strings --- */

struct type *call_STR(struct check *c, struct node *n)
{
	struct node *p = n->list, *len = p->next;
	uint64_t size = c->program->config.max_strlen;

	if (p->kind == NODE_STRING && (!len || (len->is_const && (int64_t)len->ival >= 0))) {
		n->kind = NODE_STRING;
		n->ival = len && len->ival < p->ival ? len->ival : p->ival;
		n->name = arena_strndup(c->arena, p->name, n->ival);
		n->list = NULL;
		return infer(c, n);
	}
	if (p->type && p->type->kind == TYPE_STRING)
		size = p->type->size < size ? p->type->size : size;
	if (p->type && type_is_integer(p->type) && p->is_const)
		infer_error(c, p->loc, STR_CONST);
	if (len && len->is_const) {
		if ((int64_t)len->ival < 0)
			infer_error(c, len->loc, STR_LENGTH);
		else if (len->ival + 1 < size)
			size = len->ival + 1;
	}
	return type_string(c->arena, (uint32_t)size);
}

struct type *call_STRLEN(struct check *c, struct node *n)
{
	(void)c;
	if (n->list->is_const) {
		n->is_const = true;
		n->ival = strlen(n->list->name);
	}
	return &type_uint64;
}

struct type *call_STRCAP(struct check *c, struct node *n)
{
	(void)c;
	n->is_const = true;
	n->ival = n->list->type->size;
	return &type_uint64;
}

struct type *call_STRNCMP(struct check *c, struct node *n)
{
	const struct node *len = n->list->next->next;

	if ((int64_t)len->ival < 0 || len->ival > 1024)
		infer_error(c, len->loc, STRNCMP_LENGTH);
	return &type_uint64;
}

struct type *call_STRFTIME(struct check *c, struct node *n)
{
	struct type *t = type_new(c->arena, TYPE_TIMESTAMP);

	t->name = n->list->name;
	return t;
}

/* --- stacks and symbols --- */

static const struct {
	const char *name;
	enum stack_mode mode;
} stack_modes[] = { { "bpftrace", STACK_BPFTRACE }, { "perf", STACK_PERF }, { "raw", STACK_RAW } };

struct type *calls_stack_type(struct check *c, enum type_kind kind, struct node *args)
{
	struct type *t = type_new(c->arena, kind);
	unsigned i = 0, nmodes = sizeof(stack_modes) / sizeof(stack_modes[0]);

	c->program->uses_stacks = true;
	c->program->uses_ustack |= kind == TYPE_USTACK;
	t->count = STACK_MAX_DEPTH;
	t->size = sizeof(struct stack_key);
	if (args && args->kind == NODE_STRING) {
		while (i < nmodes && strcmp(stack_modes[i].name, args->name) != 0)
			i++;
		if (i == nmodes)
			infer_error(c, args->loc, STACK_MODE, args->name);
		else
			t->agg.bits = stack_modes[i].mode;
		args = args->next;
	}
	if (!args)
		return t;
	if (!args->is_const || args->kind == NODE_STRING || args->ival < 1 || args->ival > STACK_MAX_DEPTH)
		infer_error(c, args->loc, STACK_LIMIT);
	else
		t->count = (uint32_t)args->ival;
	return t;
}

struct type *call_KSTACK(struct check *c, struct node *n)
{
	return calls_stack_type(c, TYPE_KSTACK, n->list);
}

struct type *call_USTACK(struct check *c, struct node *n)
{
	return calls_stack_type(c, TYPE_USTACK, n->list);
}

struct type *call_KSYM(struct check *c, struct node *n)
{
	(void)n;
	return type_new(c->arena, TYPE_KSYM);
}

struct type *call_USYM(struct check *c, struct node *n)
{
	(void)n;
	c->program->uses_ustack = true;
	return type_new(c->arena, TYPE_USYM);
}

struct type *call_REG(struct check *c, struct node *n)
{
	if (arch_register(n->list->name) < 0)
		infer_error(c, n->list->loc, UNKNOWN_REGISTER, n->list->name);
	return &type_uint64;
}

/* The loader knows the address: here it is an index. */
struct type *call_KADDR(struct check *c, struct node *n)
{
	struct program *p = c->program;
	unsigned i = 0;

	while (i < p->nkaddrs && strcmp(p->kaddrs[i], n->list->name) != 0)
		i++;
	if (i == p->nkaddrs)
		*vec_push(c->arena, p->kaddrs, p->nkaddrs, p->kaddrs_cap) = n->list->name;
	n->ival = i;
	return &type_uint64;
}

/* --- bytes and addresses --- */

struct type *call_BUF(struct check *c, struct node *n)
{
	struct type *t = type_new(c->arena, TYPE_BUFFER), *from = n->list->type;
	const struct node *len = n->list->next;
	uint64_t max = c->program->config.max_strlen, size = max;

	if (len && len->is_const)
		size = len->ival;
	else if (!len && from->kind == TYPE_ARRAY)
		size = layout_size(from);
	if (size < 1 || size > max) {
		infer_error(c, len ? len->loc : n->loc, BUF_LENGTH, (unsigned long long)max);
		return &type_error;
	}
	t->size = (uint32_t)size;
	return t;
}

static bool is_bytes(const struct type *t, uint32_t size)
{
	return t->kind == TYPE_ARRAY && layout_size(t) == size;
}

struct type *call_NTOP(struct check *c, struct node *n)
{
	struct node *address = n->list->next ? n->list->next : n->list;
	struct type *t = address->type;

	if (!type_is_integer(t) && t->kind != TYPE_PTR && !is_bytes(t, 4) && !is_bytes(t, 16)) {
		infer_error(c, address->loc, NOT_ADDRESS, n->name, calls_type_text(c, address));
		return &type_error;
	}
	if (n->list->next && !type_as_int(n->list->type)) {
		infer_error(
		        c, n->list->loc, ARG_TYPE, n->name, "an address family", calls_type_text(c, n->list));
		return &type_error;
	}
	return type_new(c->arena, TYPE_INET);
}

struct type *call_PTON(struct check *c, struct node *n)
{
	unsigned char bytes[16];
	unsigned count = inet_pton(AF_INET, n->list->name, bytes) == 1    ? 4
	                 : inet_pton(AF_INET6, n->list->name, bytes) == 1 ? 16
	                                                                  : 0;

	if (!count) {
		infer_error(c, n->list->loc, PTON_ADDRESS, n->list->name);
		return &type_error;
	}
	return type_array(c->arena, &type_uint8, count);
}

struct type *call_MACADDR(struct check *c, struct node *n)
{
	struct type *t = n->list->type;

	if (!type_is_integer(t) && t->kind != TYPE_PTR && !is_bytes(t, 6)) {
		infer_error(c, n->list->loc, NOT_ADDRESS, n->name, calls_type_text(c, n->list));
		return &type_error;
	}
	return type_new(c->arena, TYPE_MAC);
}

struct type *call_STRSTR(struct check *c, struct node *n)
{
	const struct node *needle = n->list->next;

	if (needle->ival < 1 || needle->ival > 255)
		infer_error(c, needle->loc, EMPTY_NEEDLE, n->name);
	return &type_int64;
}

struct type *call_STRCONTAINS(struct check *c, struct node *n)
{
	call_STRSTR(c, n);
	return &type_bool;
}

static struct type *to_space(struct check *c, struct node *n, enum addr_space space)
{
	struct type *t = n->list->type;

	return type_ptr(c->arena, t->kind == TYPE_PTR ? t->elem : &type_void, space);
}

struct type *call_KPTR(struct check *c, struct node *n)
{
	return to_space(c, n, AS_KERNEL);
}

struct type *call_UPTR(struct check *c, struct node *n)
{
	return to_space(c, n, AS_USER);
}
