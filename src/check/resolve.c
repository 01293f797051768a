/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names: binds variables to their scope, maps, builtins and functions to their
 * rows, and replaces parameters by literals. Types come later.
 */
#include <string.h>

#include "base/str.h"
#include "check/pass.h"
#include "lang/constants.h"
#include "system/kbtf.h"

struct scope {
	struct scope *outer;
	struct binding {
		struct var *var;
		struct binding *next;
	} * bindings;
};

struct resolver {
	struct check *c;
	struct action *action;
	struct scope *scope;
	unsigned loops;
	bool in_str; /* directly inside str(): parameters are strings */
};

static void resolve(struct resolver *r, struct node *n);

static void resolve_list(struct resolver *r, struct node *head)
{
	list_each (n, head)
		resolve(r, n);
}

static struct var *scope_find(const struct scope *s, const char *name)
{
	for (; s; s = s->outer) {
		for (struct binding *b = s->bindings; b; b = b->next) {
			if (strcmp(b->var->name, name) == 0)
				return b->var;
		}
	}
	return NULL;
}

static struct var *scope_add(struct resolver *r, struct node *n)
{
	struct arena *a = r->c->arena;
	struct var *v = arena_new(a, struct var);
	struct binding *b = arena_new(a, struct binding);

	v->name = n->name;
	v->loc = n->loc;
	v->index = r->action->nvars++;
	v->next = r->action->vars;
	r->action->vars = v;
	b->var = v;
	b->next = r->scope->bindings;
	r->scope->bindings = b;
	n->var = v;
	return v;
}

static const char *nearest_var(const struct scope *s, const char *name)
{
	struct nearest near = { 0 };

	for (; s; s = s->outer) {
		for (struct binding *b = s->bindings; b; b = b->next)
			nearest_offer(&near, name, b->var->name);
	}
	return near.best;
}

/* Does the tree give the variable a value anywhere? */
static bool assigns(const struct node *n, const char *name)
{
	const struct node *kids[] = { n->a, n->b, n->c, n->d };

	if (n->kind == NODE_ASSIGN && n->op == OP_SET && n->a->kind == NODE_VAR &&
	        strcmp(n->a->name, name) == 0)
		return true;
	for (unsigned i = 0; i < 4; i++) {
		if (kids[i] && assigns(kids[i], name))
			return true;
	}
	for (const struct node *k = n->list; k; k = k->next) {
		if (assigns(k, name))
			return true;
	}
	return false;
}

/* Rebinds the variable's uses in blocks that were resolved before it was known to be the action's. */
static void rebind(struct node *n, struct var *v)
{
	struct node *kids[] = { n->a, n->b, n->c, n->d };

	if (n->kind == NODE_VAR && n->var && !n->var->declared && strcmp(n->name, v->name) == 0)
		n->var = v;
	for (unsigned i = 0; i < 4; i++) {
		if (kids[i])
			rebind(kids[i], v);
	}
	for (struct node *k = n->list; k; k = k->next)
		rebind(k, v);
}

/*
 * In older dialects a variable belongs to the whole action. One that is used outside of the block which
 * assigns it is taken so, with a warning; a script that newer dialects accept has none.
 */
static struct var *hoist(struct resolver *r, struct node *n)
{
	struct scope *top = r->scope, *here = r->scope;
	struct var *v;

	if (!assigns(r->action->node->d, n->name))
		return NULL;
	while (top->outer)
		top = top->outer;
	r->scope = top;
	v = scope_add(r, n);
	r->scope = here;
	v->assigned = true;
	rebind(r->action->node->d, v);
	diag_warning(r->c->diag, n->loc, VAR_HOISTED, n->name);
	return v;
}

static void resolve_var(struct resolver *r, struct node *n)
{
	const char *near;

	n->var = scope_find(r->scope, n->name);
	if (n->var || hoist(r, n))
		return;
	near = nearest_var(r->scope, n->name);
	diag_error_hint(r->c->diag, n->loc,
	        near ? arena_printf(r->c->arena, "did you mean $%s?", near) : NULL, UNDEF_VAR, n->name);
	/* Reported once: later uses find it. */
	scope_add(r, n)->type = &type_error;
}

