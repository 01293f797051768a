/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that the runtime carries out: output, maps as a whole, the end of the trace. */
#include <string.h>

#include "check/calls.h"
#include "lang/layout.h"

#define JOIN_STRINGS 16

static struct type *call_formatted(struct check *c, struct node *n, enum event_kind kind)
{
	struct type *types[64];
	unsigned count = 0;
	struct event *e;

	check_format(c, n, n->list, n->list->next);
	if (!c->final)
		return &type_void;
	for (struct node *arg = n->list->next; arg; arg = arg->next) {
		if (count == 64) {
			diag_error(c->diag, arg->loc, TOO_MANY_ARGS, n->name);
			return &type_void;
		}
		types[count++] = arg->type;
	}
	e = check_event(c, n, kind);
	e->format = n->list->name;
	check_event_args(c, e, types, count);
	return &type_void;
}

struct type *call_PRINTF(struct check *c, struct node *n)
{
	return call_formatted(c, n, EVENT_PRINTF);
}

struct type *call_ERRORF(struct check *c, struct node *n)
{
	return call_formatted(c, n, EVENT_ERRORF);
}

struct type *call_WARNF(struct check *c, struct node *n)
{
	return call_formatted(c, n, EVENT_WARNF);
}

struct type *call_CAT(struct check *c, struct node *n)
{
	return call_formatted(c, n, EVENT_CAT);
}

struct type *call_SYSTEM(struct check *c, struct node *n)
{
	return call_formatted(c, n, EVENT_SYSTEM);
}

static struct type *print_map(struct check *c, struct node *n)
{
	struct type *types[] = { &type_uint64, &type_uint64 };
	struct event *e;

	if (!c->final)
		return &type_void;
	e = check_event(c, n, EVENT_PRINT_MAP);
	e->map = n->list->map;
	check_event_args(c, e, types, 2);
	return &type_void;
}

struct type *call_PRINT(struct check *c, struct node *n)
{
	struct node *arg = n->list;
	struct type *t = arg->type;
	struct event *e;

	if (arg->kind == NODE_MAP && !arg->list && c->program->maps[arg->map].value &&
	        (c->program->maps[arg->map].key || !n->list->next))
		return print_map(c, n);
	if (!c->final)
		return &type_void;
	if (arg->kind == NODE_MAP && !c->program->maps[arg->map].value) {
		diag_error(c->diag, arg->loc, UNDEF_MAP, arg->name);
		return &type_void;
	}
	if (arg->next) {
		diag_error(c->diag, arg->next->loc, PRINT_TOP);
		return &type_void;
	}
	if (!t || t->kind == TYPE_ERROR)
		return &type_void;
	if (arg->kind == NODE_MAP && type_is_agg(t) && !type_agg_is_number(t)) {
		e = check_event(c, n, EVENT_PRINT_ENTRY);
		e->map = arg->map;
		t = c->program->maps[arg->map].key;
	} else {
		e = check_event(c, n, EVENT_PRINT_VALUE);
	}
	check_event_args(c, e, &t, 1);
	return &type_void;
}

static struct type *call_on_map(struct check *c, struct node *n, enum event_kind kind)
{
	struct map *m = &c->program->maps[n->list->map];
	struct event *e;

	if (!c->final)
		return &type_void;
	if (!m->value) {
		if (!m->assigned)
			diag_error(c->diag, n->list->loc, UNDEF_MAP, m->name);
		return &type_void;
	}
	e = check_event(c, n, kind);
	e->map = n->list->map;
	return &type_void;
}

struct type *call_CLEAR(struct check *c, struct node *n)
{
	return call_on_map(c, n, EVENT_CLEAR);
}

struct type *call_ZERO(struct check *c, struct node *n)
{
	return call_on_map(c, n, EVENT_ZERO);
}

struct type *call_EXIT(struct check *c, struct node *n)
{
	struct type *t = &type_int32;

	if (c->final)
		check_event_args(c, check_event(c, n, EVENT_EXIT), &t, 1);
	return &type_void;
}

struct type *call_TIME(struct check *c, struct node *n)
{
	struct type *t = &type_uint64;
	struct event *e;

	if (!c->final)
		return &type_void;
	e = check_event(c, n, EVENT_TIME);
	e->format = n->list ? n->list->name : "%H:%M:%S\n";
	check_event_args(c, e, &t, 1);
	return &type_void;
}

struct type *call_JOIN(struct check *c, struct node *n)
{
	struct type *types[JOIN_STRINGS + 1];
	struct event *e;

	if (!c->final)
		return &type_void;
	e = check_event(c, n, EVENT_JOIN);
	e->format = n->list->next ? n->list->next->name : " ";
	types[0] = &type_uint64; /* how many there are */
	for (unsigned i = 1; i <= JOIN_STRINGS; i++)
		types[i] = type_string(c->arena, (uint32_t)c->program->config.max_strlen);
	check_event_args(c, e, types, JOIN_STRINGS + 1);
	return &type_void;
}
