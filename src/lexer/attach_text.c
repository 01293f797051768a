/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the end of an attach point in the script. Its parts are not tokens of the
 * language (they hold wildcards, paths, offsets, quoted C++ names), so it is taken as
 * text, and the probes' own code parses it.
 */
#include "lexer/lexer.h"

#include <ctype.h>
#include <string.h>

/* Probe types whose second part is a path, absolute or not. */
static const char *const path_types[] = { "uprobe", "u", "uretprobe", "ur", "usdt", "U" };

static bool takes_path(const char *type, size_t len)
{
	const char *equals = memchr(type, '=', len);

	if (equals) { /* name=uprobe:… */
		len -= (size_t)(equals + 1 - type);
		type = equals + 1;
		while (len && isspace((unsigned char)*type))
			type++, len--;
	}
	for (size_t i = 0; i < sizeof(path_types) / sizeof(*path_types); i++)
		if (strlen(path_types[i]) == len && !memcmp(path_types[i], type, len))
			return true;
	return false;
}

/* In a part that is a path, '/' belongs to it; elsewhere it opens the predicate (or a comment). */
static bool part_is_path(const char *s, size_t start, unsigned part, size_t type_len, size_t len)
{
	if (part == 0)
		return false;
	if (part == 1 && takes_path(s, type_len))
		return true;
	return start < len && (s[start] == '/' || (s[start] == '.' && start + 1 < len &&
	                                                  (s[start + 1] == '/' || s[start + 1] == '.')));
}

/* Blanks are allowed around the '=' of a named probe and nowhere else. */
static size_t named_prefix(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && (isalnum((unsigned char)s[i]) || s[i] == '_'))
		i++;
	if (!i)
		return 0;
	while (i < len && (s[i] == ' ' || s[i] == '\t'))
		i++;
	if (i >= len || s[i] != '=')
		return 0;
	i++;
	while (i < len && (s[i] == ' ' || s[i] == '\t'))
		i++;
	return i;
}

size_t attach_text_length(const char *s, size_t len, const char **bad)
{
	size_t i = named_prefix(s, len), type_len = 0;
	unsigned part = 0;
	bool path = false;

	*bad = NULL;
	for (; i < len; i++) {
		char c = s[i];

		if (isspace((unsigned char)c) || c == ',' || c == '{' || c == '}' || c == ';')
			break;
		if (c == '/' && !path)
			break;
		if (c == ':') {
			if (part++ == 0)
				type_len = i;
			path = part_is_path(s, i + 1, part, type_len, len);
		} else if (c == '"') {
			const char *end = memchr(s + i + 1, '"', len - i - 1);
			const char *line = memchr(s + i + 1, '\n', len - i - 1);

			if (!end || (line && line < end)) {
				*bad = s + i;
				return i + 1;
			}
			i = (size_t)(end - s);
		}
	}
	return i;
}

size_t skip_blanks(const char *s, size_t len, const char **bad)
{
	size_t i = 0;

	*bad = NULL;
	while (i < len) {
		const char *end;

		if (isspace((unsigned char)s[i])) {
			i++;
		} else if (s[i] == '/' && i + 1 < len && s[i + 1] == '/') {
			end = memchr(s + i, '\n', len - i);
			i = end ? (size_t)(end - s) : len;
		} else if (s[i] == '/' && i + 1 < len && s[i + 1] == '*') {
			end = memmem(s + i + 2, len - i - 2, "*/", 2);
			if (!end) {
				*bad = s + i;
				return len;
			}
			i = (size_t)(end - s) + 2;
		} else {
			break;
		}
	}
	return i;
}
