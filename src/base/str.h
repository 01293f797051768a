/* SPDX-License-Identifier: Apache-2.0 */
/* Growing text buffer, and small string services that every layer needs. */
#ifndef KSCOPE_BASE_STR_H
#define KSCOPE_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialise; `data` is always NUL-terminated after the first append. */
struct strbuf {
	char *data;
	size_t len, cap;
};

void strbuf_add(struct strbuf *b, const void *p, size_t n);
void strbuf_adds(struct strbuf *b, const char *s);
void strbuf_addc(struct strbuf *b, char c);
void strbuf_addf(struct strbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strbuf_addv(struct strbuf *b, const char *fmt, va_list ap);
void strbuf_reset(struct strbuf *b);
void strbuf_free(struct strbuf *b);

/* Shell-style match of the whole of s: '*' any run, '?' one character, '[a-z]' a set. */
bool str_glob(const char *pattern, const char *s);
bool str_has_glob(const char *s);
bool str_starts(const char *s, const char *prefix);

/* Damerau-Levenshtein distance, cut off at `limit` (returns limit + 1 when above). */
unsigned str_distance(const char *a, const char *b, unsigned limit);

/* Nearest-name search: zero-initialise, offer candidates, read `best` (NULL if none is near enough). */
struct nearest {
	const char *best;
	unsigned distance;
};
void nearest_offer(struct nearest *n, const char *wanted, const char *candidate);

/*
 * Parses an unsigned integer in decimal, hex or octal notation, the whole of s.
 * Returns false when s is something else or the value is above UINT64_MAX.
 */
bool str_to_u64(const char *s, uint64_t *out);

#endif
