/* SPDX-License-Identifier: Apache-2.0 */
/* Aggregations from their words (lang/layout.h): merging over CPUs, and reading. */
#include "runtime/hist.h"
#include "runtime/maps.h"
#include "runtime/tseries.h"

static void add_words(uint64_t *into, const uint64_t *from, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		into[i] += from[i];
}

static void merge_best(uint64_t *into, const uint64_t *from)
{
	if (!from[AGG_MIN_MAX_SET])
		return;
	if (!into[AGG_MIN_MAX_SET] || from[AGG_MIN_MAX_BEST] > into[AGG_MIN_MAX_BEST])
		into[AGG_MIN_MAX_BEST] = from[AGG_MIN_MAX_BEST];
	into[AGG_MIN_MAX_SET] = 1;
}

/* A per-CPU map of plain values: integers add up, of others one CPU's value is as good as another's. */
static void merge_plain(const struct type *t, uint64_t *into, const uint64_t *from, unsigned n)
{
	bool empty = true;

	if (t->kind == TYPE_INT) {
		into[0] += from[0];
		return;
	}
	for (unsigned i = 0; i < n && empty; i++)
		empty = into[i] == 0;
	if (empty)
		add_words(into, from, n);
}

void agg_merge(const struct type *t, uint64_t *into, const uint64_t *from, unsigned nwords)
{
	switch ((int)t->kind) {
	case TYPE_COUNT:
	case TYPE_AVG:
	case TYPE_STATS:
	case TYPE_HIST:
	case TYPE_LHIST:
		add_words(into, from, nwords);
		break;
	case TYPE_SUM:
		into[AGG_SUM_SUM] += from[AGG_SUM_SUM];
		into[AGG_SUM_SET] |= from[AGG_SUM_SET];
		break;
	case TYPE_MIN:
	case TYPE_MAX:
		merge_best(into, from);
		break;
	case TYPE_TSERIES:
		tseries_merge(t, into, from);
		break;
	default:
		merge_plain(t, into, from, nwords);
		break;
	}
}

bool agg_is_set(const struct type *t, const uint64_t *words)
{
	switch ((int)t->kind) {
	case TYPE_COUNT:
		return words[AGG_COUNT_N] != 0;
	case TYPE_SUM:
		return words[AGG_SUM_SET] != 0;
	case TYPE_MIN:
	case TYPE_MAX:
		return words[AGG_MIN_MAX_SET] != 0;
	case TYPE_AVG:
	case TYPE_STATS:
		return words[AGG_AVG_N] != 0;
	case TYPE_HIST:
	case TYPE_LHIST:
		return hist_total(t, words) != 0;
	case TYPE_TSERIES:
		return tseries_is_set(t, words);
	default:
		return false;
	}
}

int64_t agg_average(const struct type *t, const uint64_t *words)
{
	uint64_t n = words[AGG_AVG_N];

	if (!n)
		return 0;
	if (t->is_signed)
		return (int64_t)words[AGG_AVG_SUM] / (int64_t)n;
	return (int64_t)(words[AGG_AVG_SUM] / n);
}

int64_t agg_number(const struct type *t, const uint64_t *words)
{
	switch ((int)t->kind) {
	case TYPE_COUNT:
		return (int64_t)words[AGG_COUNT_N];
	case TYPE_SUM:
		return (int64_t)words[AGG_SUM_SUM];
	case TYPE_MIN:
	case TYPE_MAX:
		return words[AGG_MIN_MAX_SET] ? layout_minmax_decode(t, words[AGG_MIN_MAX_BEST]) : 0;
	case TYPE_AVG:
		return agg_average(t, words);
	case TYPE_STATS:
		return (int64_t)words[AGG_AVG_SUM];
	case TYPE_HIST:
	case TYPE_LHIST:
		return (int64_t)hist_total(t, words);
	default:
		return 0;
	}
}
