/* SPDX-License-Identifier: Apache-2.0 */
/* Time series: merging the CPUs' rings, which intervals are shown, the chart. */
#include "unit.h"

#include "base/str.h"
#include "lang/layout.h"
#include "lang/program.h"
#include "runtime/maps.h"
#include "runtime/tseries.h"

#define INTERVALS 4
#define WORDS     (INTERVALS * AGG_TSERIES_WORDS)
#define MS        INT64_C(1000000)

static const struct value_env env = { .trailer = ".." };

static struct type series(enum tseries_agg agg, bool is_signed)
{
	return (struct type){ .kind = TYPE_TSERIES,
		.size = 8,
		.is_signed = is_signed,
		.agg = { .step = 100 * MS, .max = INTERVALS, .bits = agg } };
}

static void put(uint64_t *words, uint64_t epoch, int64_t value, uint64_t set)
{
	words += epoch % INTERVALS * AGG_TSERIES_WORDS;
	words[AGG_TSERIES_EPOCH] = epoch;
	words[AGG_TSERIES_VALUE] = (uint64_t)value;
	words[AGG_TSERIES_SET] = set;
}

static int64_t only_value(const struct type *t, const uint64_t *words)
{
	struct tseries_point points[INTERVALS];

	assert_int_equal(tseries_points(t, words, 0, points), 1);
	assert_true(points[0].set);
	return points[0].value;
}

static void layout(void **state)
{
	struct type t = series(TSERIES_MAX, true), kept = layout_tseries_bucket(&t);
	struct map m = { .name = "@", .value = &t, .key = &type_int64 };

	(void)state;
	assert_int_equal(kept.kind, TYPE_MAX);
	assert_true(kept.is_signed);
	t.agg.bits = TSERIES_LAST;
	assert_int_equal(layout_tseries_bucket(&t).kind, TYPE_TSERIES);
	assert_int_equal(layout_map_value(&m), 8 * WORDS);
}

static void merge(const struct type *t, const uint64_t *a, const uint64_t *b, uint64_t *into)
{
	memcpy(into, a, WORDS * sizeof(*into));
	agg_merge(t, into, b, WORDS);
}

static void merged(void **state)
{
	struct type last = series(TSERIES_LAST, true), avg = series(TSERIES_AVG, true);
	struct type sum = series(TSERIES_SUM, true), max = series(TSERIES_MAX, false);
	uint64_t a[WORDS] = { 0 }, b[WORDS] = { 0 }, none[WORDS] = { 0 }, both[WORDS];

	(void)state;
	assert_false(agg_is_set(&last, none));
	/* Of the last values, the latest, in either order. */
	put(a, 9, -7, 1000);
	put(b, 9, 3, 999);
	merge(&last, a, b, both);
	assert_int_equal(only_value(&last, both), -7);
	merge(&last, b, a, both);
	assert_int_equal(only_value(&last, both), -7);
	merge(&last, none, a, both);
	assert_int_equal(only_value(&last, both), -7);
	merge(&last, a, none, both);
	assert_int_equal(only_value(&last, both), -7);
	put(a, 9, -7, 2);
	put(b, 9, 25, 4);
	merge(&avg, a, b, both);
	assert_int_equal(only_value(&avg, both), 3);
	merge(&sum, a, b, both);
	assert_int_equal(only_value(&sum, both), 18);
	put(a, 9, 8, 1);
	merge(&max, a, b, both);
	assert_int_equal(only_value(&max, both), 25);
	/* A newer epoch takes an older one's bucket. */
	put(a, 13, 1, 1);
	merge(&sum, a, b, both);
	assert_int_equal(only_value(&sum, both), 1);
	merge(&sum, b, a, both);
	assert_int_equal(only_value(&sum, both), 1);
	/* Epoch 0 is one like others. */
	memset(a, 0, sizeof(a));
	put(a, 0, 5, 1);
	merge(&sum, none, a, both);
	assert_int_equal(only_value(&sum, both), 5);
	assert_true(agg_is_set(&sum, both));
}

static void shown(void **state)
{
	struct type t = series(TSERIES_LAST, false);
	struct tseries_point points[INTERVALS];
	uint64_t words[WORDS] = { 0 };

	(void)state;
	assert_int_equal(tseries_points(&t, words, 0, points), 0);
	put(words, 6, 60, 1);
	put(words, 7, 70, 1);
	put(words, 9, 90, 1);
	assert_int_equal(tseries_points(&t, words, 10, points), 4);
	assert_int_equal(points[0].start, 600 * MS);
	assert_int_equal(points[0].value, 6);
	assert_false(points[2].set);
	assert_int_equal(points[3].value, 9);
	/* 6 and 7 are too old now; what is before the first value is left out. */
	put(words, 12, 120, 1);
	assert_int_equal(tseries_points(&t, words, 0, points), 4);
	assert_int_equal(points[0].start, 900 * MS);
	put(words, 15, 150, 1);
	assert_int_equal(tseries_points(&t, words, 0, points), 4);
	put(words, 19, 190, 1);
	assert_int_equal(tseries_points(&t, words, 0, points), 1);
}

static void expect_chart(const struct type *t, const uint64_t *words, const char *text)
{
	struct strbuf out = { 0 };

	tseries_text(&out, &env, t, words, 0);
	assert_string_equal(out.data ? out.data : "", text);
	strbuf_free(&out);
}

static void chart(void **state)
{
	struct type t = series(TSERIES_LAST, true);
	uint64_t words[WORDS] = { 0 };

	(void)state;
	setenv("TZ", "UTC", 1);
	expect_chart(&t, words, "");
	put(words, 10, -5, 1);
	put(words, 11, 46, 1);
	put(words, 13, 5, 1);
	expect_chart(&t, words,
	        "              -5                                                46\n"
	        "00:00:01.000 |*                                                   | -5\n"
	        "00:00:01.100 |                                                   *| 46\n"
	        "00:00:01.200 |                                                    |\n"
	        "00:00:01.300 |          *                                         | 5\n");
	/* Of one value only; an unsigned one; whole seconds. */
	memset(words, 0, sizeof(words));
	put(words, 1, -1, 1);
	t.is_signed = false;
	t.agg.step = 60000 * MS;
	expect_chart(&t, words,
	        "          18446744073709551615            18446744073709551615\n"
	        "00:01:00 |*                                                   | 18446744073709551615\n");
	/* The whole range of 64 bits. */
	t.is_signed = true;
	t.agg.step = MS / 2;
	put(words, 2, INT64_MIN, 1);
	put(words, 3, INT64_MAX, 1);
	expect_chart(&t, words,
	        "                 -9223372036854775808             9223372036854775807\n"
	        "00:00:00.000500 |                         *                          | -1\n"
	        "00:00:00.001000 |*                                                   | "
	        "-9223372036854775808\n"
	        "00:00:00.001500 |                                                   *| "
	        "9223372036854775807\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout),
		cmocka_unit_test(merged),
		cmocka_unit_test(shown),
		cmocka_unit_test(chart),
	};

	return cmocka_run_group_tests_name("tseries", tests, NULL, NULL);
}
