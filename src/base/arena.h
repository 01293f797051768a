/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arena: memory that is given back all at once. One per compilation, one per
 * image that is read. Out of memory ends the process with a message
 * (mem_fail), so no caller checks for NULL.
 */
#ifndef KSCOPE_BASE_ARENA_H
#define KSCOPE_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* A new, empty arena; the caller owns it and ends it with arena_destroy(). */
struct arena *arena_create(void);
void arena_destroy(struct arena *a);

/* Zeroed memory, aligned for any object, alive as long as the arena. */
void *arena_alloc(struct arena *a, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
void *arena_memdup(struct arena *a, const void *p, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap);

#define arena_new(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (n)))

/*
 * A growing array in an arena: `struct foo *v; unsigned nv, cap;`
 * vec_push(a, v, nv, cap) makes room and yields a pointer to the new, zeroed
 * element. Old storage stays in the arena.
 */
void *vec_grow(struct arena *a, void *old, unsigned n, unsigned *cap, size_t elem);
#define vec_push(a, v, n, cap)                                                                               \
	(((n) == (cap) ? (void)((v) = vec_grow((a), (v), (n), &(cap), sizeof(*(v)))) : (void)0), &(v)[(n)++])

/* malloc and realloc that do not return NULL; free() gives the memory back. */
void *mem_alloc(size_t size);
void *mem_zalloc(size_t size);
void *mem_realloc(void *p, size_t size);
char *mem_strdup(const char *s);
_Noreturn void mem_fail(void);

#endif
