/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interval and profile: a period or a frequency, in one of the forms
 *
 *     interval:s:1  interval:hz:99  interval:100ms  interval:1000000000
 *
 * the last of which is nanoseconds.
 */
#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "probes/ops.h"

/* perf_event_open(2) takes no period with the highest bit set. */
#define MAX_PERIOD INT64_MAX
/* The kernel's own limit, kernel.perf_event_max_sample_rate, is a setting; this is above any use. */
#define MAX_HZ 1000000
/* A number without a unit below this was not meant as nanoseconds. */
#define MIN_BARE_NS 1000

struct unit {
	const char *name;
	uint64_t ns;    /* 0: Hz */
	bool in_middle; /* interval:UNIT:N exists, not only interval:NUNIT */
};

static const struct unit units[] = {
	{ "hz", 0, true },
	{ "s", 1000000000ull, true },
	{ "ms", 1000000ull, true },
	{ "us", 1000ull, true },
	{ "ns", 1ull, true },
	{ "m", 60 * 1000000000ull, false },
	{ "h", 3600 * 1000000000ull, false },
	{ "d", 86400 * 1000000000ull, false },
};

#define NUNITS (sizeof(units) / sizeof(units[0]))

static const struct unit *find_unit(const char *name)
{
	for (size_t i = 0; i < NUNITS; i++) {
		if (strcmp(units[i].name, name) == 0)
			return &units[i];
	}
	return NULL;
}

/* The probe's name, the type and the parts as written; the period from number and unit. */
static bool add_timer(struct probes *env, const struct attach *at, struct program *program,
        const char *number, const struct unit *unit, struct loc loc)
{
	uint64_t max = unit->ns ? MAX_PERIOD / unit->ns : MAX_HZ, n;
	struct probe *p;

	if (!probes_count(number, max, &n)) {
		diag_error(env->diag, loc, PROBE_NUMBER, number, (unsigned long long)max);
		return false;
	}
	if (unit->ns == 1 && n < MIN_BARE_NS) {
		const char *hint = at->nparts == 2 ? arena_printf(env->arena, "did you mean %s:hz:%s?",
		                                             at->row->name, number)
		                                   : NULL;

		diag_error_hint(env->diag, loc, hint, PROBE_PERIOD, (unsigned long long)n);
		return false;
	}
	p = probes_add(env, at, program, probes_text(env, at), NULL, NULL);
	if (!p)
		return false;
	p->is_freq = !unit->ns;
	p->period = unit->ns ? n * unit->ns : n;
	return true;
}

/* "100ms", "1_000ns", "5000": where the unit begins. Hex digits need no care: none of the units fits there.
 */
static size_t number_length(const char *s)
{
	size_t n = strlen(s);

	if (str_starts(s, "0x"))
		return n;
	while (n && isalpha((unsigned char)s[n - 1]))
		n--;
	return n;
}

static bool expand(struct probes *env, const struct attach *at, struct program *program)
{
	const struct unit *unit;
	const char *number, *name;
	size_t len;

	if (at->nparts == 3) {
		unit = find_unit(at->parts[1]);
		if (!unit || !unit->in_middle) {
			diag_error(env->diag, at->locs[1], PROBE_UNIT, at->parts[1]);
			return false;
		}
		return add_timer(env, at, program, at->parts[2], unit, at->locs[2]);
	}
	if (at->nparts != 2 || !*at->parts[1] || find_unit(at->parts[1]))
		return probes_form_error(env, at);
	len = number_length(at->parts[1]);
	number = arena_strndup(env->arena, at->parts[1], len);
	name = at->parts[1] + len;
	unit = find_unit(*name ? name : "ns");
	if (!len)
		return probes_form_error(env, at);
	if (!unit || !unit->ns) {
		const char *form = arena_printf(env->arena, "did you mean %s:hz:%s?", at->row->name, number);

		diag_error_hint(env->diag, at->locs[1], unit ? form : NULL, PROBE_UNIT, name);
		return false;
	}
	return add_timer(env, at, program, number, unit, at->locs[1]);
}

static void list_units(struct probes *env, struct listing *l, const char *type)
{
	for (size_t i = 0; i < NUNITS; i++) {
		if (units[i].in_middle && strcmp(units[i].name, "ns") != 0)
			listing_line(l, arena_printf(env->arena, "%s:%s:", type, units[i].name));
	}
}

static bool list_interval(struct probes *env, struct listing *l)
{
	list_units(env, l, "interval");
	return true;
}

static bool list_profile(struct probes *env, struct listing *l)
{
	list_units(env, l, "profile");
	return true;
}

const struct probe_ops probe_ops_INTERVAL = { .expand = expand, .list = list_interval, .only_by_name = true };
const struct probe_ops probe_ops_PROFILE = { .expand = expand, .list = list_profile, .only_by_name = true };
