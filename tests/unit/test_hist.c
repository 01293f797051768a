/* SPDX-License-Identifier: Apache-2.0 */
/* Histograms: which bucket a number falls into (lang/layout), and the text (runtime/hist). */
#include "unit.h"

#include "base/str.h"
#include "lang/layout.h"
#include "runtime/hist.h"

static void known_buckets(void **state)
{
	(void)state;
	/* hist(n): (..., 0) [0] [1] [2, 4) [4, 8) … */
	assert_int_equal(layout_hist_index(-1, 0), 0);
	assert_int_equal(layout_hist_index(INT64_MIN, 0), 0);
	assert_int_equal(layout_hist_index(0, 0), 1);
	assert_int_equal(layout_hist_index(1, 0), 2);
	assert_int_equal(layout_hist_index(2, 0), 3);
	assert_int_equal(layout_hist_index(3, 0), 3);
	assert_int_equal(layout_hist_index(4, 0), 4);
	assert_int_equal(layout_hist_index(1023, 0), 11);
	assert_int_equal(layout_hist_index(1024, 0), 12);
	assert_int_equal(layout_hist_index(INT64_MAX, 0), 64);
	assert_int_equal(layout_hist_buckets(0), 65);
}

/* For every number of sub-buckets: a bucket's lowest number is in it, and the number below is not. */
static void edges_agree(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits <= 5; bits++) {
		unsigned n = layout_hist_buckets(bits);

		assert_int_equal(layout_hist_index(INT64_MAX, bits), n - 1);
		for (unsigned i = 1; i < n; i++) {
			uint64_t low = layout_hist_low(i, bits);

			assert_int_equal(layout_hist_index((int64_t)low, bits), i);
			assert_int_equal(layout_hist_index((int64_t)low - 1, bits), i - 1);
		}
	}
}

static void check_text(const struct type *t, const uint64_t *counts, uint64_t div, const char *expected)
{
	struct strbuf out = { 0 };

	strbuf_adds(&out, "");
	hist_text(&out, t, counts, div);
	assert_string_equal(out.data ? out.data : "", expected);
	strbuf_free(&out);
}

static void log2_text(void **state)
{
	struct type t = { .kind = TYPE_HIST };
	uint64_t counts[65] = { 0 };

	(void)state;
	check_text(&t, counts, 1, "");
	counts[layout_hist_index(16, 0)] = 3;
	counts[layout_hist_index(64, 0)] = 1;
	check_text(&t, counts, 1,
	        "[16, 32)               3 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
	        "[32, 64)               0 |                                                    |\n"
	        "[64, 128)              1 |@@@@@@@@@@@@@@@@@                                   |\n");
}

static void labels(void **state)
{
	static const struct {
		int64_t n;
		const char *label;
	} rows[] = {
		{ -7, "(..., 0)" },
		{ 0, "[0]" },
		{ 1, "[1]" },
		{ 2, "[2, 4)" },
		{ 512, "[512, 1K)" },
		{ 1024, "[1K, 2K)" },
		{ 1 << 20, "[1M, 2M)" },
		{ 1LL << 29, "[512M, 1G)" },
		{ 1LL << 40, "[1T, 2T)" },
		{ 1LL << 50, "[1P, 2P)" },
		{ INT64_MAX, "[4E, 8E)" },
	};
	struct type t = { .kind = TYPE_HIST };
	struct strbuf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		strbuf_reset(&out);
		hist_label(&out, &t, layout_hist_index(rows[i].n, 0));
		assert_string_equal(out.data, rows[i].label);
	}
	strbuf_free(&out);
}

static void linear_text(void **state)
{
	struct type t = { .kind = TYPE_LHIST, .agg = { .min = 0, .max = 30, .step = 10 } };
	uint64_t counts[5] = { 1, 0, 2, 0, 4 };

	(void)state;
	assert_int_equal(layout_lhist_buckets(&t), 5);
	check_text(&t, counts, 1,
	        "(..., 0)               1 |@@@@@@@@@@@@@                                       |\n"
	        "[0, 10)                0 |                                                    |\n"
	        "[10, 20)               2 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n"
	        "[20, 30)               0 |                                                    |\n"
	        "[30, ...)              4 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n");
}

/* div divides the numbers, not the bars. */
static void divided(void **state)
{
	struct type t = { .kind = TYPE_HIST };
	uint64_t counts[65] = { 0 };

	(void)state;
	counts[2] = 1000;
	counts[3] = 500;
	check_text(&t, counts, 100,
	        "[1]                   10 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
	        "[2, 4)                 5 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n");
}

static void huge_counts(void **state)
{
	struct type t = { .kind = TYPE_HIST };
	uint64_t counts[65] = { 0 };
	struct strbuf out = { 0 };

	(void)state;
	counts[2] = UINT64_MAX;
	counts[3] = UINT64_MAX / 2;
	hist_text(&out, &t, counts, 1);
	assert_non_null(strstr(
	        out.data, "18446744073709551615 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|"));
	strbuf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_buckets),
		cmocka_unit_test(edges_agree),
		cmocka_unit_test(log2_text),
		cmocka_unit_test(labels),
		cmocka_unit_test(linear_text),
		cmocka_unit_test(divided),
		cmocka_unit_test(huge_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
