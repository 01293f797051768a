/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of checking. Each step's comment says what it guarantees to the next;
 * the work is in a file per step.
 */
#include "check/check.h"

#include "check/pass.h"
#include "lang/layout.h"

#define MAX_ROUNDS 32

static void infer_action(struct check *c, struct action *a)
{
	c->action = a;
	c->loops = 0;
	if (a->node->a)
		infer_condition(c, a->node->a);
	infer_block(c, a->node->d);
}

static void infer_all(struct check *c)
{
	for (unsigned i = 0; i < c->unit->nactions; i++)
		infer_action(c, &c->unit->actions[i]);
}

/* Types of variables and maps only grow, so this ends; a script that is still growing then has a type
 * error, which the final round reports. */
static void settle_types(struct check *c)
{
	unsigned round = 0;

	do {
		c->changed = false;
		infer_all(c);
	} while (c->changed && ++round < MAX_ROUNDS);
}

static void check_unsupported(struct check *c, struct node *script)
{
	list_each (n, script->list) {
		if (n->kind == NODE_MACRO)
			diag_error(c->diag, n->loc, NO_MACROS);
		else if (n->kind == NODE_IMPORT)
			diag_error(c->diag, n->loc, NO_IMPORTS);
	}
}

/* The event by which a program with user stacks tells of a process. */
static void add_process_event(struct check *c)
{
	struct type *t = &type_uint32;
	struct event *e;

	if (!c->program->uses_ustack)
		return;
	e = program_add_event(c->program, c->arena);
	e->kind = EVENT_PROCESS;
	check_event_args(c, e, &t, 1);
}

struct unit *check_script(struct arena *a, struct diag *d, struct node *script, const struct source *source,
        const struct check_options *o, struct probes *probes)
{
	struct check c = { .arena = a, .diag = d, .options = o, .probes = probes };

	c.unit = arena_new(a, struct unit);
	c.program = c.unit->program = arena_new(a, struct program);
	c.program->source = (struct source *)source;
	c.program->unsafe = o->unsafe;

	/* Every variable of config.def has its value. */
	check_config(&c, script);
	check_unsupported(&c, script);
	if (d->errors)
		return c.unit;
	/* The script's structs, unions, enums and typedefs have their layout. */
	check_c_types(&c, script);
	/* Maps with a declaration exist, with their kind and size. */
	check_map_decls(&c, script);
	/* Probes are expanded; every action has a type of probe, and args where it uses them. */
	check_actions(&c, script);
	/* Names are bound: variables, maps, functions and builtins; parameters are literals. */
	for (unsigned i = 0; i < c.unit->nactions; i++)
		check_resolve(&c, &c.unit->actions[i]);
	if (d->errors)
		return c.unit;
	/* Variables and maps have their final types. */
	settle_types(&c);
	/* Every expression has its type, constants are folded, calls have their events. */
	c.final = true;
	infer_all(&c);
	/* Every map has a kind, a key and a value type. */
	check_finish_maps(&c);
	add_process_event(&c);
	for (unsigned i = 0; i < c.program->nevents; i++)
		layout_event(&c.program->events[i]);
	return c.unit;
}
