/* SPDX-License-Identifier: Apache-2.0 */
/* Histograms, printf, values and maps as text: what needs neither root nor BPF. */
#include "unit.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/str.h"
#include "lang/layout.h"
#include "runtime/child.h"
#include "runtime/format.h"
#include "runtime/hist.h"
#include "runtime/maps.h"
#include "runtime/output.h"
#include "runtime/verifier.h"

static const struct value_env env = { .trailer = ".." };

static void expect(struct strbuf *out, const char *text)
{
	assert_string_equal(out->data ? out->data : "", text);
	strbuf_free(out);
}

static void expect_number(int64_t n, const char *text)
{
	struct strbuf out = { 0 };

	hist_number(&out, n);
	expect(&out, text);
}

static void test_hist_number(void **state)
{
	(void)state;
	expect_number(0, "0");
	expect_number(512, "512");
	expect_number(1024, "1K");
	expect_number(1536, "1536");
	expect_number(3 << 20, "3M");
	expect_number(INT64_C(1) << 40, "1T");
	expect_number(INT64_C(1) << 62, "4E");
	expect_number(-2048, "-2K");
	expect_number(INT64_MIN, "-8E");
}

static void expect_label(struct type *t, unsigned i, const char *text)
{
	struct strbuf out = { 0 };

	hist_label(&out, t, i);
	expect(&out, text);
}

static void test_hist_labels(void **state)
{
	struct type log = { .kind = TYPE_HIST }, fine = { .kind = TYPE_HIST, .agg = { .bits = 2 } };
	struct type linear = { .kind = TYPE_LHIST, .agg = { .min = 0, .max = 25, .step = 10 } };

	(void)state;
	expect_label(&log, 0, "(..., 0)");
	expect_label(&log, layout_hist_index(0, 0), "[0]");
	expect_label(&log, layout_hist_index(1, 0), "[1]");
	expect_label(&log, layout_hist_index(3, 0), "[2, 4)");
	expect_label(&log, layout_hist_index(1023, 0), "[512, 1K)");
	expect_label(&log, layout_hist_index(INT64_MAX, 0), "[4E, 8E)");
	expect_label(&fine, layout_hist_index(7, 2), "[7]");
	expect_label(&fine, layout_hist_index(9, 2), "[8, 10)");
	expect_label(&fine, layout_hist_index(INT64_MAX, 2), "[7E, 8E)");
	expect_label(&linear, 0, "(..., 0)");
	expect_label(&linear, 1, "[0, 10)");
	expect_label(&linear, 3, "[20, 25)");
	expect_label(&linear, 4, "[25, ...)");
}

static void test_hist_rows(void **state)
{
	struct type t = { .kind = TYPE_HIST };
	uint64_t counts[65] = { 0 };
	struct strbuf out = { 0 };

	(void)state;
	hist_text(&out, &t, counts, 1);
	expect(&out, "");
	counts[layout_hist_index(1, 0)] = 3;
	counts[layout_hist_index(8, 0)] = 1;
	hist_text(&out, &t, counts, 0);
	expect(&out, "[1]                    3 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
	             "[2, 4)                 0 |                                                    |\n"
	             "[4, 8)                 0 |                                                    |\n"
	             "[8, 16)                1 |@@@@@@@@@@@@@@@@@                                   |\n");
	/* Counts are divided, bars are not. */
	memset(counts, 0, sizeof(counts));
	counts[layout_hist_index(-1, 0)] = UINT64_MAX / 2;
	hist_text(&out, &t, counts, UINT64_MAX / 2);
	expect(&out, "(..., 0)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n");
}

static void expect_int(const char *format, struct type *t, int64_t n, const char *text)
{
	struct format_arg arg = { .type = t, .data = &n };
	struct strbuf out = { 0 };

	format_text(&out, &env, format, &arg, 1);
	expect(&out, text);
}

