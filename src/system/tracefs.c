/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tracefs as a directory of files: finding or mounting it, the list of events, an
 * event's number and format text. What the format says is tracefs_format.c's.
 */
#include "system/tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"

/* linux/mount.h; glibc has wrappers from 2.36 only. */
#define FSOPEN_CLOEXEC_FLAG  0x1
#define FSMOUNT_CLOEXEC_FLAG 0x1
#define FSCONFIG_CREATE_CMD  6

#define MAX_FILE (16 << 20)

struct tracefs {
	int dir;
};

/* A directory that holds tracefs: its `events` can be looked at. -1 with errno. */
static int open_mounted(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err;

	if (dir < 0)
		return -1;
	if (faccessat(dir, "events", R_OK | X_OK, AT_EACCESS) == 0)
		return dir;
	err = errno;
	close(dir);
	errno = err;
	return -1;
}

/* A mount that belongs to this file descriptor alone, nowhere in the file system. -1 with errno. */
static int mount_detached(void)
{
	int fs = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC_FLAG);
	int dir = -1, err;

	if (fs < 0)
		return -1;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CREATE_CMD, NULL, NULL, 0) == 0)
		dir = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC_FLAG, 0);
	err = errno;
	close(fs);
	errno = err;
	return dir;
}

struct tracefs *tracefs_open(void)
{
	static const char *const paths[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	struct tracefs *t;
	int dir = -1, denied = 0;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]) && dir < 0; i++) {
		dir = open_mounted(paths[i]);
		if (dir < 0 && (errno == EACCES || errno == EPERM))
			denied = errno;
	}
	if (dir < 0)
		dir = mount_detached();
	if (dir < 0) {
		if (denied)
			errno = denied;
		return NULL;
	}
	t = mem_zalloc(sizeof(*t));
	t->dir = dir;
	return t;
}

void tracefs_close(struct tracefs *t)
{
	if (!t)
		return;
	close(t->dir);
	free(t);
}

/* The whole of a file, NUL-terminated and malloc'd; NULL with errno. Such files have no size to ask for. */
static char *read_file(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	size_t len = 0, cap = 8192;
	char *text;
	ssize_t n;

	if (fd < 0)
		return NULL;
	text = mem_alloc(cap);
	while ((n = read(fd, text + len, cap - len - 1)) != 0) {
		int err = errno;

		if (n < 0 && err == EINTR)
			continue;
		if (n < 0 || len + (size_t)n > MAX_FILE) {
			close(fd);
			free(text);
			errno = n < 0 ? err : EFBIG;
			return NULL;
		}
		len += (size_t)n;
		if (cap - len < 4096)
			text = mem_realloc(text, cap *= 2);
	}
	close(fd);
	text[len] = '\0';
	return text;
}

/* Names come from scripts: they must not climb out of the directory. */
static bool is_file_name(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static char *read_event_file(struct tracefs *t, const char *group, const char *event, const char *file)
{
	struct strbuf path = { 0 };
	char *text;

	if (!is_file_name(group) || !is_file_name(event)) {
		errno = ENOENT;
		return NULL;
	}
	strbuf_addf(&path, "events/%s/%s/%s", group, event, file);
	text = read_file(t->dir, path.data);
	strbuf_free(&path);
	return text;
}

int64_t tracefs_event_id(struct tracefs *t, const char *group, const char *event)
{
	char *text = read_event_file(t, group, event, "id");
	int64_t id;

	if (!text)
		return -1;
	id = strtoll(text, NULL, 10);
	free(text);
	if (id <= 0) {
		errno = EINVAL;
		return -1;
	}
	return id;
}

char *tracefs_format_text(struct tracefs *t, const char *group, const char *event)
{
	return read_event_file(t, group, event, "format");
}

struct type *tracefs_format(
        struct tracefs *t, struct arena *a, const char *group, const char *event, int64_t *id)
{
	char *text = tracefs_format_text(t, group, event);
	struct type *type;

	if (!text)
		return NULL;
	type = tracefs_parse_format(a, group, event, text, id);
	free(text);
	if (!type)
		errno = EINVAL;
	return type;
}

struct event_name {
	const char *group, *event;
};

static int compare_names(const void *a, const void *b)
{
	const struct event_name *x = a, *y = b;
	int order = strcmp(x->group, y->group);

	return order ? order : strcmp(x->event, y->event);
}

/* Cuts "group:event\n…" into its names, those that match. Returns malloc'd names that point into text. */
static struct event_name *split_names(
        char *text, const char *group_glob, const char *event_glob, unsigned *count)
{
	struct event_name *names = NULL;
	unsigned n = 0, cap = 0;
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon = '\0';
		if (!str_glob(group_glob, line) || !str_glob(event_glob, colon + 1))
			continue;
		if (n == cap) {
			cap = cap ? cap * 2 : 256;
			names = mem_realloc(names, cap * sizeof(*names));
		}
		names[n++] = (struct event_name){ line, colon + 1 };
	}
	*count = n;
	return names;
}

/*
 * available_events has one "group:event" a line, all that can be enabled, in one read: it leaves out
 * the function tracer's own (group ftrace), which have directories too.
 */
int tracefs_each(struct tracefs *t, const char *group_glob, const char *event_glob,
        int (*fn)(void *arg, const char *group, const char *event), void *arg)
{
	char *text = read_file(t->dir, "available_events");
	struct event_name *names;
	unsigned n;
	int result = 0;

	if (!text)
		return -1;
	names = split_names(text, group_glob, event_glob, &n);
	if (n)
		qsort(names, n, sizeof(*names), compare_names);
	for (unsigned i = 0; i < n && !result; i++)
		result = fn(arg, names[i].group, names[i].event);
	free(names);
	free(text);
	return result;
}

/* "vfs_read", or "nf_ct_get [nf_conntrack]": a line per function that ftrace, and so a kprobe, can be set on.
 */
int tracefs_each_function(
        struct tracefs *t, int (*fn)(void *arg, const char *module, const char *name), void *arg)
{
	char *text = read_file(t->dir, "available_filter_functions"), *save = NULL;
	int ret = 0;

	if (!text)
		return -1;
	for (char *line = strtok_r(text, "\n", &save); line && !ret; line = strtok_r(NULL, "\n", &save)) {
		char *module = strstr(line, " ["), *end;

		if (module) {
			*module = '\0';
			module += 2;
			end = strchr(module, ']');
			if (end)
				*end = '\0';
		}
		/* "__ftrace_invalid_address___123": what was discarded with the kernel's start. */
		if (strncmp(line, "__ftrace_invalid", 16) != 0)
			ret = fn(arg, module ? module : "vmlinux", line);
	}
	free(text);
	return ret;
}