static int find_map(struct check *c, struct node *n)
{
	struct map *m;

	for (unsigned i = 0; i < c->program->nmaps; i++) {
		if (strcmp(c->program->maps[i].name, n->name) == 0)
			return (int)i;
	}
	m = program_add_map(c->program, c->arena);
	m->name = n->name;
	m->loc = n->loc;
	m->max_entries = (uint32_t)c->program->config.max_map_keys;
	m->kind = MAP_SCALAR;
	m->bpf_name = arena_printf(c->arena, "map_%s", n->name[1] ? n->name + 1 : "_");
	return (int)m->id;
}

static void resolve_param(struct resolver *r, struct node *n)
{
	const struct check_options *o = r->c->options;
	const char *text = n->ival >= 1 && n->ival <= o->nparams ? o->params[n->ival - 1] : NULL;
	uint64_t value = 0;
	bool negative = text && text[0] == '-' && text[1];

	if (n->kind == NODE_NPARAMS) {
		value = o->nparams;
		text = arena_printf(r->c->arena, "%u", o->nparams);
	}
	if (!r->in_str && (!text || str_to_u64(text + negative, &value))) {
		n->kind = NODE_INT;
		n->ival = negative ? -value : value;
		n->is_unsigned = !negative && value > INT64_MAX;
		return;
	}
	n->kind = NODE_STRING;
	n->name = text ? text : "";
	n->ival = strlen(n->name);
}

/* ppid is curtask.real_parent.tgid, pcomm its comm. */
static void expand_parent(struct check *c, struct node *n)
{
	struct node *task = node_new(c->arena, NODE_IDENT, n->loc);
	struct node *parent = node_new(c->arena, NODE_FIELD, n->loc);

	task->name = "curtask";
	task->func = BUILTIN_CURTASK;
	parent->name = "real_parent";
	parent->a = task;
	n->kind = NODE_FIELD;
	n->name = n->func == BUILTIN_PPID ? "tgid" : "comm";
	n->a = parent;
}

/* A constant of C headers, or an enumerator of the kernel's BTF. */
static bool resolve_constant(struct check *c, struct node *n)
{
	struct kbtf *btf;
	int64_t value;

	if (!check_c_constant(c, n->name, &value) && !constant_by_name(n->name, &value)) {
		/* BTF costs a parse: only for what nothing else explains, and looks like a constant. */
		btf = n->name[0] >= 'A' && n->name[0] <= 'Z' ? probes_kbtf(c->probes) : NULL;
		if (!btf || !kbtf_enumerator(btf, n->name, &value))
			return false;
	}
	n->kind = NODE_INT;
	n->ival = (uint64_t)value;
	return true;
}

static void resolve_ident(struct resolver *r, struct node *n)
{
	const char *near;

	n->func = builtin_by_name(n->name);
	if (n->func == BUILTIN_PPID || n->func == BUILTIN_PCOMM)
		expand_parent(r->c, n);
	if (n->func >= 0 || resolve_constant(r->c, n))
		return;
	near = builtin_nearest(n->name);
	diag_error_hint(r->c->diag, n->loc, near ? arena_printf(r->c->arena, "did you mean %s?", near) : NULL,
	        UNDEF_IDENT, n->name);
	n->type = &type_error;
}

static void mark_assigned(struct resolver *r, struct node *target)
{
	if (target->kind == NODE_VAR && target->var)
		target->var->assigned = true;
	else if (target->kind == NODE_MAP)
		r->c->program->maps[target->map].assigned = true;
}

