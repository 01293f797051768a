/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events: a record of constant size is reserved in the ring buffer and filled in
 * place; one with long strings is built in the slot and sent with the bytes in
 * use. Data leaves headroom for control events, which must not be lost behind
 * it; the consumer is woken when it is worth it.
 */
#include <stddef.h>

#include "codegen/gen.h"

/* Flags of bpf_ringbuf_submit() and what bpf_ringbuf_query() tells (include/uapi/linux/bpf.h). */
#define NO_WAKEUP    1
#define FORCE_WAKEUP 2
#define AVAIL_DATA   0

static bool is_control(const struct event *e)
{
	return e->kind != EVENT_PRINTF && e->kind != EVENT_ERRORF && e->kind != EVENT_WARNF &&
	       e->kind != EVENT_PRINT_VALUE && e->kind != EVENT_JOIN && e->kind != EVENT_TIME;
}

/*
 * Leaves 1/16 of the buffer to control events, and yields the flags to submit with. The consumer looks by
 * itself every few milliseconds; it is woken when a quarter is full, by the records that fall into a window
 * there, so that a full buffer does not mean a wake-up per record.
 */
static value gen_admit(struct codegen *g, const struct event *e, LLVMBasicBlockRef end)
{
	value size, data, room, quarter, in_window;
	LLVMBasicBlockRef fits, full;

	if (is_control(e))
		return gen_int(g, FORCE_WAKEUP);
	fits = gen_block(g, "admitted");
	full = gen_block(g, "no_room");
	size = gen_machine(g, offsetof(struct machine, ringbuf_size), 4);
	data = gen_helper(g, HELPER_RINGBUF_QUERY, 2, g->events, gen_int(g, AVAIL_DATA));
	room = LLVMBuildSub(g->b, size, LLVMBuildLShr(g->b, size, gen_int(g, 4), ""), "");
	gen_cond(g, gen_cmp(g, LLVMIntULT, data, room), fits, full);
	gen_at(g, full);
	gen_lose(g, LOSS_EVENT);
	gen_br(g, end);
	gen_at(g, fits);
	quarter = LLVMBuildLShr(g->b, size, gen_int(g, 2), "");
	in_window = gen_cmp(g, LLVMIntULT, LLVMBuildSub(g->b, data, quarter, ""), gen_int(g, 65536));
	return LLVMBuildSelect(g->b, in_window, gen_int(g, FORCE_WAKEUP), gen_int(g, NO_WAKEUP), "");
}

static void gen_header(struct codegen *g, const struct event *e, value record)
{
	gen_store_int(g, gen_int(g, e->id), record, 4);
	gen_store_int(g, gen_probe_index(g), gen_offset(g, record, 4), 4);
}

/* The value of an argument that is not in the script: the call's own. */
static value implied_arg(struct codegen *g, const struct event *e, struct node *call, unsigned i)
{
	struct node *arg = call->list;

	switch ((int)e->kind) {
	case EVENT_TIME:
		return gen_helper(g, HELPER_BOOT_NS, 0);
	case EVENT_EXIT:
		return arg ? gen_value(g, arg) : gen_int(g, 0);
	case EVENT_PRINT_MAP:
		arg = arg ? arg->next : NULL;
		if (i == 1)
			arg = arg ? arg->next : NULL;
		return arg ? gen_value(g, arg) : gen_int(g, 0);
	default:
		return NULL;
	}
}

static struct node *first_arg(const struct event *e, struct node *call)
{
	/* A format is the first one; it travels in the description. */
	return e->format && e->kind != EVENT_TIME && e->kind != EVENT_JOIN ? call->list->next : call->list;
}

/* All arguments that are not tails. */
static void gen_fixed(struct codegen *g, const struct event *e, struct node *call, value record)
{
	struct node *arg = first_arg(e, call);
	uint32_t at = sizeof(struct event_header);

	for (unsigned i = 0; i < e->nargs; i++, arg = arg ? arg->next : NULL) {
		const struct event_arg *a = &e->args[i];
		uint32_t size = a->tail ? 4 : layout_size(a->type);
		value to = gen_offset(g, record, a->offset), v = implied_arg(g, e, call, i);

		if (a->offset > at)
			gen_zero(g, gen_offset(g, record, at), a->offset - at);
		at = a->offset + size;
		if (a->tail)
			continue;
		if (v)
			gen_store_int(g, v, to, size);
		else if (e->kind == EVENT_PRINT_ENTRY)
			gen_convert(g, gen_map_key(g, arg), g->program->maps[e->map].key, to, a->type);
		else
			gen_store(g, arg, to, a->type);
	}
	if (e->fixed_size > at)
		gen_zero(g, gen_offset(g, record, at), e->fixed_size - at);
}

/* The strings behind the fixed part; yields the record's size. */
static value gen_tails(struct codegen *g, const struct event *e, struct node *call, value record)
{
	struct node *arg = first_arg(e, call);
	value at = gen_local(g), used;

	gen_set(g, at, gen_int(g, e->fixed_size));
	for (unsigned i = 0; i < e->nargs; i++, arg = arg ? arg->next : NULL) {
		value to;

		if (!e->args[i].tail)
			continue;
		to = gen_offset_value(g, record, gen_get(g, at));
		used = gen_string_tail(g, arg, to, gen_offset(g, record, e->args[i].offset));
		gen_set(g, at, LLVMBuildAdd(g->b, gen_get(g, at), used, ""));
	}
	return gen_get(g, at);
}

