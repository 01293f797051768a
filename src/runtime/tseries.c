/* SPDX-License-Identifier: Apache-2.0 */
/* Time series: merging CPUs, and the chart. The words are lang/layout's business. */
#include "runtime/tseries.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "runtime/maps.h"

#define SECOND      1000000000
#define MILLISECOND 1000000

static bool less(const struct type *t, int64_t a, int64_t b)
{
	return t->is_signed ? a < b : (uint64_t)a < (uint64_t)b;
}

void tseries_merge(const struct type *t, uint64_t *into, const uint64_t *from)
{
	const struct type kept = layout_tseries_bucket(t);

	for (int64_t i = 0; i < t->agg.max; i++, into += AGG_TSERIES_WORDS, from += AGG_TSERIES_WORDS) {
		bool newer = from[AGG_TSERIES_EPOCH] > into[AGG_TSERIES_EPOCH];

		if (!from[AGG_TSERIES_SET])
			continue;
		if (into[AGG_TSERIES_SET] && from[AGG_TSERIES_EPOCH] < into[AGG_TSERIES_EPOCH])
			continue;
		if (kept.kind == TYPE_TSERIES)
			newer = newer || from[AGG_TSERIES_SET] > into[AGG_TSERIES_SET];
		if (newer || !into[AGG_TSERIES_SET])
			memcpy(into, from, AGG_TSERIES_WORDS * sizeof(*into));
		else if (kept.kind != TYPE_TSERIES)
			agg_merge(&kept, into + AGG_TSERIES_VALUE, from + AGG_TSERIES_VALUE, 2);
	}
}

static const uint64_t *bucket_of(const struct type *t, const uint64_t *words, uint64_t epoch)
{
	return words + epoch % (uint64_t)t->agg.max * AGG_TSERIES_WORDS;
}

/* The newest epoch; false when there is none. */
static bool newest_epoch(const struct type *t, const uint64_t *words, uint64_t *epoch)
{
	bool any = false;

	*epoch = 0;
	for (int64_t i = 0; i < t->agg.max; i++, words += AGG_TSERIES_WORDS) {
		if (!words[AGG_TSERIES_SET])
			continue;
		if (words[AGG_TSERIES_EPOCH] > *epoch)
			*epoch = words[AGG_TSERIES_EPOCH];
		any = true;
	}
	return any;
}

bool tseries_is_set(const struct type *t, const uint64_t *words)
{
	uint64_t epoch;

	return newest_epoch(t, words, &epoch);
}

static int64_t bucket_value(const struct type *t, const uint64_t *bucket, uint64_t div)
{
	const struct type kept = layout_tseries_bucket(t);
	int64_t n;

	if (kept.kind == TYPE_TSERIES)
		n = (int64_t)bucket[AGG_TSERIES_VALUE];
	else
		n = agg_number(&kept, bucket + AGG_TSERIES_VALUE);
	if (div <= 1)
		return n;
	if (!t->is_signed)
		return (int64_t)((uint64_t)n / div);
	return div > INT64_MAX ? 0 : n / (int64_t)div;
}

unsigned tseries_points(
        const struct type *t, const uint64_t *words, uint64_t div, struct tseries_point *points)
{
	uint64_t intervals = (uint64_t)t->agg.max, newest, epoch;
	unsigned count = 0;

	if (!newest_epoch(t, words, &newest))
		return 0;
	epoch = newest >= intervals ? newest - intervals + 1 : 0;
	for (; epoch <= newest; epoch++) {
		const uint64_t *bucket = bucket_of(t, words, epoch);
		bool set = bucket[AGG_TSERIES_SET] && bucket[AGG_TSERIES_EPOCH] == epoch;

		if (!set && !count)
			continue;
		points[count++] = (struct tseries_point){
			.start = epoch * (uint64_t)t->agg.step,
			.value = set ? bucket_value(t, bucket, div) : 0,
			.set = set,
		};
	}
	return count;
}

void tseries_time(struct strbuf *out, const struct value_env *env, const struct type *t, uint64_t start)
{
	if (t->agg.step % SECOND == 0) {
		value_time_text(out, env, "%H:%M:%S", start);
		return;
	}
	value_time_text(out, env, "%H:%M:%S.%f", start);
	if (t->agg.step % MILLISECOND == 0)
		out->data[out->len -= 3] = '\0';
}

static void add_value(struct strbuf *out, const struct type *t, int64_t n)
{
	strbuf_addf(out, t->is_signed ? "%" PRId64 : "%" PRIu64, n);
}

/*              -5                                                  10 */
static void add_limits(struct strbuf *out, const struct type *t, int indent, int64_t min, int64_t max)
{
	struct strbuf low = { 0 }, high = { 0 };

	add_value(&low, t, min);
	add_value(&high, t, max);
	strbuf_addf(out, "%*s%s%*s\n", indent, "", low.data, TSERIES_CHART - (int)low.len, high.data);
	strbuf_free(&low);
	strbuf_free(&high);
}

/* 14:05:31.200 |          *                                         | 5 */
static void add_row(
        struct strbuf *out, const struct type *t, const struct tseries_point *p, int64_t min, int64_t max)
{
	uint64_t range = (uint64_t)max - (uint64_t)min, above = (uint64_t)p->value - (uint64_t)min;
	int at = 0;

	if (!p->set) {
		strbuf_addf(out, " |%*s|\n", TSERIES_CHART, "");
		return;
	}
	if (range)
		at = (int)((__extension__(unsigned __int128) above) * (TSERIES_CHART - 1) / range);
	strbuf_addf(out, " |%*s*%*s| ", at, "", TSERIES_CHART - 1 - at, "");
	add_value(out, t, p->value);
	strbuf_addc(out, '\n');
}

void tseries_text(struct strbuf *out, const struct value_env *env, const struct type *t,
        const uint64_t *words, uint64_t div)
{
	struct tseries_point *points = mem_alloc((size_t)t->agg.max * sizeof(*points));
	unsigned n = tseries_points(t, words, div, points);
	struct strbuf times = { 0 };
	int64_t min, max;

	/* The first and the last one are set. */
	min = max = n ? points[0].value : 0;
	for (unsigned i = 0; i < n; i++) {
		if (points[i].set && less(t, points[i].value, min))
			min = points[i].value;
		if (points[i].set && less(t, max, points[i].value))
			max = points[i].value;
	}
	for (unsigned i = 0; i < n; i++) {
		strbuf_reset(&times);
		tseries_time(&times, env, t, points[i].start);
		if (!i)
			add_limits(out, t, (int)times.len + 2, min, max);
		strbuf_add(out, times.data, times.len);
		add_row(out, t, &points[i], min, max);
	}
	strbuf_free(&times);
	free(points);
}
