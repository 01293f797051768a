/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C prelude: lines that begin with '#'. They are read when the lexer meets
 * them; skipped text never becomes tokens.
 */
#ifndef KSCOPE_PARSER_PRELUDE_H
#define KSCOPE_PARSER_PRELUDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

struct arena;
struct prelude;

/* #define NAME value */
struct define {
	const char *name;
	const char *value; /* the tokens as text */
	size_t len;
	bool gone;   /* by #undef */
	bool active; /* its value is being read, so its own name in it stays as it is */
	struct define *next;
};

/* names: as if by `#define NAME 1`, NULL-terminated; may be NULL */
struct prelude *prelude_create(struct arena *a, const struct source *s, struct diag *d, const char **names);

struct define *prelude_find(struct prelude *p, const char *name, size_t len);

/*
 * Carries out the directive whose '#' is at offset `at`; returns the offset at which
 * reading goes on: behind the line, or behind the text that a false condition skips.
 */
size_t prelude_directive(struct prelude *p, size_t at);

/* Reports a condition without #endif. */
void prelude_end(struct prelude *p);

#endif