static void resolve_call(struct resolver *r, struct node *n)
{
	struct check *c = r->c;
	bool outer = r->in_str;
	const char *near;

	n->func = func_by_name(n->name);
	if (n->func < 0 && builtin_by_name(n->name) >= 0 && !n->list) {
		n->kind = NODE_IDENT;
		resolve_ident(r, n);
		return;
	}
	/* kstack(perf): the mode is a word of its own. */
	if ((n->func == FUNC_KSTACK || n->func == FUNC_USTACK) && n->list && n->list->kind == NODE_IDENT) {
		n->list->kind = NODE_STRING;
		n->list->ival = strlen(n->list->name);
	}
	r->in_str = n->func == FUNC_STR;
	resolve_list(r, n->list);
	r->in_str = outer;
	if (n->func < 0) {
		near = func_nearest(n->name);
		diag_error_hint(c->diag, n->loc,
		        near ? arena_printf(c->arena, "did you mean %s()?", near) : NULL, UNDEF_FUNC,
		        n->name);
		n->type = &type_error;
		return;
	}
	if (n->func == FUNC_FIND && n->list && n->list->next && n->list->next->next)
		mark_assigned(r, n->list->next->next);
	if ((func_rows[n->func].flags & FLAG_UNSAFE) && !c->options->unsafe)
		diag_error(c->diag, n->loc, UNSAFE_FUNC, n->name);
}

static void resolve_scoped(struct resolver *r, struct node *block)
{
	struct scope s = { .outer = r->scope };

	r->scope = &s;
	resolve_list(r, block->list);
	if (block->kind == NODE_BLOCK_EXPR && block->a)
		resolve(r, block->a);
	r->scope = s.outer;
}

static void resolve_loop_body(struct resolver *r, struct node *n, bool binds)
{
	struct scope s = { .outer = r->scope };

	r->scope = &s;
	if (binds)
		scope_add(r, n->a)->assigned = true;
	if (n->d) {
		r->loops++;
		resolve_scoped(r, n->d);
		r->loops--;
	}
	r->scope = s.outer;
}

static void resolve_assign(struct resolver *r, struct node *n)
{
	resolve(r, n->b);
	if (n->a->kind == NODE_IDENT && strcmp(n->a->name, "_") == 0)
		return;
	if (n->a->kind == NODE_VAR && n->op == OP_SET && !scope_find(r->scope, n->a->name)) {
		scope_add(r, n->a);
		n->a->var->assigned = true;
		return;
	}
	resolve(r, n->a);
	mark_assigned(r, n->a);
}

static void resolve_let(struct resolver *r, struct node *n)
{
	struct var *v;

	if (n->b)
		resolve(r, n->b);
	if (n->to && n->to->tag == TN_TYPEOF && n->to->of)
		resolve(r, n->to->of);
	for (struct binding *b = r->scope->bindings; b; b = b->next) {
		if (strcmp(b->var->name, n->a->name) == 0) {
			diag_error(r->c->diag, n->loc, VAR_REDECLARED, n->a->name);
			return;
		}
	}
	v = scope_add(r, n->a);
	v->assigned = n->b != NULL;
	if (!n->to)
		return;
	v->declared = true;
	/* Of typeof() the type is known when the types of variables are: see infer_let(). */
	if (n->to->tag != TN_TYPEOF)
		v->type = check_type_name(r->c, n->to);
}

static void resolve_jump(struct resolver *r, struct node *n)
{
	if (!r->loops)
		diag_error(
		        r->c->diag, n->loc, JUMP_OUTSIDE_LOOP, n->kind == NODE_BREAK ? "break" : "continue");
}

static void resolve_kids(struct resolver *r, struct node *n)
{
	struct node *kids[] = { n->a, n->b, n->c };

	for (unsigned i = 0; i < 3; i++) {
		if (kids[i])
			resolve(r, kids[i]);
	}
	if (n->to && n->to->tag == TN_TYPEOF && n->to->of)
		resolve(r, n->to->of);
	if (n->d)
		resolve_scoped(r, n->d);
	resolve_list(r, n->list);
}

