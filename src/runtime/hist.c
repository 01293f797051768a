/* SPDX-License-Identifier: Apache-2.0 */
/* Histograms as text. Which bucket a number falls into is lang/layout's business. */
#include "runtime/hist.h"

#include <inttypes.h>

#include "base/str.h"
#include "lang/layout.h"

unsigned hist_buckets(const struct type *t)
{
	return t->kind == TYPE_HIST ? layout_hist_buckets(t->agg.bits) : layout_lhist_buckets(t);
}

uint64_t hist_total(const struct type *t, const uint64_t *counts)
{
	uint64_t total = 0;

	for (unsigned i = 0, n = hist_buckets(t); i < n; i++)
		total += counts[i];
	return total;
}

static void add_number(struct strbuf *out, uint64_t n)
{
	static const char suffixes[] = "KMGTPE";
	unsigned power = 0;

	while (n && n % 1024 == 0 && power < sizeof(suffixes) - 1) {
		n /= 1024;
		power++;
	}
	strbuf_addf(out, "%" PRIu64, n);
	if (power)
		strbuf_addc(out, suffixes[power - 1]);
}

void hist_number(struct strbuf *out, int64_t n)
{
	if (n < 0)
		strbuf_addc(out, '-');
	add_number(out, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

static void log2_label(struct strbuf *out, unsigned bits, unsigned i)
{
	uint64_t low, high;

	if (!i) {
		strbuf_adds(out, "(..., 0)");
		return;
	}
	low = layout_hist_low(i, bits);
	high = i + 1 < layout_hist_buckets(bits) ? layout_hist_low(i + 1, bits) : 1ULL << 63;
	strbuf_addc(out, '[');
	add_number(out, low);
	if (high - low > 1) {
		strbuf_adds(out, ", ");
		add_number(out, high);
		strbuf_addc(out, ')');
	} else {
		strbuf_addc(out, ']');
	}
}

static void linear_label(struct strbuf *out, const struct agg_params *p, unsigned i, unsigned n)
{
	int64_t low = p->min + (int64_t)(i - 1) * p->step;
	int64_t high = p->max - low > p->step ? low + p->step : p->max;

	if (!i) {
		strbuf_adds(out, "(..., ");
		hist_number(out, p->min);
	} else if (i == n - 1) {
		strbuf_addc(out, '[');
		hist_number(out, p->max);
		strbuf_adds(out, ", ...");
	} else {
		strbuf_addc(out, '[');
		hist_number(out, low);
		strbuf_adds(out, ", ");
		hist_number(out, high);
	}
	strbuf_addc(out, ')');
}

void hist_label(struct strbuf *out, const struct type *t, unsigned i)
{
	if (t->kind == TYPE_HIST)
		log2_label(out, t->agg.bits, i);
	else
		linear_label(out, &t->agg, i, hist_buckets(t));
}

static unsigned log2_limits(unsigned bits, unsigned i, int64_t *low, int64_t *high)
{
	unsigned n = layout_hist_buckets(bits);

	*low = i ? (int64_t)layout_hist_low(i, bits) : 0;
	*high = !i ? -1 : i + 1 < n ? (int64_t)layout_hist_low(i + 1, bits) - 1 : INT64_MAX;
	return i ? HIST_HAS_LOW | HIST_HAS_HIGH : HIST_HAS_HIGH;
}

static unsigned linear_limits(const struct agg_params *p, unsigned i, unsigned n, int64_t *low, int64_t *high)
{
	*low = i == n - 1 ? p->max : p->min + (int64_t)(i ? i - 1 : 0) * p->step;
	if (!i)
		*high = p->min - 1;
	else
		*high = (p->max - *low > p->step ? *low + p->step : p->max) - 1;
	return !i ? HIST_HAS_HIGH : i == n - 1 ? HIST_HAS_LOW : HIST_HAS_LOW | HIST_HAS_HIGH;
}

unsigned hist_limits(const struct type *t, unsigned i, int64_t *low, int64_t *high)
{
	if (t->kind == TYPE_HIST)
		return log2_limits(t->agg.bits, i, low, high);
	return linear_limits(&t->agg, i, hist_buckets(t), low, high);
}

/* [16, 32)               3 |@@@@@@@@@@@@@                                       | */
static void add_row(struct strbuf *out, const char *label, uint64_t shown, uint64_t count, uint64_t max)
{
	static const char bar[] = "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@";
	int width = (int)((__extension__(unsigned __int128) count) * HIST_BAR / max);

	strbuf_addf(out, "%-16s%8" PRIu64 " |%-*.*s|\n", label, shown, HIST_BAR, width, bar);
}

void hist_text(struct strbuf *out, const struct type *t, const uint64_t *counts, uint64_t div)
{
	unsigned n = hist_buckets(t), first = n, last = 0;
	struct strbuf label = { 0 };
	uint64_t max = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!counts[i])
			continue;
		if (first == n)
			first = i;
		last = i;
		if (counts[i] > max)
			max = counts[i];
	}
	for (unsigned i = first; i < n && i <= last; i++) {
		strbuf_reset(&label);
		hist_label(&label, t, i);
		add_row(out, label.data, counts[i] / (div ? div : 1), counts[i], max);
	}
	strbuf_free(&label);
}
