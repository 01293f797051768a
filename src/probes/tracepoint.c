/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tracepoint:GROUP:EVENT, wildcards in both; the arguments are those of the event's record, read
 * from its format in tracefs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "probes/ops.h"
#include "system/tracefs.h"

/* Events that match, copied, so that their number is known before the first probe is added. */
struct matches {
	struct arena *arena;
	struct match {
		const char *group, *event;
	} * v;
	unsigned n, cap;
};

static int collect(void *arg, const char *group, const char *event)
{
	struct matches *m = arg;
	struct match *new = vec_push(m->arena, m->v, m->n, m->cap);

	new->group = arena_strdup(m->arena, group);
	new->event = arena_strdup(m->arena, event);
	return 0;
}

/* What a wrong name may have been meant to be. */
struct guess {
	const char *group, *event;
	struct nearest near_group, near_event;
	bool has_group;
	const char *elsewhere; /* a group that has the event */
	struct arena *arena;
};

static int guess_event(void *arg, const char *group, const char *event)
{
	struct guess *g = arg;

	nearest_offer(&g->near_group, g->group, arena_strdup(g->arena, group));
	if (strcmp(event, g->event) == 0 && !g->elsewhere)
		g->elsewhere = arena_strdup(g->arena, group);
	if (strcmp(group, g->group) == 0) {
		g->has_group = true;
		nearest_offer(&g->near_event, g->event, arena_strdup(g->arena, event));
	}
	return 0;
}

static bool report_missing(struct probes *env, const struct attach *at, struct tracefs *t)
{
	struct guess g = { .group = at->parts[1], .event = at->parts[2], .arena = env->arena };
	const char *full = NULL;

	if (!probes_missing_is_error(env, at))
		return true;
	tracefs_each(t, "*", "*", guess_event, &g);
	if (str_has_glob(g.group) || (g.has_group && str_has_glob(g.event))) {
		diag_error(env->diag, at->loc, PROBE_NO_MATCH, probes_text(env, at));
		return false;
	}
	if (g.elsewhere)
		full = arena_printf(env->arena, "tracepoint:%s:%s", g.elsewhere, g.event);
	if (!g.has_group) {
		diag_error_hint(env->diag, at->locs[1],
		        probes_suggestion(env, full ? full : g.near_group.best), PROBE_TRACEPOINT_GROUP,
		        g.group);
		return false;
	}
	if (g.near_event.best)
		full = g.near_event.best;
	diag_error_hint(env->diag, at->locs[2], probes_suggestion(env, full), PROBE_TRACEPOINT_EVENT, g.group,
	        g.event);
	return false;
}

/* tracepoint:EVENT is a common slip: say which group the event is in. */
static bool report_form(struct probes *env, const struct attach *at)
{
	struct guess g = { .group = "", .arena = env->arena };
	struct tracefs *t = at->nparts == 2 ? probes_try_tracefs(env) : NULL;
	const char *hint = NULL;

	if (t) {
		g.event = at->parts[1];
		tracefs_each(t, "*", "*", guess_event, &g);
		if (g.elsewhere)
			hint = arena_printf(
			        env->arena, "did you mean tracepoint:%s:%s?", g.elsewhere, g.event);
	}
	diag_error_hint(env->diag, at->loc, hint, PROBE_FORM, at->row->name, at->row->forms);
	return false;
}

static bool expand(struct probes *env, const struct attach *at, struct program *program)
{
	struct matches m = { .arena = env->arena };
	struct tracefs *t;

	if (at->nparts != 3 || !*at->parts[1] || !*at->parts[2])
		return report_form(env, at);
	t = probes_tracefs(env, at->loc);
	if (!t)
		return false;
	if (str_has_glob(at->parts[1]) || str_has_glob(at->parts[2]))
		tracefs_each(t, at->parts[1], at->parts[2], collect, &m);
	else if (tracefs_event_id(t, at->parts[1], at->parts[2]) >= 0)
		collect(&m, at->parts[1], at->parts[2]);
	if (!m.n)
		return report_missing(env, at, t);
	if (!probes_room(env, at, program, m.n))
		return false;
	for (unsigned i = 0; i < m.n; i++) {
		const char *name = arena_printf(env->arena, "tracepoint:%s:%s", m.v[i].group, m.v[i].event);

		probes_add(env, at, program, name, m.v[i].group, m.v[i].event);
	}
	return true;
}

static const struct type *args(struct probes *env, const struct probe *probe, struct loc loc)
{
	struct tracefs *t = probes_tracefs(env, loc);
	struct type *type;

	if (!t)
		return NULL;
	type = tracefs_format(t, env->arena, probe->group, probe->target, NULL);
	if (!type)
		diag_error(env->diag, loc, PROBE_FORMAT, probe->group, probe->target, strerror(errno));
	return type;
}

/* "    const char * filename", a line per field, without the common ones at the front. */
static void print_fields(FILE *out, const char *text)
{
	struct tracefs_field f;

	while (tracefs_next_field(&text, &f) > 0) {
		const char *name = f.decl + f.decl_len;

		while (name > f.decl && name[-1] != ' ')
			name--;
		if (!str_starts(name, "common_"))
			fprintf(out, "    %.*s\n", (int)f.decl_len, f.decl);
	}
}

struct list_state {
	struct listing *l;
	struct tracefs *t;
	struct strbuf line;
};

static int list_event(void *arg, const char *group, const char *event)
{
	struct list_state *s = arg;
	char *text;

	strbuf_reset(&s->line);
	strbuf_addf(&s->line, "tracepoint:%s:%s", group, event);
	if (!listing_line(s->l, s->line.data) || !s->l->verbose)
		return 0;
	text = tracefs_format_text(s->t, group, event);
	if (text)
		print_fields(s->l->out, text);
	free(text);
	return 0;
}

static bool list(struct probes *env, struct listing *l)
{
	struct list_state s = { .l = l, .t = probes_tracefs(env, LOC_NONE) };

	if (!s.t)
		return false;
	tracefs_each(s.t, "*", "*", list_event, &s);
	strbuf_free(&s.line);
	return true;
}

const struct probe_ops probe_ops_TRACEPOINT = { .expand = expand, .args = args, .list = list };
