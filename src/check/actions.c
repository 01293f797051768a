/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Actions: expands each block's attach points, and groups those that can share
 * one BPF program (same type of probe, same layout of the arguments that the
 * block reads). A block whose attach points differ is copied for each group.
 */
#include <string.h>

#include "check/pass.h"

static struct node *list_clone(struct arena *a, const struct node *n)
{
	struct node *head = NULL, **tail = &head;

	for (; n; n = n->next) {
		*tail = node_clone(a, n);
		tail = &(*tail)->next;
	}
	return head;
}

struct node *node_clone(struct arena *a, const struct node *n)
{
	struct node *copy;

	if (!n)
		return NULL;
	copy = arena_memdup(a, n, sizeof(*n));
	copy->next = NULL;
	copy->a = node_clone(a, n->a);
	copy->b = node_clone(a, n->b);
	copy->c = node_clone(a, n->c);
	copy->d = node_clone(a, n->d);
	copy->list = list_clone(a, n->list);
	if (n->to) {
		copy->to = arena_memdup(a, n->to, sizeof(*n->to));
		copy->to->of = node_clone(a, n->to->of);
	}
	return copy;
}

/* Where a block first names an identifier, or NULL. */
static const struct node *find_ident(const struct node *n, const char *name)
{
	const struct node *kids[5], *found;

	if (!n)
		return NULL;
	if ((n->kind == NODE_IDENT || n->kind == NODE_CALL) && strcmp(n->name, name) == 0)
		return n;
	kids[0] = n->a;
	kids[1] = n->b;
	kids[2] = n->c;
	kids[3] = n->d;
	kids[4] = NULL;
	for (unsigned i = 0; i < 4; i++) {
		found = find_ident(kids[i], name);
		if (found)
			return found;
	}
	for (const struct node *k = n->list; k; k = k->next) {
		found = find_ident(k, name);
		if (found)
			return found;
	}
	return NULL;
}

/* May probes of this type share a program that must know which of them it runs for? Raw tracepoints have a
 * cookie only since Linux 6.10; begin and end are one probe each. */
static bool type_has_cookie(enum probe_type t)
{
	return t != PROBE_BEGIN && t != PROBE_END && t != PROBE_SELF && t != PROBE_RAWTRACEPOINT;
}

static struct action *find_action(struct check *c, unsigned first, const struct probe *p)
{
	if (!type_has_cookie(p->type))
		return NULL;
	for (unsigned i = first; i < c->unit->nactions; i++) {
		struct action *a = &c->unit->actions[i];

		if (a->type == p->type && a->args_id == p->args_id)
			return a;
	}
	return NULL;
}

static struct action *add_action(struct check *c, struct node *node, const struct probe *p, bool copy)
{
	struct unit *u = c->unit;
	struct action *a = vec_push(c->arena, u->actions, u->nactions, u->actions_cap);

	a->node = copy ? node_clone(c->arena, node) : node;
	a->prog = arena_printf(c->arena, "%s_%u", probe_rows[p->type].name, u->nactions);
	a->type = p->type;
	a->context = probe_rows[p->type].context;
	a->args = p->args;
	a->args_id = p->args_id;
	return a;
}

static void expand_block(struct check *c, struct node *node)
{
	const struct node *args = find_ident(node, "args");
	unsigned first_action = c->unit->nactions, first_probe = c->program->nprobes;

	list_each (ap, node->list)
		probes_expand(c->probes, ap->name, ap->loc, c->program);
	for (unsigned i = first_probe; i < c->program->nprobes; i++) {
		struct probe *p = &c->program->probes[i];
		enum context context = probe_rows[p->type].context;
		struct action *a;

		if (args && (context == CTX_TRACEPOINT || context == CTX_BTF_ARGS))
			probes_args(c->probes, p, args->loc);
		a = find_action(c, first_action, p);
		if (!a)
			a = add_action(c, node, p, c->unit->nactions > first_action);
		*vec_push(c->arena, a->probes, a->nprobes, a->probes_cap) = i;
		p->prog = a->prog;
	}
}

void check_actions(struct check *c, struct node *script)
{
	list_each (n, script->list) {
		if (n->kind == NODE_PROBE)
			expand_block(c, n);
	}
}
