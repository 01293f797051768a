/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checking: from an AST to a program whose every expression has a type. The
 * result is what code generation lowers; nothing in check emits code.
 */
#ifndef KSCOPE_CHECK_CHECK_H
#define KSCOPE_CHECK_CHECK_H

#include <stdbool.h>

#include "base/diag.h"
#include "lang/catalog.h"
#include "lang/program.h"
#include "parser/ast.h"

struct probes;

struct check_options {
	const char **params; /* $1 … */
	unsigned nparams;
	bool unsafe;
};

/* One BPF program to generate: a probe block, typed for the arguments that its attach points share. */
struct action {
	struct node
	        *node; /* PROBE; a copy of its own when the block's attach points differ in their arguments */
	const char *prog; /* name of the BPF program */
	unsigned *probes; /* indices in program.probes */
	unsigned nprobes, probes_cap;
	enum probe_type type;
	enum context context;
	const struct type *args; /* or NULL */
	uint64_t args_id;
	struct var *vars; /* all scratch variables, linked by next */
	unsigned nvars;
};

struct unit {
	struct program *program;
	struct action *actions;
	unsigned nactions, actions_cap;
};

/* Checks the script and returns its unit, in the arena; the diag's counter tells whether it is sound.
 * `probes` (its arena, diag and params set) expands attach points. */
struct unit *check_script(struct arena *a, struct diag *d, struct node *script, const struct source *source,
        const struct check_options *o, struct probes *probes);

/* The type that holds values of both, or NULL when there is none. */
struct type *types_join(struct arena *arena, struct type *a, struct type *b);

#endif