static void test_printf_integers(void **state)
{
	(void)state;
	expect_int("%d", &type_int64, -1, "-1");
	expect_int("%5d|", &type_int8, 12, "   12|");
	expect_int("%-5d|", &type_int8, 12, "12   |");
	expect_int("%05d", &type_int8, 12, "00012");
	expect_int("%+d", &type_int8, 12, "+12");
	expect_int("% d", &type_int8, 12, " 12");
	expect_int("%.3d", &type_int8, 7, "007");
	expect_int("%#x", &type_uint64, 255, "0xff");
	expect_int("%#o", &type_uint64, 8, "010");
	expect_int("%08X", &type_uint64, 255, "000000FF");
	expect_int("%hhd", &type_int64, 300, "44");
	expect_int("%hd", &type_int64, 70000, "4464");
	expect_int("%hhx", &type_int64, -1, "ff");
	expect_int("%hx", &type_int64, -1, "ffff");
	expect_int("%llx", &type_int64, -1, "ffffffffffffffff");
	expect_int("%lu", &type_int64, -1, "18446744073709551615");
	expect_int("%x", &type_int64, -1, "ffffffff");
	expect_int("%u", &type_int32, -3, "4294967293");
	expect_int("%d", &type_uint32, 4294967295, "-1");
	expect_int("%u", &type_uint32, 4294967295, "4294967295");
	expect_int("%d", &type_int64, INT64_C(1) << 40, "1099511627776");
	expect_int("%d", &type_uint64, 3000000000, "3000000000");
	expect_int("%d", &type_uint64, 4294967295, "-1");
	expect_int("%ld", &type_uint64, 4294967295, "4294967295");
	expect_int("%lld", &type_int64, INT64_MIN, "-9223372036854775808");
	expect_int("%u", &type_uint64, -1, "18446744073709551615");
	expect_int("%zu %%", &type_uint8, 200, "200 %");
	expect_int("%c", &type_int64, 'A', "A");
	expect_int("%3c|", &type_int64, 'A', "  A|");
	expect_int("%p", &type_uint64, 255, "0xff");
	expect_int("%6p|", &type_uint64, 0, " (nil)|");
	expect_int("%s", &type_int16, -5, "-5");
	expect_int("%s %d", &type_bool, 1, "true ");
}

static void string_prints(const char *format, const char *value, const char *text)
{
	char data[16] = { 0 };
	struct type t = { .kind = TYPE_STRING, .size = sizeof(data) };
	struct format_arg arg = { .type = &t, .data = data };
	struct strbuf out = { 0 };

	memcpy(data, value, strlen(value) < sizeof(data) ? strlen(value) : sizeof(data));
	format_text(&out, &env, format, &arg, 1);
	expect(&out, text);
}

static void test_printf_strings(void **state)
{
	struct type t = { .kind = TYPE_STRING, .size = 1024 };
	struct format_arg tail = { .type = &t, .data = "abcdef", .tail = true, .len = 3 };
	struct strbuf out = { 0 };

	(void)state;
	string_prints("%s", "abc", "abc");
	string_prints("%5s|%%", "abc", "  abc|%");
	string_prints("%-5s|", "abc", "abc  |");
	string_prints("%.2s|", "abc", "ab|");
	string_prints("%6.1s|", "abc", "     a|");
	string_prints("plain", "abc", "plain");
	string_prints("%s", "0123456789abcde\x01", "0123456789abcde..");
	string_prints("100%", "", "100");
	format_text(&out, &env, "%s", &tail, 1);
	expect(&out, "abc");
	tail.cut = true;
	format_text(&out, &env, "%s", &tail, 1);
	expect(&out, "abc..");
}

static void value_prints(const struct type *t, const void *data, const char *text)
{
	struct strbuf out = { 0 };

	value_text(&out, &env, t, data);
	expect(&out, text);
}

