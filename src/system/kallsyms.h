/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's symbols, from /proc/kallsyms. Read on first use; kept sorted by address. */
#ifndef KSCOPE_SYSTEM_KALLSYMS_H
#define KSCOPE_SYSTEM_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kallsyms;

/* Reads the symbols of functions (and, with data, of variables); NULL with errno. Without CAP_SYSLOG the
 * kernel shows zeros: names are there then, addresses are not. */
struct kallsyms *kallsyms_load(bool data);
void kallsyms_free(struct kallsyms *k);

/* The function that holds the address: name and distance from its start; module is "" for the kernel itself.
 * False when none does. */
bool kallsyms_find(
        const struct kallsyms *k, uint64_t address, const char **name, uint64_t *offset, const char **module);

/* The symbol's address; 0 when there is none of that name. */
uint64_t kallsyms_address(const struct kallsyms *k, const char *name);

/* Calls fn for every function (names once each, sorted by name) whose module ("vmlinux" for the kernel
 * itself) and name match the globs; stops at the first non-zero result and returns it. */
int kallsyms_each(const struct kallsyms *k, const char *module_glob, const char *name_glob,
        int (*fn)(void *arg, const char *module, const char *name), void *arg);

/* The parts that need no machine, for tests. */

/* Parses the text of /proc/kallsyms; NULL (ENOENT) when no symbol is in it. */
struct kallsyms *kallsyms_parse(const char *text, size_t len, bool data);

#endif
