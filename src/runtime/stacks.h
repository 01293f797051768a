/* SPDX-License-Identifier: Apache-2.0 */
/* Stacks and symbols as text. */
#ifndef KSCOPE_RUNTIME_STACKS_H
#define KSCOPE_RUNTIME_STACKS_H

#include <stdint.h>

#include "lang/types.h"

struct strbuf;
struct symbols;

/* Where frames and names come from; zeroed, with map_fd -1, frames are not to be had. */
struct stack_source {
	int map_fd; /* kscope_stacks, or -1 */
	struct symbols *symbols;
	enum stack_mode mode; /* config stack_mode */
};

/* Appends the frames of a KSTACK or USTACK value, each on a line behind `indent` blanks, with a newline
 * before the first. */
void stack_text(struct strbuf *out, const struct stack_source *s, const struct type *t, const void *data,
        unsigned indent);

/* Appends the name of a KSYM or USYM value. */
void symbol_text(struct strbuf *out, const struct stack_source *s, const struct type *t, const void *data);

/* "bpftrace", "perf", "raw" */
enum stack_mode stack_mode_by_name(const char *name);

#endif
