/* SPDX-License-Identifier: Apache-2.0 */
/* base/str: globs, nearest names, numbers, buffers. */
#include "unit.h"

#include "base/str.h"

static void globs(void **state)
{
	(void)state;
	assert_true(str_glob("*", ""));
	assert_true(str_glob("*", "anything"));
	assert_true(str_glob("sys_enter_*", "sys_enter_openat"));
	assert_false(str_glob("sys_enter_*", "sys_exit_openat"));
	assert_true(str_glob("*open*", "sys_enter_openat"));
	assert_true(str_glob("a*b*c", "aXXbXbXc"));
	assert_false(str_glob("a*b*c", "aXXbXbX"));
	assert_true(str_glob("a?c", "abc"));
	assert_false(str_glob("a?c", "ac"));
	assert_true(str_glob("[a-c]x", "bx"));
	assert_false(str_glob("[a-c]x", "dx"));
	assert_false(str_glob("abc", "abcd"));
	assert_false(str_glob("abcd", "abc"));
	assert_false(str_glob("", "a"));
	assert_true(str_glob("", ""));
}

/* Time is at most the product of the lengths: this would take years otherwise. */
static void globs_do_not_explode(void **state)
{
	char text[200];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(str_glob("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
}

static void distances(void **state)
{
	(void)state;
	assert_int_equal(str_distance("printf", "printf", 3), 0);
	assert_int_equal(str_distance("pirntf", "printf", 3), 1); /* two letters swapped */
	assert_int_equal(str_distance("print", "printf", 3), 1);
	assert_int_equal(str_distance("sprintf", "printf", 3), 1);
	assert_int_equal(str_distance("prunt", "printf", 3), 2);
	assert_int_equal(str_distance("abc", "xyz", 2), 3); /* above the limit: limit + 1 */
	assert_int_equal(str_distance("", "abc", 5), 3);
}

static void nearest(void **state)
{
	struct nearest n = { 0 };

	(void)state;
	nearest_offer(&n, "printff", "join");
	assert_null(n.best);
	nearest_offer(&n, "printff", "print");
	nearest_offer(&n, "printff", "printf");
	nearest_offer(&n, "printff", "strftime");
	assert_string_equal(n.best, "printf");
}

static void numbers(void **state)
{
	uint64_t v;

	(void)state;
	assert_true(str_to_u64("0", &v) && v == 0);
	assert_true(str_to_u64("42", &v) && v == 42);
	assert_true(str_to_u64("0x1F", &v) && v == 31);
	assert_true(str_to_u64("017", &v) && v == 15);
	assert_true(str_to_u64("18446744073709551615", &v) && v == UINT64_MAX);
	assert_false(str_to_u64("18446744073709551616", &v));
	assert_false(str_to_u64("", &v));
	assert_false(str_to_u64("-1", &v));
	assert_false(str_to_u64(" 1", &v));
	assert_false(str_to_u64("1x", &v));
	assert_false(str_to_u64("0x", &v));
}

static void buffers(void **state)
{
	struct strbuf b = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		strbuf_addf(&b, "%03d,", i);
	assert_int_equal(b.len, 4000);
	assert_int_equal(strlen(b.data), 4000);
	assert_memory_equal(b.data + 3992, "998,999,", 8);
	strbuf_reset(&b);
	strbuf_adds(&b, "x");
	strbuf_addc(&b, 'y');
	strbuf_add(&b, "z\0w", 3);
	assert_int_equal(b.len, 5);
	assert_memory_equal(b.data, "xyz\0w", 6);
	strbuf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs),
		cmocka_unit_test(globs_do_not_explode),
		cmocka_unit_test(distances),
		cmocka_unit_test(nearest),
		cmocka_unit_test(numbers),
		cmocka_unit_test(buffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
