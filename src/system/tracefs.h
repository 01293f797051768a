/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tracepoints as tracefs describes them. When tracefs is not mounted, a private,
 * detached mount of our own is read (fsopen(2), Linux 5.2), so nothing of the machine changes.
 */
#ifndef KSCOPE_SYSTEM_TRACEFS_H
#define KSCOPE_SYSTEM_TRACEFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/types.h"

struct arena;

struct tracefs;

/* Opens tracefs; NULL with errno set when it can neither be found nor mounted (EPERM, EACCES: privileges). */
struct tracefs *tracefs_open(void);
void tracefs_close(struct tracefs *t);

/* The number that perf_event_open() takes for an event; -1 with errno. It differs from boot to boot. */
int64_t tracefs_event_id(struct tracefs *t, const char *group, const char *event);

/*
 * The event's format as a STRUCT type in the arena: offsets from the start of the record that BPF programs
 * get as context, the common_ fields included. char arrays are strings, `__data_loc`
 * and `__rel_loc` fields are marked: a dynamic string has size 0, which stands for max_strlen, another
 * dynamic array has count 0; so has a flexible array at the record's end. Pointers of syscall events point to
 * user space, others to the kernel. NULL with errno. *id (may be NULL) receives the event's number.
 */
struct type *tracefs_format(
        struct tracefs *t, struct arena *a, const char *group, const char *event, int64_t *id);

/* Calls fn for every event whose group and event match the glob patterns, sorted by group, then event. Stops
 * and returns fn's first non-zero result. -1 with errno when the directory cannot be read. */
int tracefs_each(struct tracefs *t, const char *group_glob, const char *event_glob,
        int (*fn)(void *arg, const char *group, const char *event), void *arg);

/* The text of an event's format file, malloc'd; NULL with errno. */
char *tracefs_format_text(struct tracefs *t, const char *group, const char *event);

/* One field line of a format file, its declaration as written: "const char * filename", "char comm[16]". */
struct tracefs_field {
	const char *decl;
	size_t decl_len;
	uint64_t offset, size;
	bool is_signed;
};

/* Reads the next field line at *text and moves *text behind it: 1, 0 at the end of the fields, -1 on damage.
 */
int tracefs_next_field(const char **text, struct tracefs_field *f);

/* Parses the text of a `format` file, for tests. NULL on damage. */
struct type *tracefs_parse_format(
        struct arena *a, const char *group, const char *event, const char *text, int64_t *id);

/* Calls fn for every function that can be probed ("vmlinux" is the kernel's own module); stops at the first
 * non-zero result and returns it. -1 when the kernel has no such list (it is built without ftrace). */
int tracefs_each_function(
        struct tracefs *t, int (*fn)(void *arg, const char *module, const char *name), void *arg);

#endif
