/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls and builtins. The prototype in functions.def gives the number and classes
 * of arguments; what a class cannot say (a map's type, an event's arguments) is a rule
 * here, one per row: a row without a rule does not build.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "check/pass.h"
#include "lang/arch.h"
#include "lang/layout.h"

#define JOIN_STRINGS 16

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

static const char *type_text(struct check *c, const struct node *n)
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
		infer_error(c, arg->loc, ARG_TYPE, call->name, want, type_text(c, arg));
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

/* --- output --- */

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

static struct type *call_PRINTF(struct check *c, struct node *n)
{
	return call_formatted(c, n, EVENT_PRINTF);
}

static struct type *call_ERRORF(struct check *c, struct node *n)
{
	return call_formatted(c, n, EVENT_ERRORF);
}

static struct type *call_WARNF(struct check *c, struct node *n)
{
	return call_formatted(c, n, EVENT_WARNF);
}

static struct type *call_CAT(struct check *c, struct node *n)
{
	return call_formatted(c, n, EVENT_CAT);
}

static struct type *call_SYSTEM(struct check *c, struct node *n)
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

static struct type *call_PRINT(struct check *c, struct node *n)
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

static struct type *call_CLEAR(struct check *c, struct node *n)
{
	return call_on_map(c, n, EVENT_CLEAR);
}

static struct type *call_ZERO(struct check *c, struct node *n)
{
	return call_on_map(c, n, EVENT_ZERO);
}

static struct type *call_EXIT(struct check *c, struct node *n)
{
	struct type *t = &type_int32;

	if (c->final)
		check_event_args(c, check_event(c, n, EVENT_EXIT), &t, 1);
	return &type_void;
}

static struct type *call_TIME(struct check *c, struct node *n)
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

static struct type *call_JOIN(struct check *c, struct node *n)
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

/* --- maps --- */

/* delete(@m[k]), delete(@m, k), delete(@scalar) */
static struct type *call_DELETE(struct check *c, struct node *n)
{
	struct node *map = n->list;
	struct map *m = &c->program->maps[map->map];

	if (map->next) {
		struct type *key = map->next->type;

		if (map->list)
			infer_error(c, map->loc, ARG_MAP_KEYED, n->name);
		else if (key && key->kind != TYPE_ERROR)
			check_map_key_types(c, map, key, map->next->loc);
	} else if (map->list) {
		infer_map_key(c, map);
	} else if (m->key) {
		infer_error(c, map->loc, DELETE_NEEDS_KEY, m->name);
	}
	if (c->final && !m->value)
		diag_error(c->diag, map->loc, UNDEF_MAP, m->name);
	return &type_bool;
}

static struct type *keyed_call(struct check *c, struct node *n)
{
	struct node *map = n->list, *key = map->next;
	struct map *m = &c->program->maps[map->map];

	if (key->type && key->type->kind != TYPE_ERROR) {
		if (m->value && !m->key && c->final)
			diag_error(c->diag, map->loc, MAP_HAS_NO_KEY, m->name);
		else
			check_map_key_types(c, map, key->type, key->loc);
	}
	if (c->final && !m->value)
		diag_error(c->diag, map->loc, UNDEF_MAP, m->name);
	return &type_bool;
}

static struct type *call_HAS_KEY(struct check *c, struct node *n)
{
	return keyed_call(c, n);
}

static struct type *call_FIND(struct check *c, struct node *n)
{
	struct map *m = &c->program->maps[n->list->map];
	struct node *out = n->list->next->next;
	struct type *value = m->value, *joined;

	keyed_call(c, n);
	out->type = out->var->type;
	if (!value)
		return &type_bool;
	if (type_is_agg(value) && !type_agg_is_number(value)) {
		infer_error(c, n->loc, FIND_AGG, m->name, type_name(c->arena, value));
		return &type_error;
	}
	value = type_is_agg(value) ? type_as_int(value) : value;
	joined = out->var->type ? unify(c, out->var->type, value) : value;
	if (!joined)
		infer_error(c, out->loc, VAR_TYPE, out->name, type_name(c->arena, out->var->type),
		        type_name(c->arena, value));
	else if (!out->var->declared && (!out->var->type || !type_equal(out->var->type, joined))) {
		out->var->type = joined;
		c->changed = true;
	}
	out->type = out->var->type;
	return &type_bool;
}

