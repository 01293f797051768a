/* SPDX-License-Identifier: Apache-2.0 */
/* The printf engine: the same text as the C library's for the same values. */
#include "unit.h"

#include <stdio.h>

#include "base/str.h"
#include "lang/layout.h"
#include "runtime/format.h"

static const struct value_env env = { .trailer = ".." };

static void check(const char *format, const struct type *t, const void *data, const char *expected)
{
	struct format_arg arg = { .type = t, .data = data };
	struct strbuf out = { 0 };

	strbuf_adds(&out, "");
	format_text(&out, &env, format, &arg, t ? 1 : 0);
	assert_string_equal(out.data, expected);
	strbuf_free(&out);
}

static void integers(void **state)
{
	static const char *const formats[] = {
		"%lld",
		"%5lld|",
		"%-5lld|",
		"%05lld",
		"%+lld",
		"% lld",
		"%llu",
		"%llx",
		"%llX",
		"%#llx",
		"%llo",
		"%#llo",
		"%20lld",
		"%-20lld|",
		"%020lld",
		"%.5lld",
		"%8.5lld|",
		"%lli",
	};
	static const int64_t values[] = { 0, 1, -1, 42, -42, 255, INT64_MAX, INT64_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
			char expected[64];

			snprintf(expected, sizeof(expected), formats[i], (long long)values[j]);
			check(formats[i], &type_int64, &values[j], expected);
		}
	}
}

static void small_integers_are_extended(void **state)
{
	int8_t a = -1;
	uint8_t b = 255;
	int16_t c = -2;
	uint32_t d = UINT32_MAX;

	(void)state;
	check("%d", &type_int8, &a, "-1");
	check("%d", &type_uint8, &b, "255");
	check("%d", &type_int16, &c, "-2");
	check("%u", &type_uint32, &d, "4294967295");
}

static void length_modifiers_cut(void **state)
{
	int64_t v = 0x123456789a;

	(void)state;
	check("%hhx", &type_int64, &v, "9a");
	check("%hx", &type_int64, &v, "789a");
	check("%llx", &type_int64, &v, "123456789a");
}

static void strings(void **state)
{
	struct type t = { .kind = TYPE_STRING, .size = 16 };
	char s[16] = "abc";

	(void)state;
	check("[%s]", &t, s, "[abc]");
	check("[%8s]", &t, s, "[     abc]");
	check("[%-8s]", &t, s, "[abc     ]");
	check("[%.2s]", &t, s, "[ab]");
	check("[%8.2s]", &t, s, "[      ab]");
}

static void cut_strings_have_a_trailer(void **state)
{
	struct type t = { .kind = TYPE_STRING, .size = 8 };
	char s[8] = { 'a', 'b', 'c', 'd', 'e', 'f', 'g', STRING_CUT_MARK };

	(void)state;
	check("%s|", &t, s, "abcdefg..|");
}

static void tails(void **state)
{
	struct type t = { .kind = TYPE_STRING, .size = 1024 };
	struct format_arg arg = { .type = &t, .data = "hello and more", .tail = true, .len = 5 };
	struct strbuf out = { 0 };

	(void)state;
	format_text(&out, &env, "[%s]", &arg, 1);
	assert_string_equal(out.data, "[hello]");
	strbuf_free(&out);
}

static void others(void **state)
{
	uint64_t address = 0x1000;
	int64_t letter = 'A';

	(void)state;
	check("100%%\n", NULL, NULL, "100%\n");
	check("no arguments", NULL, NULL, "no arguments");
	check("%c", &type_int64, &letter, "A");
	check("%p", &type_uint64, &address, "0x1000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers),
		cmocka_unit_test(small_integers_are_extended),
		cmocka_unit_test(length_modifiers_cut),
		cmocka_unit_test(strings),
		cmocka_unit_test(cut_strings_have_a_trailer),
		cmocka_unit_test(tails),
		cmocka_unit_test(others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
