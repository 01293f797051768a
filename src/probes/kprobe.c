/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kprobe:[MODULE:]FUNCTION[+OFFSET], kprobe:ADDRESS; wildcards in module and function. What can
 * be probed is what tracefs' available_filter_functions lists; without it, the functions of kallsyms. A
 * plain name is not looked up here, which would cost more than all else: the kernel knows, and
 * the runtime suggests another when it does not.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "probes/ops.h"
#include "system/kallsyms.h"
#include "system/tracefs.h"

struct matches {
	struct arena *arena;
	const char *module_glob, *name_glob;
	struct function {
		const char *module, *name;
	} * v;
	unsigned n, cap;
};

/* Parts that the compiler cuts off functions have names of their own (f.cold, f.constprop.0), which
 * nobody means with a wildcard that has no dot either. */
static bool is_whole_function(const char *glob, const char *name)
{
	return (!strchr(name, '.') || strchr(glob, '.')) && !str_starts(name, "__cfi_") &&
	       !str_starts(name, "__pfx_") && !str_starts(name, "__SCT__");
}

static int add_match(void *arg, const char *module, const char *name)
{
	struct matches *m = arg;
	struct function *f;

	if (!is_whole_function(m->name_glob, name) || !str_glob(m->name_glob, name) ||
	        !str_glob(m->module_glob, module))
		return 0;
	f = vec_push(m->arena, m->v, m->n, m->cap);
	f->module = arena_strdup(m->arena, module);
	f->name = arena_strdup(m->arena, name);
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct function *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->module, y->module);
}

/* By name, and once each: static functions of one name are one probe. */
static void sort(struct matches *m)
{
	unsigned n = 0;

	qsort(m->v, m->n, sizeof(*m->v), compare);
	for (unsigned i = 0; i < m->n; i++) {
		if (!n || compare(&m->v[n - 1], &m->v[i]) != 0)
			m->v[n++] = m->v[i];
	}
	m->n = n;
}

static bool find_all(struct probes *env, struct matches *m, const char *module, const char *name)
{
	struct tracefs *t = probes_try_tracefs(env);
	struct kallsyms *k;

	m->arena = env->arena;
	m->module_glob = module;
	m->name_glob = name;
	if (t && tracefs_each_function(t, add_match, m) == 0 && m->n) {
		sort(m);
		return true;
	}
	k = kallsyms_load(false);
	if (!k)
		return false;
	kallsyms_each(k, module, name, add_match, m);
	kallsyms_free(k);
	return true;
}

/* Cuts "+0x12" or "+18" off a function; false when it is not a number. */
static bool cut_offset(struct arena *a, const char **name, uint64_t *offset)
{
	const char *plus = strchr(*name, '+');

	*offset = 0;
	if (!plus)
		return true;
	if (!str_to_u64(plus + 1, offset))
		return false;
	*name = arena_strndup(a, *name, (size_t)(plus - *name));
	return true;
}

static bool add_plain(struct probes *env, const struct attach *at, struct program *program)
{
	const char *module = at->nparts == 3 ? at->parts[1] : "", *name = at->parts[at->nparts - 1];
	uint64_t offset = 0;
	struct probe *p;

	if (isdigit((unsigned char)*name)) {
		if (at->nparts != 2 || !str_to_u64(name, &offset))
			return probes_form_error(env, at);
		p = probes_add(env, at, program, probes_text(env, at), NULL, NULL);
	} else {
		if (!cut_offset(env->arena, &name, &offset) || !*name)
			return probes_form_error(env, at);
		if (offset && at->row->type == PROBE_KRETPROBE)
			return probes_form_error(env, at);
		p = probes_add(env, at, program, probes_text(env, at), module, name);
	}
	if (p)
		p->offset = offset;
	return p != NULL;
}

static bool expand(struct probes *env, const struct attach *at, struct program *program)
{
	const char *module = at->nparts == 3 ? at->parts[1] : "*", *name;
	struct matches m = { 0 };

	if (at->nparts < 2 || at->nparts > 3)
		return probes_form_error(env, at);
	name = at->parts[at->nparts - 1];
	if (!*name || !*module)
		return probes_form_error(env, at);
	if (!str_has_glob(name) && !(at->nparts == 3 && str_has_glob(module)))
		return add_plain(env, at, program);
	if (!find_all(env, &m, module, name) || !m.n) {
		if (!probes_missing_is_error(env, at))
			return true;
		diag_error(env->diag, at->loc, PROBE_NO_MATCH, probes_text(env, at));
		return false;
	}
	if (!probes_room(env, at, program, m.n))
		return false;
	for (unsigned i = 0; i < m.n; i++) {
		bool is_module = strcmp(m.v[i].module, "vmlinux") != 0;

		probes_add(env, at, program,
		        arena_printf(env->arena, "%s:%s%s%s", at->row->name, is_module ? m.v[i].module : "",
		                is_module ? ":" : "", m.v[i].name),
		        is_module ? m.v[i].module : "", m.v[i].name);
	}
	return true;
}

static bool list_type(struct probes *env, struct listing *l, const char *type)
{
	struct matches m = { 0 };

	/* A kernel without kprobes has none to list. */
	if (access("/sys/bus/event_source/devices/kprobe/type", F_OK) != 0 || !find_all(env, &m, "*", "*"))
		return true;
	for (unsigned i = 0; i < m.n; i++) {
		bool is_module = strcmp(m.v[i].module, "vmlinux") != 0;

		listing_line(l, arena_printf(env->arena, "%s:%s%s%s", type, is_module ? m.v[i].module : "",
		                        is_module ? ":" : "", m.v[i].name));
	}
	return true;
}

static bool list_kprobes(struct probes *env, struct listing *l)
{
	return list_type(env, l, "kprobe");
}

static bool list_kretprobes(struct probes *env, struct listing *l)
{
	return list_type(env, l, "kretprobe");
}

const struct probe_ops probe_ops_KPROBE = { .expand = expand, .list = list_kprobes };
/* They are the same functions again: listed when asked for. */
const struct probe_ops probe_ops_KRETPROBE = {
	.expand = expand, .list = list_kretprobes, .only_by_name = true
};
