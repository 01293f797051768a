/* SPDX-License-Identifier: Apache-2.0 */
/* Growing text buffer, globs, edit distance, numbers. */
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static void strbuf_room(struct strbuf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 64;

	if (n >= SIZE_MAX / 2 - b->len)
		mem_fail();
	if (b->cap > b->len + n)
		return;
	while (cap <= b->len + n)
		cap *= 2;
	b->data = mem_realloc(b->data, cap);
	b->cap = cap;
}

void strbuf_add(struct strbuf *b, const void *p, size_t n)
{
	strbuf_room(b, n);
	if (n)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void strbuf_adds(struct strbuf *b, const char *s)
{
	strbuf_add(b, s, strlen(s));
}

void strbuf_addc(struct strbuf *b, char c)
{
	strbuf_add(b, &c, 1);
}

void strbuf_addv(struct strbuf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		mem_fail();
	strbuf_room(b, (size_t)n);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
	va_end(again);
	b->len += (size_t)n;
}

void strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_addv(b, fmt, ap);
	va_end(ap);
}

void strbuf_reset(struct strbuf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void strbuf_free(struct strbuf *b)
{
	free(b->data);
	*b = (struct strbuf){ 0 };
}

/*
 * Matches one character against the set that starts at '['. Returns the place
 * behind the set, NULL when it has no end (then '[' stands for itself).
 */
static const char *glob_set(const char *p, char c, bool *match)
{
	bool negate = p[1] == '!' || p[1] == '^';
	const char *q = p + 1 + negate;
	unsigned char u = (unsigned char)c;

	*match = false;
	for (const char *first = q; *q && (*q != ']' || q == first); q++) {
		unsigned char low = (unsigned char)*q, high = low;

		if (q[1] == '-' && q[2] && q[2] != ']') {
			high = (unsigned char)q[2];
			q += 2;
		}
		if (low <= u && u <= high)
			*match = true;
	}
	if (!*q)
		return NULL;
	*match ^= negate;
	return q + 1;
}

/* Goes back to the last '*' only, so the time is at most the product of the lengths. */
bool str_glob(const char *p, const char *s)
{
	const char *star = NULL, *retry = NULL;

	while (*s) {
		const char *next = p + 1;
		bool match;

		if (*p == '*') {
			star = ++p;
			retry = s;
			continue;
		}
		match = *p && (*p == '?' || *p == *s);
		if (*p == '[') {
			bool in_set;
			const char *end = glob_set(p, *s, &in_set);

			if (end) {
				next = end;
				match = in_set;
			}
		}
		if (match) {
			p = next;
			s++;
		} else if (star) {
			p = star;
			s = ++retry;
		} else {
			return false;
		}
	}
	while (*p == '*')
		p++;
	return !*p;
}

bool str_has_glob(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

bool str_starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned str_distance(const char *a, const char *b, unsigned limit)
{
	enum { MAX = 64 };
	size_t na = strlen(a), nb = strlen(b);
	unsigned row[3][MAX + 1];

	/* Names of that length are not typing errors of each other, or not worth a suggestion. */
	if (na > MAX || nb > MAX || (na > nb ? na - nb : nb - na) > limit)
		return limit + 1;
	for (unsigned j = 0; j <= nb; j++)
		row[0][j] = j;
	for (unsigned i = 1; i <= na; i++) {
		unsigned *cur = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];

		cur[0] = i;
		for (unsigned j = 1; j <= nb; j++) {
			cur[j] = min3(up[j] + 1, cur[j - 1] + 1, up[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				cur[j] = min3(cur[j], up2[j - 2] + 1, cur[j]);
		}
	}
	return row[na % 3][nb] > limit ? limit + 1 : row[na % 3][nb];
}

void nearest_offer(struct nearest *n, const char *wanted, const char *candidate)
{
	size_t len = strlen(wanted);
	/* A third of a name's letters may be wrong, and at least one. */
	unsigned limit = len < 6 ? 1 : len < 9 ? 2 : 3;
	unsigned distance = str_distance(wanted, candidate, limit);

	if (distance > limit || distance >= len || (n->best && distance >= n->distance))
		return;
	n->best = candidate;
	n->distance = distance;
}

bool str_to_u64(const char *s, uint64_t *out)
{
	char *end;

	/* strtoull() would take blanks and signs too. */
	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*out = strtoull(s, &end, 0);
	return !errno && !*end && !(s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && !s[2]);
}
