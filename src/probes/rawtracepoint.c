/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rawtracepoint:[MODULE:]EVENT, wildcards in the event. Names come from the kernel's BTF, which also types
 * the arguments; where that is missing, from tracefs, whose events are nearly all raw
 * tracepoints too.
 */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "probes/ops.h"
#include "system/kbtf.h"
#include "system/tracefs.h"

struct names {
	struct arena *arena;
	const char *pattern;
	const char **v;
	unsigned n, cap;
};

static int add_name(void *arg, const char *event)
{
	struct names *s = arg;

	if (str_glob(s->pattern, event))
		*vec_push(s->arena, s->v, s->n, s->cap) = arena_strdup(s->arena, event);
	return 0;
}

/* Events that have no tracepoint of their own: system calls share sys_enter and sys_exit; the others are
 * users'. */
static bool is_raw_group(const char *group)
{
	static const char *const others[] = { "syscalls", "kprobes", "uprobes", "eprobes", "synthetic" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (strcmp(others[i], group) == 0)
			return false;
	}
	return true;
}

static int add_event(void *arg, const char *group, const char *event)
{
	return is_raw_group(group) ? add_name(arg, event) : 0;
}

/* All raw tracepoints that match; false when neither BTF nor tracefs can say, which is reported. */
static bool find_all(struct probes *env, struct names *s, struct loc loc)
{
	struct kbtf *btf = probes_kbtf(env);
	struct tracefs *t;

	if (btf) {
		kbtf_each_rawtracepoint(btf, add_name, s);
		return true;
	}
	t = probes_tracefs(env, loc);
	if (!t)
		return false;
	tracefs_each(t, "*", "*", add_event, s);
	return true;
}

/* tracefs first, which costs far less than BTF does. */
static bool exists(struct probes *env, const char *event)
{
	struct names s = { .arena = env->arena, .pattern = event };
	struct tracefs *t = probes_try_tracefs(env);
	struct kbtf *btf;

	if (t)
		tracefs_each(t, "*", event, add_event, &s);
	if (s.n)
		return true;
	btf = probes_kbtf(env);
	/* Without either, the kernel will say so when the probe is attached. */
	return btf ? kbtf_rawtracepoint(btf, event) != NULL : !t;
}

static bool report_missing(struct probes *env, const struct attach *at, const char *event)
{
	struct names s = { .arena = env->arena, .pattern = "*" };
	struct loc loc = at->locs[at->nparts - 1];
	struct nearest near = { 0 };
	const char *hint = NULL;

	if (!probes_missing_is_error(env, at))
		return true;
	if (str_has_glob(event)) {
		diag_error(env->diag, at->loc, PROBE_NO_MATCH, probes_text(env, at));
		return false;
	}
	if (str_starts(event, "sys_enter_"))
		hint = "system calls share rawtracepoint:sys_enter; tracepoint:syscalls has one for each";
	if (str_starts(event, "sys_exit_"))
		hint = "system calls share rawtracepoint:sys_exit; tracepoint:syscalls has one for each";
	if (find_all(env, &s, loc)) {
		for (unsigned i = 0; i < s.n; i++)
			nearest_offer(&near, event, s.v[i]);
	}
	if (!hint)
		hint = probes_suggestion(env, near.best);
	diag_error_hint(env->diag, loc, hint, PROBE_RAW_EVENT, event);
	return false;
}

static bool expand(struct probes *env, const struct attach *at, struct program *program)
{
	struct names s = { .arena = env->arena };
	const char *module = at->nparts == 3 ? at->parts[1] : "";
	bool has_module = at->nparts == 3;
	const char *event;

	if (at->nparts < 2 || at->nparts > 3)
		return probes_form_error(env, at);
	event = s.pattern = at->parts[at->nparts - 1];
	if (!*event || (has_module && !*module))
		return probes_form_error(env, at);
	if (str_has_glob(event)) {
		if (!find_all(env, &s, at->loc))
			return false;
	} else if (exists(env, event)) {
		add_name(&s, event);
	}
	if (!s.n)
		return report_missing(env, at, event);
	if (!probes_room(env, at, program, s.n))
		return false;
	for (unsigned i = 0; i < s.n; i++) {
		const char *name = arena_printf(
		        env->arena, "rawtracepoint:%s%s%s", module, has_module ? ":" : "", s.v[i]);

		probes_add(env, at, program, name, module, s.v[i]);
	}
	return true;
}

static const struct type *args(struct probes *env, const struct probe *probe, struct loc loc)
{
	struct kbtf *btf = probes_kbtf(env);
	struct type *t = btf ? kbtf_rawtracepoint(btf, probe->target) : NULL;

	if (!t)
		diag_error(env->diag, loc, PROBE_RAW_ARGS, probe->target);
	return t;
}

/* "    struct task_struct * prev", a line per argument. */
static void print_args(struct kbtf *btf, const char *event, FILE *out)
{
	const struct type *t = kbtf_rawtracepoint(btf, event);
	struct strbuf b = { 0 };

	for (unsigned i = 0; t && i < t->nfields; i++) {
		strbuf_reset(&b);
		type_print(&b, t->fields[i].type);
		fprintf(out, "    %s %s\n", b.data, t->fields[i].name);
	}
	strbuf_free(&b);
}

static bool list(struct probes *env, struct listing *l)
{
	struct names s = { .arena = env->arena, .pattern = "*" };

	if (!find_all(env, &s, LOC_NONE))
		return false;
	for (unsigned i = 0; i < s.n; i++) {
		bool shown = listing_line(l, arena_printf(env->arena, "rawtracepoint:%s", s.v[i]));

		if (shown && l->verbose && env->kbtf)
			print_args(env->kbtf, s.v[i], l->out);
	}
	return true;
}

const struct probe_ops probe_ops_RAWTRACEPOINT = { .expand = expand, .args = args, .list = list };
