/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc/PID/maps. A line is (proc_pid_maps(5); fs/proc/task_mmu.c, show_map_vma()):
 *
 *     7f1c2a028000-7f1c2a1bd000 r-xp 00028000 fe:00 131219    /usr/lib/x86_64-linux-gnu/libc.so.6
 *
 * A newline in a path is "\012", and a file without a name has " (deleted)" behind the last one.
 */
#include "system/process_maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"

#define DELETED " (deleted)"

/* A number, and the character that must follow it. */
static bool number(const char **p, const char *end, unsigned base, char follows, uint64_t *out)
{
	const char *start = *p;
	uint64_t v = 0;

	for (; *p < end; ++*p) {
		unsigned digit;
		char c = **p;

		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (unsigned)(c - 'a' + 10);
		else
			break;
		if (digit >= base)
			return false;
		v = v * base + digit;
	}
	*out = v;
	if (*p == start)
		return false;
	if (*p == end)
		return follows == ' '; /* a line may end with the inode */
	return *(*p)++ == follows;
}

/* Appends the path to the paths and returns its place there. */
static size_t add_path(char *paths, size_t *len, const char *p, const char *end, bool *deleted)
{
	size_t start = *len, n = sizeof(DELETED) - 1;

	while (p < end && *p == ' ')
		p++;
	*deleted = (size_t)(end - p) > n && memcmp(end - n, DELETED, n) == 0;
	if (*deleted)
		end -= n;
	while (p < end) {
		if (end - p >= 4 && memcmp(p, "\\012", 4) == 0) {
			paths[(*len)++] = '\n';
			p += 4;
		} else {
			paths[(*len)++] = *p++;
		}
	}
	paths[(*len)++] = '\0';
	return start;
}

/* *rest receives where the path and the blanks before it begin. */
static bool parse_line(const char *p, const char *end, struct process_mapping *m, const char **rest)
{
	uint64_t major, minor;

	memset(m, 0, sizeof(*m));
	if (!number(&p, end, 16, '-', &m->start) || !number(&p, end, 16, ' ', &m->end))
		return false;
	if (end - p < 5 || p[4] != ' ' || m->end <= m->start)
		return false;
	m->executable = p[2] == 'x';
	p += 5;
	if (!number(&p, end, 16, ' ', &m->offset) || !number(&p, end, 16, ':', &major) ||
	        !number(&p, end, 16, ' ', &minor) || !number(&p, end, 10, ' ', &m->inode))
		return false;
	m->major = (unsigned)major;
	m->minor = (unsigned)minor;
	*rest = p;
	return true;
}

struct process_maps *process_maps_parse(const char *text, size_t len, bool executable_only)
{
	struct process_maps *maps = mem_zalloc(sizeof(*maps));
	const char *p = text, *end = text + len;
	unsigned cap = 0;
	size_t paths_len = 0;

	/* A path and its NUL take less than its line and the newline, but for a last line without one. */
	maps->paths = mem_alloc(len + 1);
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *rest;
		const char *line_end = nl ? nl : end;
		struct process_mapping m;

		if (parse_line(p, line_end, &m, &rest) && (m.executable || !executable_only)) {
			if (maps->n == cap) {
				cap = cap ? cap * 2 : 32;
				maps->v = mem_realloc(maps->v, cap * sizeof(*maps->v));
			}
			m.path = maps->paths + add_path(maps->paths, &paths_len, rest, line_end, &m.deleted);
			maps->v[maps->n++] = m;
		}
		p = nl ? nl + 1 : end;
	}
	return maps;
}

struct process_maps *process_maps_read(pid_t pid, bool executable_only)
{
	struct strbuf text = { 0 };
	struct process_maps *maps = NULL;
	char path[64], buf[16384];
	ssize_t got;
	int fd, err;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	while ((got = read(fd, buf, sizeof(buf))) > 0)
		strbuf_add(&text, buf, (size_t)got);
	err = errno;
	close(fd);
	if (got == 0)
		maps = process_maps_parse(text.data ? text.data : "", text.len, executable_only);
	strbuf_free(&text);
	errno = err;
	return maps;
}

void process_maps_free(struct process_maps *m)
{
	if (!m)
		return;
	free(m->v);
	free(m->paths);
	free(m);
}
