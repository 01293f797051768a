/* SPDX-License-Identifier: Apache-2.0 */
/* Histograms as text, from their bucket counts; no input but the arguments. */
#ifndef KSCOPE_RUNTIME_HIST_H
#define KSCOPE_RUNTIME_HIST_H

#include <stdint.h>

#include "lang/types.h"

struct strbuf;

#define HIST_BAR 52

/* "1K" for 1024: the largest power of 1024 that divides the number is written as a suffix. */
void hist_number(struct strbuf *out, int64_t n);

/* Label of bucket i of a HIST or LHIST: "(..., 0)", "[1]", "[2, 4)", "[100, ...)". */
void hist_label(struct strbuf *out, const struct type *t, unsigned i);

/* Rows from the first to the last bucket that is not empty; nothing when all are. Counts are shown divided by
 * div (0 as 1), bars are not. */
void hist_text(struct strbuf *out, const struct type *t, const uint64_t *counts, uint64_t div);

/* The values that fall into bucket i: *low to *high, both included; returns which of them it has. */
enum { HIST_HAS_LOW = 1, HIST_HAS_HIGH = 2 };
unsigned hist_limits(const struct type *t, unsigned i, int64_t *low, int64_t *high);

unsigned hist_buckets(const struct type *t);
uint64_t hist_total(const struct type *t, const uint64_t *counts);

#endif
