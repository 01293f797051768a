/* SPDX-License-Identifier: Apache-2.0 */
/* base/arena, and what base/diag does with long lines, strange bytes, several errors, colours. */
#include "unit.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/source.h"
#include "base/str.h"
#include "lang/errors.h"

static void arena_memory(void **state)
{
	struct arena *a = arena_create();
	char *big = arena_alloc(a, 3 << 20), *s;

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		unsigned char *p = arena_alloc(a, i % 300);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < i % 300; k++)
			assert_int_equal(p[k], 0);
		memset(p, 0xff, i % 300);
	}
	big[(3 << 20) - 1] = 1;
	s = arena_strndup(a, "abcdef", 3);
	assert_string_equal(s, "abc");
	assert_string_equal(arena_strdup(a, ""), "");
	assert_string_equal(arena_printf(a, "%s-%d", s, 42), "abc-42");
	assert_memory_equal(arena_memdup(a, "a\0b", 3), "a\0b", 3);
	arena_destroy(a);
	arena_destroy(NULL);
}

static void arena_vectors(void **state)
{
	struct arena *a = arena_create();
	unsigned *v = NULL, n = 0, cap = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		*vec_push(a, v, n, cap) = i;
	assert_int_equal(n, 1000);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(v[i], i);
	arena_destroy(a);
}

static void check_excerpt(const char *text, size_t len, uint32_t start, uint32_t end, const char *expected)
{
	struct arena *a = arena_create();
	struct source *s = source_create(a, "x.bt", text, len);
	struct strbuf out = { 0 };

	diag_excerpt(&out, s, (struct loc){ start, end });
	assert_string_equal(out.data ? out.data : "", expected);
	strbuf_free(&out);
	arena_destroy(a);
}

static void excerpt_forms(void **state)
{
	(void)state;
	check_excerpt("abc", 3, 0, 0, "");
	check_excerpt("abc", 3, 1, 1, "  abc\n   ~\n");
	check_excerpt("abc", 3, 3, 3, "  abc\n     ~\n");
	/* several lines: the first, to its end */
	check_excerpt("ab cd\nef", 8, 3, 8, "  ab cd\n     ~~\n");
	check_excerpt("ab\r\ncd", 6, 1, 2, "  ab\n   ~\n");
	/* a character of several bytes is one column; what is none is shown as '?' */
	check_excerpt("\xc3\xbc x", 4, 3, 4, "  \xc3\xbc x\n    ~\n");
	check_excerpt("\xff\x01\x1b[0m x", 8, 7, 8, "  ???[0m x\n         ~\n");
	check_excerpt("\xc3", 1, 0, 1, "  ?\n  ~\n");
	check_excerpt("a\tb\tc", 5, 2, 5, "  a       b       c\n          ~~~~~~~~~\n");
}

static void long_lines(void **state)
{
	struct arena *a = arena_create();
	size_t len = 1 << 20;
	char *text = mem_alloc(len);
	struct strbuf out = { 0 };
	const char *second;

	(void)state;
	memset(text, 'a', len);
	text[500000] = 'X';
	diag_excerpt(&out, source_create(a, "x.bt", text, len), (struct loc){ 500000, 500001 });
	second = strchr(out.data, '\n') + 1;
	assert_true(second - out.data < 140);
	/* the ellipsis has three bytes and one column */
	assert_int_equal(strchr(out.data, 'X') - out.data - 2, strchr(second, '~') - second);
	strbuf_reset(&out);
	diag_excerpt(&out, source_create(a, "x.bt", text, len), (struct loc){ 10, 1000000 });
	assert_true(out.len < 300);
	strbuf_free(&out);
	free(text);
	arena_destroy(a);
}

static char *said(void (*say)(struct diag *), const char *text, bool colour, unsigned *errors)
{
	struct arena *a = arena_create();
	struct diag d;
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	diag_init(&d, source_create(a, "x.bt", text, strlen(text)), f, colour);
	say(&d);
	fclose(f);
	*errors = d.errors;
	arena_destroy(a);
	return out;
}

static void say_repeated(struct diag *d)
{
	for (int i = 0; i < 3; i++)
		diag_error(d, ((struct loc){ 1, 3 }), NUMBER_TOO_LARGE);
	diag_error(d, ((struct loc){ 0, 8 }), PARAM_ZERO);
	diag_error(d, LOC_NONE, PARAM_ZERO);
}

static void say_many(struct diag *d)
{
	d->max_errors = 2;
	for (uint32_t i = 1; i < 5; i++)
		diag_error(d, ((struct loc){ i, i + 1 }), PARAM_ZERO);
}

static void say_hint(struct diag *d)
{
	diag_error_hint(d, ((struct loc){ 1, 3 }), "like this", PRELUDE_DIRECTIVE, "a\033[1mb");
}

static void messages(void **state)
{
	unsigned errors;
	char *out;

	(void)state;
	out = said(say_repeated, "abc\ndef\n", false, &errors);
	assert_string_equal(out, "x.bt:1:2-3: error: this number does not fit into 64 bits\n  abc\n   ~~\n"
	                         "x.bt:1-2: error: parameters are counted from $1\n  abc\n  ~~~\n"
	                         "error: parameters are counted from $1\n");
	assert_int_equal(errors, 3);
	free(out);
	out = said(say_many, "abcdefg", false, &errors);
	assert_null(strstr(out, "x.bt:1:4"));
	assert_int_equal(errors, 4);
	free(out);
	out = said(say_hint, "abc", false, &errors);
	assert_string_equal(out, "x.bt:1:2-3: error: a?[1mb\n  abc\n   ~~\n  hint: like this\n");
	free(out);
	out = said(say_hint, "abc", true, &errors);
	assert_non_null(strstr(out, "\033[1;31merror:\033[0m"));
	free(out);
	assert_string_equal(message_name(MSG_PARAM_ZERO), "PARAM_ZERO");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_memory),
		cmocka_unit_test(arena_vectors),
		cmocka_unit_test(excerpt_forms),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
