/* SPDX-License-Identifier: Apache-2.0 */
/* Events: what a call sends to the runtime. */
#include "check/pass.h"

struct event *check_event(struct check *c, struct node *n, enum event_kind kind)
{
	struct event *e = program_add_event(c->program, c->arena);

	e->kind = kind;
	e->loc = n->loc;
	n->event = (int)e->id;
	return e;
}

void check_event_args(struct check *c, struct event *e, struct type **types, unsigned n)
{
	e->nargs = n;
	e->args = arena_array(c->arena, struct event_arg, n ? n : 1);
	for (unsigned i = 0; i < n; i++) {
		struct type *t = types[i];

		/* In an event, an aggregation is the number it reads as. */
		e->args[i].type = type_agg_is_number(t) ? type_as_int(t) : t;
	}
}
