/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses to names while printing: the kernel's, and user processes', also of such that have exited. */
#ifndef KSCOPE_RUNTIME_SYMBOLS_H
#define KSCOPE_RUNTIME_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct strbuf;
struct symbols;

struct symbols *symbols_create(bool demangle);
void symbols_destroy(struct symbols *s);

/* Watches what processes map from now on, so that those have names which exit before they are looked at. */
void symbols_watch(struct symbols *s);
/* Takes in what was mapped meanwhile; to be called now and then. */
void symbols_update(struct symbols *s);

/* Appends what ksym() prints: "do_sys_openat2", "0xffffffff81234567" when unknown; with_offset:
 * "do_sys_openat2+12" (bpftrace's stack lines). */
void symbols_kernel(struct symbols *s, uint64_t address, bool with_offset, struct strbuf *out);

struct user_frame {
	const char *name;   /* demangled when wanted; NULL when unknown */
	uint64_t offset;    /* from the symbol's start */
	const char *module; /* path of the mapped file, or "[unknown]" */
	uint64_t module_offset;
};

/* Looks up an address of a process. Strings live as long as s. */
void symbols_user(struct symbols *s, pid_t pid, uint64_t address, struct user_frame *out);

/* Reads and keeps the process's mappings now, since it may exit before they are needed. Cheap when they are
 * known and the process has not mapped more. */
void symbols_remember(struct symbols *s, pid_t pid);

#endif
