/* SPDX-License-Identifier: Apache-2.0 */
/* base/source and base/diag: positions, excerpts, the form of a message. */
#include "unit.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/source.h"
#include "base/str.h"

static const char text[] = "begin {\n\tprintf(\"%d\\n\", $x);\n}\nlast";

static void positions(void **state)
{
	struct arena *a = arena_create();
	struct source *s = source_create(a, "x.bt", text, sizeof(text) - 1);
	unsigned line, col;
	size_t len;

	(void)state;
	source_position(s, 0, &line, &col);
	assert_int_equal(line, 1);
	assert_int_equal(col, 1);
	source_position(s, 9, &line, &col); /* the 'p' behind the tab */
	assert_int_equal(line, 2);
	assert_int_equal(col, 2);
	source_position(s, 7, &line, &col); /* the newline belongs to its line */
	assert_int_equal(line, 1);
	assert_int_equal(col, 8);
	source_position(s, (uint32_t)s->len, &line, &col);
	assert_int_equal(line, 4);
	assert_int_equal(col, 5);
	assert_memory_equal(source_line(s, 1, &len), "begin {", 7);
	assert_int_equal(len, 7);
	source_line(s, 4, &len);
	assert_int_equal(len, 4);
	arena_destroy(a);
}

static void excerpts(void **state)
{
	struct arena *a = arena_create();
	struct source *s = source_create(a, "x.bt", text, sizeof(text) - 1);
	uint32_t at = (uint32_t)(strstr(text, "$x") - text);
	struct strbuf out = { 0 };

	(void)state;
	/* tabs are shown as blanks up to the next multiple of eight */
	diag_excerpt(&out, s, (struct loc){ at, at + 2 });
	assert_string_equal(out.data, "          printf(\"%d\\n\", $x);\n                         ~~\n");
	strbuf_free(&out);
	arena_destroy(a);
}

static void __attribute__((format(printf, 5, 6)))
emit(struct diag *d, enum severity sev, struct loc loc, const char *hint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_vemit(d, sev, loc, hint, fmt, ap);
	va_end(ap);
}

static void messages(void **state)
{
	struct arena *a = arena_create();
	struct source *s = source_create(a, "x.bt", text, sizeof(text) - 1);
	uint32_t at = (uint32_t)(strstr(text, "$x") - text);
	char *got = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&got, &size);
	struct diag d;

	(void)state;
	diag_init(&d, s, f, false);
	emit(&d, SEV_ERROR, (struct loc){ at, at + 2 }, "declare it", "undefined variable %s", "$x");
	emit(&d, SEV_ERROR, LOC_NONE, NULL, "no place");
	emit(&d, SEV_WARNING, LOC_NONE, NULL, "a warning");
	fclose(f);
	assert_string_equal(got, "x.bt:2:17-18: error: undefined variable $x\n"
	                         "          printf(\"%d\\n\", $x);\n"
	                         "                         ~~\n"
	                         "  hint: declare it\n"
	                         "error: no place\n"
	                         "warning: a warning\n");
	assert_int_equal(d.errors, 2);
	assert_int_equal(d.warnings, 1);
	free(got);
	arena_destroy(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(positions),
		cmocka_unit_test(excerpts),
		cmocka_unit_test(messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
