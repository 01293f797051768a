/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Software events of the kernel, counted by perf: software:EVENT[:COUNT], a sample every COUNT
 * events. The probe's target is the event's full name; the number that perf_event_open() takes is
 * the runtime's business.
 */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "probes/ops.h"

/* perf_event_open(2), PERF_TYPE_SOFTWARE; the default counts are those that bpftrace documents. */
static const struct {
	const char *name, *alias;
	uint64_t count;
} events[] = {
	{ "alignment-faults", "", 1 },
	{ "bpf-output", "", 1 },
	{ "context-switches", "cs", 1000 },
	{ "cpu-clock", "cpu", 1000000 },
	{ "cpu-migrations", "", 1 },
	{ "dummy", "", 1 },
	{ "emulation-faults", "", 1 },
	{ "major-faults", "", 1 },
	{ "minor-faults", "", 100 },
	{ "page-faults", "faults", 100 },
	{ "task-clock", "", 1 },
};

#define NEVENTS (sizeof(events) / sizeof(events[0]))

static bool add_event(
        struct probes *env, const struct attach *at, struct program *program, size_t i, const char *written)
{
	const char *count = at->nparts == 3 ? at->parts[2] : "";
	struct probe *p;
	const char *name;
	uint64_t n = events[i].count;

	if (*count && !probes_count(count, INT64_MAX, &n)) {
		diag_error(env->diag, at->locs[2], PROBE_NUMBER, count, (unsigned long long)INT64_MAX);
		return false;
	}
	name = arena_printf(env->arena, "%s:%s%s%s", at->row->name, written, *count ? ":" : "", count);
	p = probes_add(env, at, program, name, NULL, events[i].name);
	if (!p)
		return false;
	p->period = n;
	return true;
}

static bool no_such_event(struct probes *env, const struct attach *at)
{
	struct nearest near = { 0 };

	if (!probes_missing_is_error(env, at))
		return true;
	for (size_t i = 0; i < NEVENTS; i++) {
		nearest_offer(&near, at->parts[1], events[i].name);
		if (*events[i].alias)
			nearest_offer(&near, at->parts[1], events[i].alias);
	}
	diag_error_hint(env->diag, at->locs[1], probes_suggestion(env, near.best), PROBE_SOFTWARE_EVENT,
	        at->parts[1]);
	return false;
}

static bool matches(const char *pattern, size_t i)
{
	return strcmp(pattern, events[i].alias) == 0 || str_glob(pattern, events[i].name);
}

static bool expand(struct probes *env, const struct attach *at, struct program *program)
{
	unsigned found = 0;

	if (at->nparts < 2 || at->nparts > 3 || !*at->parts[1])
		return probes_form_error(env, at);
	for (size_t i = 0; i < NEVENTS; i++)
		found += matches(at->parts[1], i);
	if (!found)
		return no_such_event(env, at);
	if (!probes_room(env, at, program, found))
		return false;
	for (size_t i = 0; i < NEVENTS; i++) {
		const char *written = str_has_glob(at->parts[1]) ? events[i].name : at->parts[1];

		if (matches(at->parts[1], i) && !add_event(env, at, program, i, written))
			return false;
	}
	return true;
}

static bool list(struct probes *env, struct listing *l)
{
	for (size_t i = 0; i < NEVENTS; i++)
		listing_line(l, arena_printf(env->arena, "software:%s:", events[i].name));
	return true;
}

const struct probe_ops probe_ops_SOFTWARE = { .expand = expand, .list = list };