static void test_values(void **state)
{
	struct arena *a = arena_create();
	struct type *types[] = { &type_int64, type_string(a, 8) };
	struct type *pair = type_tuple(a, types, 2), *single = type_tuple(a, types, 1), *record;
	struct {
		int64_t n;
		char s[8];
	} data = { -1, "a" };
	uint8_t bytes[] = { 1, 2, 255 };
	uint64_t pointer = 0x1000;

	(void)state;
	layout_struct(pair);
	layout_struct(single);
	value_prints(pair, &data, "(-1, a)");
	value_prints(single, &data, "(-1,)");
	record = type_copy(a, pair);
	record->kind = TYPE_RECORD;
	record->fields = arena_memdup(a, pair->fields, 2 * sizeof(*pair->fields));
	record->fields[0].name = "a";
	record->fields[1].name = "b";
	value_prints(record, &data, "{ .a = -1, .b = a }");
	value_prints(type_array(a, &type_uint8, 3), bytes, "[1,2,255]");
	value_prints(type_ptr(a, &type_uint8, AS_NONE), &pointer, "0x1000");
	value_prints(&type_bool, bytes, "true");
	arena_destroy(a);
}

static void test_key_text(void **state)
{
	struct arena *a = arena_create();
	struct type *types[] = { &type_int64, type_string(a, 8) };
	struct type *pair = type_tuple(a, types, 2);
	struct {
		int64_t n;
		char s[8];
	} data = { 1, "x" };
	struct strbuf out = { 0 };

	(void)state;
	layout_struct(pair);
	value_key_text(&out, &env, pair, &data);
	expect(&out, "1, x");
	arena_destroy(a);
}

static void test_time(void **state)
{
	struct value_env wall = { .realtime_offset = 1000000000 };
	struct strbuf out = { 0 };

	(void)state;
	setenv("TZ", "UTC", 1);
	value_time_text(&out, &wall, "%H:%M:%S.%f %%f\n", 59 * UINT64_C(1000000000) + 42000);
	expect(&out, "00:01:00.000042 %f\n");
}

static void test_aggregates(void **state)
{
	struct type max = { .kind = TYPE_MAX, .is_signed = true },
	            min = { .kind = TYPE_MIN, .is_signed = true };
	struct type avg = { .kind = TYPE_AVG, .is_signed = true };
	uint64_t sign = UINT64_C(1) << 63, a[2] = { 0, 0 }, b[2] = { (uint64_t)-4 ^ sign, 1 };

	(void)state;
	/* A CPU that saw nothing does not win with its zero. */
	agg_merge(&max, a, b, 2);
	assert_true(agg_is_set(&max, a));
	assert_int_equal(agg_number(&max, a), -4);
	b[0] = ~((uint64_t)-9 ^ sign);
	a[0] = ~((uint64_t)3 ^ sign);
	agg_merge(&min, a, b, 2);
	assert_int_equal(agg_number(&min, a), -9);
	a[AGG_AVG_SUM] = (uint64_t)-7;
	a[AGG_AVG_N] = 1;
	b[AGG_AVG_SUM] = 2;
	b[AGG_AVG_N] = 1;
	agg_merge(&avg, a, b, 2);
	assert_int_equal(agg_number(&avg, a), -2);
}

/* What the text output makes of a view, read back from a temporary file. */
static void expect_map(const struct map *m, struct map_entry *entries, unsigned n, uint64_t top, uint64_t div,
        const char *text)
{
	struct map_view view = { .map = m, .entries = entries, .count = n };
	FILE *f = tmpfile();
	struct run_options options = { .out = f };
	struct output o;
	char got[4096];

	output_open(&o, &options, "..");
	o.ops->map(&o, &view, top, div);
	output_close(&o);
	rewind(f);
	got[fread(got, 1, sizeof(got) - 1, f)] = 0;
	fclose(f);
	assert_string_equal(got, text);
}

