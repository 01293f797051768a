/* SPDX-License-Identifier: Apache-2.0 */
/* A process's mappings, from /proc/PID/maps. */
#ifndef KSCOPE_SYSTEM_PROCESS_MAPS_H
#define KSCOPE_SYSTEM_PROCESS_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process_mapping {
	uint64_t start, end; /* end is exclusive */
	uint64_t offset;     /* in the file */
	unsigned major, minor;
	uint64_t inode; /* 0: no file */
	bool executable;
	bool deleted;     /* the file has no name any more */
	const char *path; /* as the process sees it; "[vdso]", "[heap]"; "" for anonymous memory */
};

struct process_maps {
	struct process_mapping *v; /* sorted by address */
	unsigned n;
	char *paths;
};

/* The mappings of a process, or only those with code; none for a kernel thread or a zombie. NULL with errno.
 */
struct process_maps *process_maps_read(pid_t pid, bool executable_only);
void process_maps_free(struct process_maps *m);

/* Parses the text of a maps file. A damaged line is passed over. */
struct process_maps *process_maps_parse(const char *text, size_t len, bool executable_only);

#endif