static struct type *call_LEN(struct check *c, struct node *n)
{
	struct map *m = &c->program->maps[n->list->map];

	if (c->final && !m->value)
		diag_error(c->diag, n->list->loc, UNDEF_MAP, m->name);
	else if (c->final && !m->key)
		diag_error(c->diag, n->list->loc, LEN_SCALAR, m->name);
	return &type_uint64;
}

/* --- processes --- */

/* A name becomes its number. */
static struct type *call_SIGNAL(struct check *c, struct node *n)
{
	struct node *arg = n->list;
	const char *name = arg->name;

	if (arg->type->kind != TYPE_STRING) {
		if (!type_as_int(arg->type))
			infer_error(c, arg->loc, ARG_TYPE, n->name, "a signal", type_text(c, arg));
		return &type_void;
	}
	if (arg->kind != NODE_STRING) {
		infer_error(c, arg->loc, ARG_TYPE, n->name, "a signal's number or literal name",
		        type_text(c, arg));
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

#define call_SIGNAL_THREAD call_SIGNAL

static struct type *call_BSWAP(struct check *c, struct node *n)
{
	struct type *t = type_as_int(n->list->type);

	(void)c;
	return t->is_literal || t->kind != TYPE_INT ? &type_uint64 : type_int(t->size, false);
}

/* --- strings --- */

static struct type *call_STR(struct check *c, struct node *n)
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

static struct type *call_STRLEN(struct check *c, struct node *n)
{
	(void)c;
	if (n->list->is_const) {
		n->is_const = true;
		n->ival = strlen(n->list->name);
	}
	return &type_uint64;
}

static struct type *call_STRNCMP(struct check *c, struct node *n)
{
	const struct node *len = n->list->next->next;

	if ((int64_t)len->ival < 0 || len->ival > 1024)
		infer_error(c, len->loc, STRNCMP_LENGTH);
	return &type_uint64;
}

static struct type *call_STRFTIME(struct check *c, struct node *n)
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

static struct type *stack_type(struct check *c, enum type_kind kind, struct node *args)
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

static struct type *call_KSTACK(struct check *c, struct node *n)
{
	return stack_type(c, TYPE_KSTACK, n->list);
}

static struct type *call_USTACK(struct check *c, struct node *n)
{
	return stack_type(c, TYPE_USTACK, n->list);
}

static struct type *call_KSYM(struct check *c, struct node *n)
{
	(void)n;
	return type_new(c->arena, TYPE_KSYM);
}

static struct type *call_USYM(struct check *c, struct node *n)
{
	(void)n;
	c->program->uses_ustack = true;
	return type_new(c->arena, TYPE_USYM);
}

static struct type *call_REG(struct check *c, struct node *n)
{
	if (arch_register(n->list->name) < 0)
		infer_error(c, n->list->loc, UNKNOWN_REGISTER, n->list->name);
	return &type_uint64;
}

/* The loader knows the address: here it is an index. */
static struct type *call_KADDR(struct check *c, struct node *n)
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

static struct type *call_BUF(struct check *c, struct node *n)
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

static struct type *call_NTOP(struct check *c, struct node *n)
{
	struct node *address = n->list->next ? n->list->next : n->list;
	struct type *t = address->type;

	if (!type_is_integer(t) && t->kind != TYPE_PTR && !is_bytes(t, 4) && !is_bytes(t, 16)) {
		infer_error(c, address->loc, NOT_ADDRESS, n->name, type_text(c, address));
		return &type_error;
	}
	if (n->list->next && !type_as_int(n->list->type)) {
		infer_error(c, n->list->loc, ARG_TYPE, n->name, "an address family", type_text(c, n->list));
		return &type_error;
	}
	return type_new(c->arena, TYPE_INET);
}

static struct type *call_MACADDR(struct check *c, struct node *n)
{
	struct type *t = n->list->type;

	if (!type_is_integer(t) && t->kind != TYPE_PTR && !is_bytes(t, 6)) {
		infer_error(c, n->list->loc, NOT_ADDRESS, n->name, type_text(c, n->list));
		return &type_error;
	}
	return type_new(c->arena, TYPE_MAC);
}

static struct type *call_STRSTR(struct check *c, struct node *n)
{
	const struct node *needle = n->list->next;

	if (needle->ival < 1 || needle->ival > 255)
		infer_error(c, needle->loc, EMPTY_NEEDLE, n->name);
	return &type_int64;
}

static struct type *call_STRCONTAINS(struct check *c, struct node *n)
{
	call_STRSTR(c, n);
	return &type_bool;
}

static struct type *to_space(struct check *c, struct node *n, enum addr_space space)
{
	struct type *t = n->list->type;

	return type_ptr(c->arena, t->kind == TYPE_PTR ? t->elem : &type_void, space);
}

static struct type *call_KPTR(struct check *c, struct node *n)
{
	return to_space(c, n, AS_KERNEL);
}

static struct type *call_UPTR(struct check *c, struct node *n)
{
	return to_space(c, n, AS_USER);
}

/* --- aggregations --- */

static struct type *agg_of(struct check *c, struct node *n, enum type_kind kind)
{
	struct type *t = type_new(c->arena, kind);
	struct type *arg = n->list && n->list->type ? type_as_int(n->list->type) : NULL;

	/* A literal that is not negative takes the sign of the map's other values. */
	t->is_signed = arg && arg->is_signed &&
	               !(arg->is_literal && n->list->is_const && (int64_t)n->list->ival >= 0);
	t->size = 8;
	return t;
}

#define AGG_RULE(id)                                                                                         \
	static struct type *call_##id(struct check *c, struct node *n)                                       \
	{                                                                                                    \
		return agg_of(c, n, TYPE_##id);                                                              \
	}
AGG_RULE(COUNT)
AGG_RULE(SUM)
AGG_RULE(MIN)
AGG_RULE(MAX)
AGG_RULE(AVG)
AGG_RULE(STATS)

static struct type *call_HIST(struct check *c, struct node *n)
{
	struct type *t = agg_of(c, n, TYPE_HIST);
	const struct node *bits = n->list->next;

	t->is_signed = false;
	if (bits && bits->ival > 5)
		infer_error(c, bits->loc, HIST_BITS);
	else if (bits)
		t->agg.bits = (uint32_t)bits->ival;
	return t;
}

static struct type *call_LHIST(struct check *c, struct node *n)
{
	struct type *t = agg_of(c, n, TYPE_LHIST);
	const struct node *min = n->list->next, *max = min->next, *step = max->next;

	t->is_signed = false;
	t->agg.min = (int64_t)min->ival;
	t->agg.max = (int64_t)max->ival;
	t->agg.step = (int64_t)step->ival;
	if (t->agg.step <= 0)
		infer_error(c, step->loc, LHIST_STEP);
	else if (t->agg.min < 0 || t->agg.max <= t->agg.min)
		infer_error(c, max->loc, LHIST_RANGE);
	else if (((uint64_t)t->agg.max - (uint64_t)t->agg.min) / (uint64_t)t->agg.step > 1000)
		infer_error(c, step->loc, LHIST_BUCKETS,
		        (unsigned long long)(((uint64_t)t->agg.max - (uint64_t)t->agg.min) /
		                             (uint64_t)t->agg.step));
	else
		return t;
	return &type_error;
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
	case BUILTIN_KSTACK:
		return stack_type(c, TYPE_KSTACK, NULL);
	case BUILTIN_USTACK:
		return stack_type(c, TYPE_USTACK, NULL);
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
