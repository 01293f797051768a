/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /tmp/perf-PID.map, by which a just-in-time compiler tells profilers where its functions are
 * (linux/tools/perf/Documentation/jit-interface.txt). It only grows. A line is start and size in hexadecimal
 * and a name, which may have blanks in it:
 *
 *     7f8a1c0042a0 1c0 LazyCompile:~main /srv/app.js:12
 */
#include "system/perf_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"

#define MAX_OVERLAP  16
#define MAX_FUNCTION (1u << 30)
#define MAX_BYTES    ((off_t)1 << 30) /* of the file, which a process may fill as it likes */

struct function {
	uint64_t start;
	uint32_t size;
	uint32_t number; /* the order in which they were written */
	const char *name;
};

struct perf_map {
	struct function *v;
	unsigned n, cap;
	bool sorted;
	struct arena *names;
	off_t done; /* bytes of the file that were read */
};

struct perf_map *perf_map_create(void)
{
	struct perf_map *m = mem_zalloc(sizeof(*m));

	m->names = arena_create();
	return m;
}

void perf_map_free(struct perf_map *m)
{
	if (!m)
		return;
	arena_destroy(m->names);
	free(m->v);
	free(m);
}

static void parse_line(struct perf_map *m, const char *line, size_t len)
{
	char numbers[64], *p, *end;
	uint64_t start, size;
	size_t head = len < sizeof(numbers) - 1 ? len : sizeof(numbers) - 1, used;

	memcpy(numbers, line, head);
	numbers[head] = '\0';
	start = strtoull(numbers, &p, 16);
	if (p == numbers || *p != ' ')
		return;
	size = strtoull(p, &end, 16);
	used = (size_t)(end + 1 - numbers);
	if (end == p || *end != ' ' || used >= len || !start)
		return;
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 256;
		m->v = mem_realloc(m->v, m->cap * sizeof(*m->v));
	}
	m->v[m->n] = (struct function){
		.start = start,
		.size = size < MAX_FUNCTION ? (uint32_t)size : MAX_FUNCTION,
		.number = m->n,
		.name = arena_strndup(m->names, line + used, len - used),
	};
	m->n++;
	m->sorted = false;
}

size_t perf_map_parse(struct perf_map *m, const char *text, size_t len)
{
	const char *p = text, *end = text + len, *nl;

	while (p < end && (nl = memchr(p, '\n', (size_t)(end - p)))) {
		parse_line(m, p, (size_t)(nl - p));
		p = nl + 1;
	}
	return (size_t)(p - text);
}

static bool acceptable(int fd, uid_t owner, off_t *size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	errno = EPERM;
	*size = st.st_size < MAX_BYTES ? st.st_size : MAX_BYTES;
	return S_ISREG(st.st_mode) && (st.st_uid == owner || st.st_uid == 0);
}

bool perf_map_update(struct perf_map *m, const char *path, uid_t owner)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	char buf[32768];
	size_t have = 0;
	off_t size;
	ssize_t got;

	if (fd < 0)
		return false;
	if (!acceptable(fd, owner, &size)) {
		close(fd);
		return false;
	}
	if (size < m->done) { /* begun anew; the old names may be in use */
		m->done = 0;
		m->n = 0;
	}
	while (m->done + (off_t)have < size &&
	        (got = pread(fd, buf + have, sizeof(buf) - have, m->done + (off_t)have)) > 0) {
		size_t used;

		have += (size_t)got;
		used = perf_map_parse(m, buf, have);
		if (!used && have == sizeof(buf))
			used = have;
		have -= used;
		m->done += (off_t)used;
		memmove(buf, buf + used, have);
	}
	close(fd);
	return true;
}

static int compare(const void *va, const void *vb)
{
	const struct function *a = va, *b = vb;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

bool perf_map_find(struct perf_map *m, uint64_t address, const char **name, uint64_t *offset)
{
	unsigned lo = 0, hi = m->n;

	if (!m->sorted && m->n)
		qsort(m->v, m->n, sizeof(*m->v), compare);
	m->sorted = true;
	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;

		if (m->v[mid].start <= address)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (unsigned i = lo; i-- > 0 && lo - i <= MAX_OVERLAP;) {
		if (address - m->v[i].start >= m->v[i].size)
			continue;
		*name = m->v[i].name;
		*offset = address - m->v[i].start;
		return true;
	}
	return false;
}
