/* SPDX-License-Identifier: Apache-2.0 */
/* Arena of growing chunks, and the process's malloc that does not return NULL. */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_MIN (16 * 1024)
#define CHUNK_MAX (1024 * 1024)
#define ALIGNMENT _Alignof(max_align_t)

struct chunk {
	struct chunk *next;
	size_t used, size;
	_Alignas(max_align_t) char data[];
};

struct arena {
	struct chunk *chunks; /* the one that is filled now comes first */
	size_t next_size;
};

_Noreturn void mem_fail(void)
{
	fputs("kscope: out of memory\n", stderr);
	exit(1);
}

void *mem_alloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		mem_fail();
	return p;
}

void *mem_zalloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		mem_fail();
	return p;
}

void *mem_realloc(void *p, size_t size)
{
	p = realloc(p, size ? size : 1);
	if (!p)
		mem_fail();
	return p;
}

char *mem_strdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(mem_alloc(n), s, n);
}

struct arena *arena_create(void)
{
	struct arena *a = mem_zalloc(sizeof(*a));

	a->next_size = CHUNK_MIN;
	return a;
}

void arena_destroy(struct arena *a)
{
	if (!a)
		return;
	for (struct chunk *c = a->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

static struct chunk *arena_chunk(struct arena *a, size_t size)
{
	/* Large objects get a chunk of their own behind the current one, whose rest stays usable. */
	bool own = a->chunks && size > a->next_size / 4;
	size_t room = own || size > a->next_size ? size : a->next_size;
	struct chunk *c;

	if (room > SIZE_MAX - sizeof(*c))
		mem_fail();
	c = mem_zalloc(sizeof(*c) + room);
	c->size = room;
	if (own) {
		c->next = a->chunks->next;
		a->chunks->next = c;
		return c;
	}
	c->next = a->chunks;
	a->chunks = c;
	if (a->next_size < CHUNK_MAX)
		a->next_size *= 2;
	return c;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct chunk *c = a->chunks;
	void *p;

	if (size > SIZE_MAX - ALIGNMENT)
		mem_fail();
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (!size)
		size = ALIGNMENT;
	if (!c || c->size - c->used < size)
		c = arena_chunk(a, size);
	p = c->data + c->used;
	c->used += size;
	return p;
}

void *arena_memdup(struct arena *a, const void *p, size_t n)
{
	void *copy = arena_alloc(a, n);

	return n ? memcpy(copy, p, n) : copy;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = arena_alloc(a, len + 1);

	memcpy(copy, s, len);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_memdup(a, s, strlen(s) + 1);
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *s;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		mem_fail();
	s = arena_alloc(a, (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	return s;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

void *vec_grow(struct arena *a, void *old, unsigned n, unsigned *cap, size_t elem)
{
	unsigned bigger = *cap ? *cap * 2 : 8;
	void *v;

	if (bigger <= *cap || bigger > SIZE_MAX / elem)
		mem_fail();
	v = arena_alloc(a, bigger * elem);
	if (n)
		memcpy(v, old, n * elem);
	*cap = bigger;
	return v;
}
