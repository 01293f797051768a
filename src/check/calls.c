/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls and builtins. The prototype in functions.def gives the number and classes
 * of arguments; what a class cannot say (a map's type, an event's arguments) is a rule
 * here, one per row: a row without a rule does not build.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "check/calls.h"
#include "lang/arch.h"
#include "lang/layout.h"

typedef struct type *(*call_rule)(struct check *c, struct node *n);

/* The n-th argument's class in a prototype, e.g. "?const"; false behind the last. "..." goes on for ever. */
static bool proto_class(const char *proto, unsigned n, char *out, size_t size)
{
	const char *p = strchr(proto, '(') + 1;
	size_t len;

	while (n-- > 0) {
		const char *comma = strchr(p, ',');

		if (strncmp(p, "...", 3) == 0)
			break;
		if (!comma)
			return false;
		p = comma + 1 + strspn(comma + 1, " ");
	}
	len = strcspn(p, ",)");
	if (len == 0 || len >= size)
		return false;
	memcpy(out, p, len);
	out[len] = '\0';
	return true;
}

const char *calls_type_text(struct check *c, const struct node *n)
{
	return type_name(c->arena, n->type);
}

static bool is_pointer_like(const struct type *t)
{
	return t->kind == TYPE_PTR || type_is_integer(t);
}

/* Does the argument belong to the class? Reports and returns false if not; true while types are unknown. */
static bool check_class(struct check *c, struct node *call, struct node *arg, const char *class)
{
	const char *want = NULL;
	struct type *t;

	if (strcmp(class, "map") == 0 || strcmp(class, "entry") == 0) {
		if (arg->kind == NODE_MAP && (!arg->list || *class == 'e'))
			return true;
		if (arg->kind == NODE_MAP)
			infer_error(c, arg->loc, ARG_MAP_KEYED, call->name);
		else
			infer_error(c, arg->loc, ARG_MAP, call->name);
		return false;
	}
	if (strcmp(class, "var") == 0) {
		if (arg->kind == NODE_VAR)
			return true;
		infer_error(c, arg->loc, ARG_VAR, call->name);
		return false;
	}
	/* print(@m) means the map, print(@m[k]) the value. */
	if (strcmp(class, "printable") == 0 && arg->kind == NODE_MAP && !arg->list)
		return true;
	t = infer(c, arg);
	if (!t || t->kind == TYPE_ERROR)
		return t == NULL;
	if (strcmp(class, "int") == 0)
		want = type_as_int(t) ? NULL : "an integer";
	else if (strcmp(class, "const") == 0)
		want = arg->is_const && type_is_integer(t) ? NULL : "a constant integer";
	else if (strcmp(class, "literal") == 0 || strcmp(class, "format") == 0)
		want = arg->kind == NODE_STRING ? NULL : "a string literal";
	else if (strcmp(class, "string") == 0)
		want = t->kind == TYPE_STRING ? NULL : "a string";
	else if (strcmp(class, "pointer") == 0)
		want = is_pointer_like(t) || t->kind == TYPE_ARRAY || t->kind == TYPE_STRING ? NULL
		                                                                             : "a pointer";
	else
		want = t->kind == TYPE_VOID ? "a value" : NULL;
	if (want)
		infer_error(c, arg->loc, ARG_TYPE, call->name, want, calls_type_text(c, arg));
	return want == NULL;
}

/* Number and classes of the arguments. False: reported, or not all known yet. */
static bool check_args(struct check *c, struct node *n)
{
	const char *proto = func_rows[n->func].proto;
	unsigned given = list_length(n->list), i = 0, required = 0, allowed = 0;
	char class[32];
	bool good = true, variadic = false;

	for (; allowed < 64 && proto_class(proto, allowed, class, sizeof(class)); allowed++) {
		if (strcmp(class, "...") == 0) {
			variadic = true;
			break;
		}
		required += class[0] != '?';
	}
	if (given < required || (given > allowed && !variadic)) {
		infer_error(c, n->loc, ARG_COUNT, n->name, proto + (strchr(proto, '(') - proto), given);
		list_each (arg, n->list)
			infer(c, arg);
		return false;
	}
	list_each (arg, n->list) {
		if (!proto_class(proto, i++, class, sizeof(class)))
			break;
		if (!check_class(c, n, arg, class[0] == '?' ? class + 1 : class))
			good = false;
	}
	list_each (arg, n->list) {
		if (arg->kind != NODE_MAP && arg->kind != NODE_VAR && !arg->type)
			good = false;
	}
	return good;
}

static const call_rule call_rules[FUNC_TOTAL] = {
#define FUNC(id, ...) [FUNC_##id] = call_##id,
#include "lang/functions.def"
};

struct type *infer_call(struct check *c, struct node *n)
{
	const struct func_row *row = &func_rows[n->func];
	bool known = check_args(c, n);

	if (!known)
		return c->final ? &type_error : NULL;
	if (row->contexts && !(row->contexts & 1u << c->action->context)) {
		infer_error(c, n->loc, FUNC_CONTEXT, n->name, probe_rows[c->action->type].name);
		return &type_error;
	}
	return call_rules[n->func](c, n);
}

/* "probe": as long as the longest name that this action runs for. */
static struct type *probe_name_type(struct check *c)
{
	size_t longest = 0;

	for (unsigned i = 0; i < c->action->nprobes; i++) {
		size_t n = strlen(c->program->probes[c->action->probes[i]].name);

		longest = n > longest ? n : longest;
	}
	return type_string(c->arena, (uint32_t)longest + 1);
}

struct type *infer_builtin(struct check *c, struct node *n)
{
	const struct builtin_row *row = &builtin_rows[n->func];
	struct type *t;

	if (row->contexts && !(row->contexts & 1u << c->action->context)) {
		infer_error(c, n->loc, BUILTIN_CONTEXT, n->name, probe_rows[c->action->type].name);
		return &type_error;
	}
	switch ((int)n->func) {
	case BUILTIN_ARGS:
		if (!c->action->args)
			return &type_error;
		t = type_copy(c->arena, c->action->args);
		t->space = AS_CTX;
		return t;
	case BUILTIN_ARGN:
		n->ival = strtoull(n->name + 3, NULL, 10);
		return &type_uint64;
	case BUILTIN_COMM:
		return type_string(c->arena, 16);
	case BUILTIN_PROBE:
	case BUILTIN_FUNC:
		return probe_name_type(c);
	case BUILTIN_CURTASK:
		t = type_new(c->arena, TYPE_STRUCT);
		t->name = "task_struct";
		return type_ptr(c->arena, t, AS_KERNEL);
	case BUILTIN_USERNAME:
		return type_new(c->arena, TYPE_USERNAME);
	case BUILTIN_KSTACK:
		return calls_stack_type(c, TYPE_KSTACK, NULL);
	case BUILTIN_USTACK:
		return calls_stack_type(c, TYPE_USTACK, NULL);
	case BUILTIN_PROBETYPE:
		n->kind = NODE_STRING;
		n->name = probe_rows[c->action->type].name;
		n->ival = strlen(n->name);
		return infer(c, n);
	case BUILTIN_CTX:
		return type_ptr(c->arena, &type_void, AS_KERNEL);
	default:
		return type_by_name(row->type);
	}
}
