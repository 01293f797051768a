/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the tables in words, without a format. */
#include "docgen/docgen.h"

#include <inttypes.h>
#include <string.h>

void words_prototype(char *buf, size_t size, const char *name, const char *proto, bool with_result)
{
	const char *args = strchr(proto, '(');
	int optional = 0;
	size_t n = 0;

	if (with_result)
		n += (size_t)snprintf(buf, size, "%.*s ", (int)(args - proto), proto);
	n += (size_t)snprintf(buf + n, size - n, "%s(", name);
	for (const char *p = args + 1; *p && *p != ')';) {
		size_t len = strcspn(p, ",)");
		bool first = p == args + 1;

		if (*p == '?') {
			n += (size_t)snprintf(buf + n, size - n, first ? "[" : " [");
			optional++;
			p++, len--;
		}
		n += (size_t)snprintf(buf + n, size - n, "%s%.*s", first ? "" : ", ", (int)len, p);
		p += len;
		p += strspn(p, ", ");
	}
	while (optional--)
		n += (size_t)snprintf(buf + n, size - n, "]");
	snprintf(buf + n, size - n, ")");
}

void words_contexts(char *buf, size_t size, unsigned contexts)
{
	size_t n = 0;

	buf[0] = 0;
	for (unsigned i = 0; contexts && i < PROBE_TYPE_COUNT; i++)
		if (contexts & 1u << probe_rows[i].context)
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "", probe_rows[i].name);
}

void words_range(char *buf, size_t size, const struct config_row *r)
{
	size_t n = 0;

	switch (r->kind) {
	case CONFIG_KIND_U64:
		snprintf(buf, size, "%" PRIu64 " to %" PRIu64, r->min, r->max);
		break;
	case CONFIG_KIND_BOOL:
		snprintf(buf, size, "true, false");
		break;
	case CONFIG_KIND_STR:
		snprintf(buf, size, "a string");
		break;
	case CONFIG_KIND_ENUM:
		for (const char *p = r->values; *p; p++)
			n += (size_t)snprintf(buf + n, size - n, *p == '|' ? ", " : "%c", *p);
		break;
	}
}

void words_default(char *buf, size_t size, const struct config_row *r)
{
	switch (r->kind) {
	case CONFIG_KIND_U64:
		snprintf(buf, size, "%" PRIu64, r->def);
		break;
	case CONFIG_KIND_BOOL:
		snprintf(buf, size, "%s", r->def ? "true" : "false");
		break;
	case CONFIG_KIND_STR:
		snprintf(buf, size, "\"%s\"", r->def_str);
		break;
	case CONFIG_KIND_ENUM:
		snprintf(buf, size, "%s", r->def_str);
		break;
	}
}

void words_values(FILE *out, const char *values, const char *between, text_printer *print)
{
	char word[64];

	for (const char *p = values;;) {
		size_t n = strcspn(p, "|");

		snprintf(word, sizeof(word), "%.*s", (int)n, p);
		print(out, word);
		if (!p[n])
			return;
		fputs(between, out);
		p += n + 1;
	}
}

void words_escaped(FILE *out, const char *text, const char *characters)
{
	for (; *text; text++) {
		if (strchr(characters, *text))
			putc('\\', out);
		putc(*text, out);
	}
}
