/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text: what print(), map keys and map values look like. */
#ifndef KSCOPE_RUNTIME_VALUE_H
#define KSCOPE_RUNTIME_VALUE_H

#include <stdint.h>

#include "lang/types.h"
#include "runtime/stacks.h"

struct strbuf;

/* What printing needs to know besides the value. */
struct value_env {
	const char *trailer; /* what follows a string that was cut */
	struct stack_source stacks;
	unsigned stack_indent;   /* blanks before a frame; 0: 8 as in values */
	int64_t realtime_offset; /* ns to add to CLOCK_BOOTTIME for wall-clock time */
};

/* An integer of any size, sign-extended by its type; 0 for what is not one. */
int64_t value_int(const struct type *t, const void *data);
bool value_int_is_signed(const struct type *t);
/* A bit field of the struct at data. */
int64_t value_bits(const struct field *f, const void *data);

/* A string in `size` bytes of storage: its length without NUL and mark; *cut says that it was truncated. */
uint32_t value_string_len(const void *data, uint32_t size, bool *cut);

/* Appends the value at data, which has layout_size(t) bytes. */
void value_text(struct strbuf *out, const struct value_env *env, const struct type *t, const void *data);

/* The same for a map's key, whose outermost tuple has no parentheses: "1, x". */
void value_key_text(struct strbuf *out, const struct value_env *env, const struct type *t, const void *data);

/* Appends nanoseconds of CLOCK_BOOTTIME in strftime's format; %f is microseconds. */
void value_time_text(struct strbuf *out, const struct value_env *env, const char *format, uint64_t ns);

/* Order of two values of a type: numbers by value, strings by byte, tuples by field. */
int value_compare(const struct type *t, const void *a, const void *b);

#endif
