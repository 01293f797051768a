/* SPDX-License-Identifier: Apache-2.0 */
/* The processes whose addresses are printed: what they have mapped and had mapped, and the symbols of those
 * files. */
#ifndef KSCOPE_RUNTIME_PROCESSES_H
#define KSCOPE_RUNTIME_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct processes;

struct processes *processes_create(void);
void processes_destroy(struct processes *p);

/* Reads the process's mappings, unless those are known that it has now. */
void processes_remember(struct processes *p, pid_t pid);

/* What the kernel tells of processes as it happens (mappings.c): a new mapping of code, an exec(), which
 * begins with none, a fork(), which begins with the parent's, and the end. */
struct process_mapping;
void processes_map(struct processes *p, pid_t pid, const struct process_mapping *m);
void processes_exec(struct processes *p, pid_t pid);
void processes_fork(struct processes *p, pid_t parent, pid_t child);
void processes_exit(struct processes *p, pid_t pid);

struct process_place {
	const char *name; /* as the file has it; NULL when unknown */
	uint64_t offset;
	const char *module; /* NULL when the address is in no mapping that has a name */
	uint64_t module_offset;
};

/* What a process has at an address. Strings live as long as p. */
void processes_find(struct processes *p, pid_t pid, uint64_t address, struct process_place *out);

#endif