static void test_map_text(void **state)
{
	struct type stats = { .kind = TYPE_STATS, .is_signed = true }, count = { .kind = TYPE_COUNT };
	struct type hist = { .kind = TYPE_HIST };
	int64_t keys[] = { 1, 2, 3 }, values[] = { -1, 7, 9 };
	uint64_t words[65] = { 5, 1 };
	struct map_entry entries[] = { { &keys[0], &values[0] }, { &keys[1], &values[1] },
		{ &keys[2], &values[2] } };
	struct map_entry one = { &keys[0], words };
	struct map m = { .name = "@m", .key = &type_int64, .value = &type_int64 };

	(void)state;
	expect_map(&m, entries, 3, 0, 0, "@m[1]: -1\n@m[2]: 7\n@m[3]: 9\n");
	expect_map(&m, entries, 3, 2, 2, "@m[2]: 3\n@m[3]: 4\n");
	expect_map(&m, entries, 0, 0, 0, "\n");
	m.value = &stats;
	expect_map(&m, &one, 1, 0, 0, "@m[1]: count 1, average 5, total 5\n\n");
	expect_map(&m, &one, 0, 0, 0, "\n\n");
	m.value = &hist;
	expect_map(&m, &one, 1, 0, 0,
	        "@m[1]: \n"
	        "(..., 0)               5 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
	        "[0]                    1 |@@@@@@@@@@                                          |\n\n");
	m.key = NULL;
	m.value = &count;
	expect_map(&m, &one, 1, 0, 0, "@m: 5\n");
	expect_map(&m, &one, 0, 0, 0, "@m: 0\n");
}

static void expect_words(const char *command, const char *joined)
{
	char **words = child_split(command);
	struct strbuf out = { 0 };

	assert_non_null(words);
	for (unsigned i = 0; words[i]; i++)
		strbuf_addf(&out, "<%s>", words[i]);
	free(words);
	expect(&out, joined);
}

static void test_split(void **state)
{
	(void)state;
	expect_words("ls /", "<ls></>");
	expect_words("  a\tb  ", "<a><b>");
	expect_words("sh -c 'echo \"x y\"; true'", "<sh><-c><echo \"x y\"; true>");
	expect_words("a\\ b \"c\\\"d\" '' x\"y\"z", "<a b><c\"d><><xyz>");
	expect_words("", "");
	assert_null(child_split("a 'b"));
}

static void test_verifier(void **state)
{
	static const char script[] = "begin\n{\n\t@x = 1;\n\tprintf(\"%d\", @y);\n}\n";
	static const char log[] =
	        "0: R1=ctx()\n; begin @ t.bt:1\n0: (b7) r0 = 0\n; printf(\"%d\", @y); @ t.bt:4\n"
	        "1: (61) r0 = *(u32 *)(r0 +0)\nR0 invalid mem access 'scalar'\n";
	static const char old[] = "; @x = 1;\n0: (b7) r0 = 0\nback-edge from insn 3 to 1\n";
	struct arena *a = arena_create();
	struct source *source = source_create(a, "t.bt", script, strlen(script));
	struct loc loc = verifier_place(source, log);

	(void)state;
	assert_int_equal(loc.start, strstr(script, "printf") - script);
	assert_int_equal(loc.end, strstr(script, "\n}") - script);
	assert_string_equal(verifier_cause(log), "memory is read without a helper");
	loc = verifier_place(source, old);
	assert_int_equal(loc.start, strstr(script, "@x") - script);
	assert_string_equal(verifier_cause(old), "a loop may never end");
	assert_null(verifier_cause("something else"));
	arena_destroy(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hist_number),
		cmocka_unit_test(test_hist_labels),
		cmocka_unit_test(test_hist_rows),
		cmocka_unit_test(test_printf_integers),
		cmocka_unit_test(test_printf_strings),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_key_text),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_aggregates),
		cmocka_unit_test(test_map_text),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_verifier),
	};

	return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