/* sizeof(name): the script's own types come before what else the name could be. */
static void resolve_type_op(struct resolver *r, struct node *n)
{
	struct type_name *tn;

	if (!n->to && n->a && n->a->kind == NODE_IDENT) {
		tn = arena_new(r->c->arena, struct type_name);
		tn->name = n->a->name;
		tn->loc = n->a->loc;
		if (check_c_type(r->c, tn)) {
			n->to = tn;
			n->a = NULL;
		}
	}
	resolve_kids(r, n);
}

static void resolve(struct resolver *r, struct node *n)
{
	bool in_str = r->in_str;

	switch ((int)n->kind) {
	case NODE_PARAM:
	case NODE_NPARAMS:
		resolve_param(r, n);
		return;
	case NODE_CALL:
		resolve_call(r, n);
		return;
	}
	r->in_str = false;
	switch ((int)n->kind) {
	case NODE_IDENT:
		resolve_ident(r, n);
		break;
	case NODE_VAR:
		resolve_var(r, n);
		break;
	case NODE_MAP:
		n->map = find_map(r->c, n);
		resolve_list(r, n->list);
		break;
	case NODE_SIZEOF:
	case NODE_OFFSETOF:
		resolve_type_op(r, n);
		break;
	case NODE_ASSIGN:
		resolve_assign(r, n);
		break;
	case NODE_INCDEC:
		resolve(r, n->a);
		mark_assigned(r, n->a);
		break;
	case NODE_LET:
		resolve_let(r, n);
		break;
	case NODE_BLOCK:
	case NODE_BLOCK_EXPR:
		resolve_scoped(r, n);
		break;
	case NODE_FOR_RANGE:
		resolve(r, n->b);
		resolve(r, n->c);
		resolve_loop_body(r, n, true);
		break;
	case NODE_FOR_MAP:
		resolve(r, n->b);
		resolve_loop_body(r, n, true);
		break;
	case NODE_WHILE:
	case NODE_UNROLL:
		resolve(r, n->a);
		resolve_loop_body(r, n, false);
		break;
	case NODE_BREAK:
	case NODE_CONTINUE:
		resolve_jump(r, n);
		break;
	default:
		resolve_kids(r, n);
		break;
	}
	r->in_str = in_str;
}

void check_resolve(struct check *c, struct action *action)
{
	struct resolver r = { .c = c, .action = action };
	struct scope s = { 0 };

	c->action = action;
	r.scope = &s;
	if (action->node->a)
		resolve(&r, action->node->a);
	resolve_scoped(&r, action->node->d);
}

static const struct {
	const char *name;
	enum map_kind kind;
} map_types[] = {
	{ "hash", MAP_HASH },
	{ "lruhash", MAP_LRU_HASH },
	{ "percpuhash", MAP_HASH_PERCPU },
	{ "percpulruhash", MAP_LRU_HASH_PERCPU },
};

void check_map_decls(struct check *c, struct node *script)
{
	list_each (n, script->list) {
		const struct node *size = n->kind == NODE_MAP_DECL && n->a ? n->a->list : NULL;
		struct map *m;
		int id;
		unsigned i, ntypes = sizeof(map_types) / sizeof(map_types[0]);

		if (n->kind != NODE_MAP_DECL)
			continue;
		for (i = 0; i < ntypes && strcmp(map_types[i].name, n->a->name) != 0; i++)
			;
		if (i == ntypes) {
			diag_error(c->diag, n->a->loc, MAP_DECL_TYPE, n->a->name);
			continue;
		}
		if (!size || size->next || size->kind != NODE_INT || size->ival == 0 ||
		        size->ival > (1u << 30)) {
			diag_error(c->diag, n->a->loc, MAP_DECL_SIZE, n->a->name);
			continue;
		}
		/* Making a map moves the array. */
		id = find_map(c, n);
		m = &c->program->maps[id];
		m->kind = map_types[i].kind;
		m->max_entries = (uint32_t)size->ival;
	}
}