/* join(): reads pointers until a NULL, or until all places are taken. */
static value gen_join(struct codegen *g, const struct event *e, struct node *call, value record)
{
	const struct type *t = call->list->type;
	enum addr_space space = t->kind == TYPE_PTR ? t->space : AS_NONE;
	LLVMBasicBlockRef end = gen_block(g, "joined");
	value list = gen_value(g, call->list), at = gen_local(g), count = gen_local(g), tmp = gen_temp(g, 8),
	      p, used;

	gen_set(g, at, gen_int(g, e->fixed_size));
	gen_set(g, count, gen_int(g, 0));
	for (unsigned i = 1; i < e->nargs; i++)
		gen_store_int(g, gen_int(g, 0), gen_offset(g, record, e->args[i].offset), 4);
	for (unsigned i = 1; i < e->nargs; i++) {
		LLVMBasicBlockRef more = gen_block(g, "join");

		gen_store_int(g, gen_int(g, 0), tmp, 8);
		gen_probe_read(g, call, tmp, gen_int(g, 8),
		        LLVMBuildAdd(g->b, list, gen_int(g, 8 * (i - 1)), ""), space);
		p = gen_load(g, tmp, 8, false);
		gen_cond(g, gen_truth(g, p), more, end);
		gen_at(g, more);
		gen_set(g, count, gen_int(g, i));
		used = gen_str_tail(g, call, gen_offset_value(g, record, gen_get(g, at)),
		        gen_offset(g, record, e->args[i].offset), p, e->args[i].type->size, space);
		gen_set(g, at, LLVMBuildAdd(g->b, gen_get(g, at), used, ""));
	}
	gen_br(g, end);
	gen_at(g, end);
	gen_store_int(g, gen_get(g, count), gen_offset(g, record, e->args[0].offset), 8);
	return gen_get(g, at);
}

static void gen_output(struct codegen *g, const struct event *e, struct node *call, value flags)
{
	value record = gen_slot(g, e->max_size), size, r;
	LLVMBasicBlockRef lost = gen_block(g, "lost"), end = gen_block(g, "sent");

	gen_header(g, e, record);
	if (e->kind == EVENT_JOIN) {
		size = gen_join(g, e, call, record);
	} else {
		gen_fixed(g, e, call, record);
		size = gen_tails(g, e, call, record);
	}
	r = gen_helper(g, HELPER_RINGBUF_OUTPUT, 4, g->events, record, size, flags);
	gen_cond(g, gen_cmp(g, LLVMIntEQ, r, gen_int(g, 0)), end, lost);
	gen_at(g, lost);
	gen_lose(g, LOSS_EVENT);
	gen_br(g, end);
	gen_at(g, end);
}

static void gen_reserve(struct codegen *g, const struct event *e, struct node *call, value flags)
{
	LLVMBasicBlockRef got = gen_block(g, "reserved"), lost = gen_block(g, "lost"),
	                  end = gen_block(g, "sent");
	value record =
	        gen_helper(g, HELPER_RINGBUF_RESERVE, 3, g->events, gen_int(g, e->fixed_size), gen_int(g, 0));

	record = LLVMBuildIntToPtr(g->b, record, g->ptr, "");
	gen_cond(g, LLVMBuildIsNull(g->b, record, ""), lost, got);
	gen_at(g, lost);
	gen_lose(g, LOSS_EVENT);
	gen_br(g, end);
	gen_at(g, got);
	gen_header(g, e, record);
	gen_fixed(g, e, call, record);
	gen_helper(g, HELPER_RINGBUF_SUBMIT, 2, record, flags);
	gen_br(g, end);
	gen_at(g, end);
}

/* exit() works even when its event is lost. */
static void gen_exit_flag(struct codegen *g, struct node *call)
{
	LLVMBasicBlockRef found = gen_block(g, "found"), end = gen_block(g, "exit");
	value key = gen_temp(g, 8), p, status = call->list ? gen_value(g, call->list) : gen_int(g, 0);

	status = LLVMBuildAdd(g->b, LLVMBuildAnd(g->b, status, gen_int(g, 0xff), ""), gen_int(g, 1), "");
	gen_store_int(g, gen_int(g, 0), key, 8);
	p = LLVMBuildIntToPtr(g->b, gen_helper(g, HELPER_MAP_LOOKUP, 2, g->control, key), g->ptr, "");
	gen_cond(g, LLVMBuildIsNull(g->b, p, ""), end, found);
	gen_at(g, found);
	LLVMBuildStore(g->b, status, p);
	gen_br(g, end);
	gen_at(g, end);
}

void gen_event(struct codegen *g, struct node *call)
{
	const struct event *e = &g->program->events[call->event];
	LLVMBasicBlockRef end = gen_block(g, "event_end");
	value flags;

	if (e->kind == EVENT_EXIT)
		gen_exit_flag(g, call);
	flags = gen_admit(g, e, end);
	if (e->max_size > e->fixed_size)
		gen_output(g, e, call, flags);
	else
		gen_reserve(g, e, call, flags);
	gen_br(g, end);
	gen_at(g, end);
	if (e->kind == EVENT_EXIT)
		gen_return(g);
}
