/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What probe types mean to the compiler: their written form, wildcards, the type
 * of their arguments, listing. One file per family, one row each in a table
 * of operations (probes.c).
 */
#ifndef KSCOPE_PROBES_PROBES_H
#define KSCOPE_PROBES_PROBES_H

#include <stdbool.h>
#include <stdio.h>

#include "base/diag.h"
#include "lang/program.h"

struct arena;
struct tracefs;
struct kbtf;

/* What expanding may need; zero-initialise but for arena and diag. tracefs and BTF are opened on first use.
 */
struct probes {
	struct arena *arena;
	struct diag *diag;
	const char **params; /* positional parameters: "$1" in a probe's text is replaced */
	unsigned nparams;
	const char *missing; /* config missing_probes: "error", "warn", "ignore" */
	struct tracefs *tracefs;
	struct kbtf *kbtf;
	bool tracefs_failed, kbtf_failed;
};

/*
 * Parses one attach point as written ("t:syscalls:sys_enter_*"), expands wildcards, and appends a probe for
 * each match to the program, with type, name, group, target, period and loc set. Reports errors (unknown type
 * with the nearest name, wrong form with the right one, no such event with the nearest, missing privileges)
 * through diag and returns false then.
 */
bool probes_expand(struct probes *env, const char *text, struct loc loc, struct program *program);

/* The struct of the probe's arguments; sets probe->args and args_id. NULL when it has none, or after an error
 * (reported at loc). */
const struct type *probes_args(struct probes *env, struct probe *probe, struct loc loc);

/* Opens BTF on first use; NULL when there is none (not reported). */
struct kbtf *probes_kbtf(struct probes *env);

/* Lists the probes that match a search ("tracepoint:sys*:", "*sched*", NULL: all), a line each; verbose adds
 * the arguments, indented by four blanks. False after an error. */
bool probes_list(struct probes *env, const char *search, bool verbose, FILE *out);

/* Releases tracefs and BTF. */
void probes_release(struct probes *env);

#endif
