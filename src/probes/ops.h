/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between probes.c and the families of probe types: what each of them provides, and what
 * they share. Not for other rooms.
 */
#ifndef KSCOPE_PROBES_OPS_H
#define KSCOPE_PROBES_OPS_H

#include "lang/catalog.h"
#include "lang/errors.h"
#include "probes/probes.h"

struct tracefs;

#define ATTACH_MAX_PARTS 8

/* An attach point, cut at its colons; quotes are gone and parameters replaced. */
struct attach {
	const struct probe_row *row;
	struct loc loc;
	const char *parts[ATTACH_MAX_PARTS]; /* parts[0] is the type as written */
	struct loc locs[ATTACH_MAX_PARTS];
	unsigned nparts;
};

/* What a listing looks for. */
struct listing {
	const char *pattern; /* of a probe's whole text, "tracepoint:sched:*" */
	bool verbose;
	FILE *out;
	unsigned found;
};

struct probe_ops {
	/* Appends a probe for each match; false after a reported error. */
	bool (*expand)(struct probes *env, const struct attach *at, struct program *program);
	/* The struct of a probe's arguments; NULL after a reported error. No function: has no arguments. */
	const struct type *(*args)(struct probes *env, const struct probe *probe, struct loc loc);
	/* Prints what matches; false after a reported error. */
	bool (*list)(struct probes *env, struct listing *l);
	/* Listed only when the search names the type: its forms rather than things of this machine. */
	bool only_by_name;
};

/* A row of probes.def each, in the file of its family. */
#define PROBE(id, ...) extern const struct probe_ops probe_ops_##id;
#include "lang/probes.def"

/* Adds a probe of the attach point's type. group and target may be NULL; strings are copied. NULL and an
 * error once the program has more than max_probes. */
struct probe *probes_add(struct probes *env, const struct attach *at, struct program *program,
        const char *name, const char *group, const char *target);

/* Whether n more probes are allowed; reports it if not. */
bool probes_room(struct probes *env, const struct attach *at, const struct program *program, unsigned n);

/* "tracepoint:a:b": the attach point's text with the type's full name, from its parts. */
const char *probes_text(struct probes *env, const struct attach *at);

/* Reports that the attach point does not have the form of its type; returns false. */
bool probes_form_error(struct probes *env, const struct attach *at);

/* A number from 1 to max of a script: decimal, hex, octal, 1_000 or 1e6. */
bool probes_count(const char *text, uint64_t max, uint64_t *out);

/* tracefs, opened on first use; NULL after an error, which is reported once. */
struct tracefs *probes_tracefs(struct probes *env, struct loc loc);
/* The same without a report. */
struct tracefs *probes_try_tracefs(struct probes *env);

/* Whether a missing probe is to be taken as an error (missing_probes); gives the warning if there is to be
 * one. */
bool probes_missing_is_error(struct probes *env, const struct attach *at);

/* "did you mean X?" in the arena, or NULL for NULL. */
const char *probes_suggestion(struct probes *env, const char *what);

/* Whether a listing wants this line; counts and prints it then. */
bool listing_line(struct listing *l, const char *text);

#endif
