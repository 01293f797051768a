/* SPDX-License-Identifier: Apache-2.0 */
/* A script's text, and positions in it. */
#ifndef KSCOPE_BASE_SOURCE_H
#define KSCOPE_BASE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct arena;

/* Byte offsets into the source; end is exclusive. {0,0} with start == end: no place. */
struct loc {
	uint32_t start, end;
};

#define LOC_NONE ((struct loc){ 0, 0 })

struct source {
	const char *name; /* as the user wrote it; "stdin" for -, "-e" for -e */
	const char *text; /* NUL-terminated copy */
	size_t len;
	uint32_t *lines; /* offset of each line's first byte */
	unsigned nlines;
};

/* Copies text into the arena and indexes its lines. */
struct source *source_create(struct arena *a, const char *name, const char *text, size_t len);

/* 1-based line and 1-based byte column of an offset. */
void source_position(const struct source *s, uint32_t offset, unsigned *line, unsigned *col);

/* Text of a 1-based line without its newline; *len receives the length. */
const char *source_line(const struct source *s, unsigned line, size_t *len);

#endif
