/* SPDX-License-Identifier: Apache-2.0 */
/* JSON strings (RFC 8259): escapes, and what to do with bytes that are not UTF-8. */
#include "base/json.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"

/* The smallest code point that needs so many bytes: a longer form than necessary is no character. */
static const unsigned lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };

size_t json_char_len(const char *p, size_t left)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t n = s[0] < 0x80   ? 1
	           : s[0] < 0xc0 ? 0
	           : s[0] < 0xe0 ? 2
	           : s[0] < 0xf0 ? 3
	           : s[0] < 0xf8 ? 4
	                         : 0;
	unsigned c;

	if (n < 2 || n > left)
		return n == 1 && left ? 1 : 0;
	c = s[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < lowest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

static void escape_byte(struct strbuf *out, unsigned char c)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *p = named; *p; p += 2) {
		if ((unsigned char)*p == c) {
			strbuf_addc(out, '\\');
			strbuf_addc(out, p[1]);
			return;
		}
	}
	strbuf_addf(out, "\\u%04x", c);
}

static bool is_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

void json_escape(struct strbuf *out, const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t n = 0;

		/* Nearly all text is plain: take it in one piece. */
		while (at + n < len && is_plain(text[at + n]))
			n++;
		if (!n && (unsigned char)text[at] >= 0x80)
			n = json_char_len(text + at, len - at);
		if (n)
			strbuf_add(out, text + at, n);
		else
			escape_byte(out, (unsigned char)text[at]);
		at += n ? n : 1;
	}
}

void json_string(struct strbuf *out, const char *text, size_t len)
{
	strbuf_addc(out, '"');
	if (len)
		json_escape(out, text, len);
	strbuf_addc(out, '"');
}
