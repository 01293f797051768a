/* SPDX-License-Identifier: Apache-2.0 */
/* From a script to an image. */
#ifndef KSCOPE_COMPILE_COMPILE_H
#define KSCOPE_COMPILE_COMPILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/diag.h"

struct arena;

struct compile_options {
	const char *source_path; /* where LLVM can read the script again, for the line info */
	const char **params;
	unsigned nparams;
	bool unsafe;
	bool helper_errors; /* -k: count reads that fail */
	bool verbose;       /* the probes with their arguments */
	const char *dump;   /* comma list of stages, or NULL */
	FILE *dump_out;
};

/* The names that -d takes for the compiler's stages, "ast types …". */
extern const char compile_stages[];

/* Compiles; returns the image in arena memory and its size. NULL after errors (counted in d), and when only
 * dumps were wanted. */
void *compile(struct arena *a, struct diag *d, const struct source *s, const struct compile_options *o,
        size_t *len);

#endif
