/* SPDX-License-Identifier: Apache-2.0 */
/* The printf engine: a format string and typed values to text. */
#ifndef KSCOPE_RUNTIME_FORMAT_H
#define KSCOPE_RUNTIME_FORMAT_H

#include "runtime/value.h"

struct format_arg {
	const struct type *type;
	const void *data; /* the value; of a tail string, its bytes */
	bool tail;        /* a string of len bytes, not of type->size */
	bool cut;         /* tail: was truncated */
	uint32_t len;
};

/* Appends the formatted text. Conversions without an argument print nothing, surplus arguments are ignored:
 * check has compared both. */
void format_text(struct strbuf *out, const struct value_env *env, const char *format,
        const struct format_arg *args, unsigned nargs);

/* The value of an argument as print() shows it. */
void format_arg_text(struct strbuf *out, const struct value_env *env, const struct format_arg *arg);

#endif
