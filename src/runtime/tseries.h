/* SPDX-License-Identifier: Apache-2.0 */
/* Time series, from the words that lang/layout.h describes; no input but the arguments. */
#ifndef KSCOPE_RUNTIME_TSERIES_H
#define KSCOPE_RUNTIME_TSERIES_H

#include "runtime/value.h"

#define TSERIES_CHART 52

/* An interval. */
struct tseries_point {
	uint64_t start; /* ns of CLOCK_BOOTTIME */
	int64_t value;
	bool set; /* something was recorded in it */
};

/* Folds another CPU's words into the first ones. */
void tseries_merge(const struct type *t, uint64_t *into, const uint64_t *from);
bool tseries_is_set(const struct type *t, const uint64_t *words);

/* The intervals from the oldest that is kept to the newest, into points[t->agg.max]; returns their number.
 * Values are divided by div (0 as 1). */
unsigned tseries_points(
        const struct type *t, const uint64_t *words, uint64_t div, struct tseries_point *points);

/* When an interval begins: 14:05:31, with as many decimals as the interval has. */
void tseries_time(struct strbuf *out, const struct value_env *env, const struct type *t, uint64_t start);

/* A line with the lowest and the highest value, then a row for each interval; nothing when none is set. */
void tseries_text(struct strbuf *out, const struct value_env *env, const struct type *t,
        const uint64_t *words, uint64_t div);

#endif
