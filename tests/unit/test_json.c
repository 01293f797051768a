/* SPDX-License-Identifier: Apache-2.0 */
/* JSON strings, the seal of images and its hash, buckets' limits. */
#include "unit.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/str.h"
#include "lang/errors.h"
#include "lang/layout.h"
#include "lang/seal.h"
#include "runtime/hist.h"

static void expect_json(const char *text, size_t len, const char *json)
{
	struct strbuf out = { 0 };

	json_string(&out, text, len);
	assert_string_equal(out.data, json);
	strbuf_free(&out);
}

#define EXPECT_JSON(text, json) expect_json(text, sizeof(text) - 1, json)

static void json_escapes(void **state)
{
	(void)state;
	EXPECT_JSON("", "\"\"");
	EXPECT_JSON("plain", "\"plain\"");
	EXPECT_JSON("\"q\" \\ /", "\"\\\"q\\\" \\\\ /\"");
	EXPECT_JSON("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"");
	EXPECT_JSON("\x01\x1f\0x", "\"\\u0001\\u001f\\u0000x\"");
	expect_json(NULL, 0, "\"\"");
}

static void json_utf8(void **state)
{
	(void)state;
	EXPECT_JSON("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"");
	/* alone, cut, too long a form, a surrogate, above U+10FFFF */
	EXPECT_JSON("\x80", "\"\\u0080\"");
	EXPECT_JSON("\xe2\x82", "\"\\u00e2\\u0082\"");
	EXPECT_JSON("\xc0\x80", "\"\\u00c0\\u0080\"");
	EXPECT_JSON("\xe0\x82\x80", "\"\\u00e0\\u0082\\u0080\"");
	EXPECT_JSON("\xed\xa0\x80", "\"\\u00ed\\u00a0\\u0080\"");
	EXPECT_JSON("\xf4\x90\x80\x80", "\"\\u00f4\\u0090\\u0080\\u0080\"");
	EXPECT_JSON("\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"");
	EXPECT_JSON("\xff", "\"\\u00ff\"");
}

/* The example of the algorithm's description, appendix A. */
static void sip_vector(void **state)
{
	unsigned char in[15];

	(void)state;
	for (unsigned i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)i;
	assert_int_equal(hash_sip(0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL, in, sizeof(in)),
	        0xa129ca6149be45e5ULL);
}

static void seal_notices(void **state)
{
	struct arena *a = arena_create();
	unsigned char object[100], *image;
	size_t len = sizeof(object), left;

	(void)state;
	memset(object, 7, sizeof(object));
	image = seal_add(a, object, &len);
	left = len;
	assert_null(seal_check(image, &left));
	assert_int_equal(left, sizeof(object));
	for (size_t i = 0; i < len * 8; i++) {
		image[i / 8] ^= (unsigned char)(1u << i % 8);
		left = len;
		assert_non_null(seal_check(image, &left));
		image[i / 8] ^= (unsigned char)(1u << i % 8);
	}
	for (left = 0; left < len; left++) {
		size_t cut = left;

		assert_non_null(seal_check(image, &cut));
	}
	arena_destroy(a);
}

static void expect_limits(const struct type *t, unsigned i, unsigned which, int64_t low, int64_t high)
{
	int64_t l, h;

	assert_int_equal(hist_limits(t, i, &l, &h), which);
	if (which & HIST_HAS_LOW)
		assert_int_equal(l, low);
	if (which & HIST_HAS_HIGH)
		assert_int_equal(h, high);
}

static void limits(void **state)
{
	struct type log = { .kind = TYPE_HIST }, fine = { .kind = TYPE_HIST, .agg = { .bits = 2 } };
	struct type linear = { .kind = TYPE_LHIST, .agg = { .min = 10, .max = 25, .step = 10 } };
	unsigned both = HIST_HAS_LOW | HIST_HAS_HIGH;

	(void)state;
	expect_limits(&log, 0, HIST_HAS_HIGH, 0, -1);
	expect_limits(&log, layout_hist_index(0, 0), both, 0, 0);
	expect_limits(&log, layout_hist_index(1, 0), both, 1, 1);
	expect_limits(&log, layout_hist_index(1023, 0), both, 512, 1023);
	expect_limits(&log, layout_hist_index(INT64_MAX, 0), both, INT64_C(1) << 62, INT64_MAX);
	expect_limits(&fine, layout_hist_index(9, 2), both, 8, 9);
	expect_limits(&linear, 0, HIST_HAS_HIGH, 0, 9);
	expect_limits(&linear, 1, both, 10, 19);
	expect_limits(&linear, 2, both, 20, 24);
	expect_limits(&linear, 3, HIST_HAS_LOW, 25, 0);
}

static void messages(void **state)
{
	struct arena *a = arena_create();
	char text[512] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");
	struct diag d;

	(void)state;
	diag_init(&d, source_create(a, "x.bt", "begin\n{ foo }\n", 14), f, true);
	d.json = true;
	diag_error(&d, ((struct loc){ 8, 11 }), UNDEF_IDENT, "a\"b");
	fclose(f);
	assert_string_equal(text,
	        "{\"type\": \"error\", \"data\": {\"message\": \"unknown name a\\\"b\", \"file\": "
	        "\"x.bt\", \"line\": 2, \"column\": 3, \"end_line\": 2, \"end_column\": 5}}\n");
	arena_destroy(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_escapes),
		cmocka_unit_test(json_utf8),
		cmocka_unit_test(sip_vector),
		cmocka_unit_test(seal_notices),
		cmocka_unit_test(limits),
		cmocka_unit_test(messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
