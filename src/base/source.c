/* SPDX-License-Identifier: Apache-2.0 */
/* Index of a script's lines. */
#include "base/source.h"

#include <string.h>

#include "base/arena.h"

struct source *source_create(struct arena *a, const char *name, const char *text, size_t len)
{
	struct source *s = arena_new(a, struct source);
	char *copy = arena_alloc(a, len + 1);
	unsigned n = 1;

	if (len)
		memcpy(copy, text, len);
	for (size_t i = 0; i < len; i++)
		n += copy[i] == '\n';
	s->name = arena_strdup(a, name);
	s->text = copy;
	s->len = len;
	s->lines = arena_array(a, uint32_t, n);
	s->nlines = n;
	for (size_t i = 0, line = 1; i < len; i++)
		if (copy[i] == '\n')
			s->lines[line++] = (uint32_t)i + 1;
	return s;
}

void source_position(const struct source *s, uint32_t offset, unsigned *line, unsigned *col)
{
	unsigned low = 0, high = s->nlines;

	if (offset > s->len)
		offset = (uint32_t)s->len;
	while (high - low > 1) {
		unsigned mid = low + (high - low) / 2;

		if (s->lines[mid] <= offset)
			low = mid;
		else
			high = mid;
	}
	*line = low + 1;
	*col = offset - s->lines[low] + 1;
}

const char *source_line(const struct source *s, unsigned line, size_t *len)
{
	const char *start, *end;

	if (!line || line > s->nlines) {
		*len = 0;
		return "";
	}
	start = s->text + s->lines[line - 1];
	end = line < s->nlines ? s->text + s->lines[line] - 1 : s->text + s->len;
	*len = (size_t)(end - start);
	return start;
}
