/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics: the one way in which any layer speaks to the user. A message
 * names a place in the script where there is one:
 *
 *     script.bt:3:12-18: error: str() takes a pointer, not int64
 *       printf("%s\n", str(pid));
 *                          ~~~
 *       hint: …
 *
 * Errors are counted, not exited on. The texts live in lang/errors.def.
 */
#ifndef KSCOPE_BASE_DIAG_H
#define KSCOPE_BASE_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/source.h"

struct strbuf;

enum severity {
	SEV_ERROR,
	SEV_WARNING,
	SEV_NOTE,
};

struct diag {
	const struct source *source; /* may be NULL: messages then have no place */
	FILE *out;                   /* usually stderr */
	bool colour;
	bool json; /* an object a line instead of text and excerpt */
	bool no_warnings;
	unsigned errors, warnings;
	unsigned max_errors; /* further errors are counted but not printed; 0: no limit */
	uint32_t last_start; /* place of the last error, to report a place once */
	bool have_last;
};

void diag_init(struct diag *d, const struct source *source, FILE *out, bool colour);

/* hint may be NULL. Use diag_error()/diag_warning() of lang/errors.h rather than this. */
void diag_vemit(
        struct diag *d, enum severity sev, struct loc loc, const char *hint, const char *fmt, va_list ap);

/* Appends "  source line\n  ^~~~\n" for a place to out; nothing for LOC_NONE. */
void diag_excerpt(struct strbuf *out, const struct source *s, struct loc loc);

#endif
