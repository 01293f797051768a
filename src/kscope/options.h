/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: one table of options, from which parsing and --help come. */
#ifndef KSCOPE_KSCOPE_OPTIONS_H
#define KSCOPE_KSCOPE_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/str.h"
#include "runtime/runtime.h"

enum mode {
	MODE_RUN,
	MODE_LIST,
	MODE_INFO,
	MODE_HELP,
	MODE_VERSION,
};

struct options {
	enum mode mode;
	struct run_options run;
	const char *program; /* -e, or NULL */
	const char *file;    /* FILE or "-", or NULL */
	const char *search;  /* of -l, or NULL */
	const char *output;  /* -o, or NULL */
	bool helper_errors;  /* -k */
	const char *emit;    /* --emit, or NULL */
	struct strbuf dump;  /* stages of -d that the compiler prints, a comma list */
	char **params;       /* what follows FILE; the caller gives room for argc words */
	int nparams;
};

/* A row of the table. The manual and the shells' completions are printed from it too (src/docgen). */
struct option_row {
	char short_name;       /* 0: none */
	const char *long_name; /* NULL: none */
	const char *argument;  /* NULL: takes none */
	bool (*set)(struct options *o, const char *value, struct diag *d);
	const char *doc;    /* NULL: not in --help */
	const char *values; /* "a|b": what the argument may be; NULL: anything */
};

extern const struct option_row option_rows[];
extern const size_t option_count;

/* False after an error, which is reported. */
bool options_parse(struct options *o, int argc, char **argv, struct diag *d);
void options_help(FILE *out);

#endif
