/* SPDX-License-Identifier: Apache-2.0 */
/* Function symbols of an ELF file (.symtab and .dynsym), by libelf. */
#ifndef KSCOPE_SYSTEM_ELF_SYMBOLS_H
#define KSCOPE_SYSTEM_ELF_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_symbols;

/* Opens and reads a file; NULL with errno (ENOEXEC: not ELF). */
struct elf_symbols *elf_symbols_load(const char *path);
/* The same of a file that is in memory, as the vDSO is; the memory is no longer needed then. */
struct elf_symbols *elf_symbols_load_memory(const void *image, size_t size);
void elf_symbols_free(struct elf_symbols *e);

/* A function's offset in the file, which is what uprobes take; 0 when there is none of that name. *size (may
 * be NULL) receives its bytes. A version suffix ("@@GLIBC_2.2.5") is not part of the name. IFUNC symbols are
 * functions too. */
uint64_t elf_symbols_offset(const struct elf_symbols *e, const char *name, uint64_t *size);

/* The function that holds an offset in the file: its name as in the file (not demangled), and the distance.
 */
bool elf_symbols_find(const struct elf_symbols *e, uint64_t file_offset, const char **name, uint64_t *offset);

/* Calls fn for every function whose name matches the glob, each name once, sorted; stops at the first
 * non-zero result and returns it. */
int elf_symbols_each(
        const struct elf_symbols *e, const char *glob, int (*fn)(void *arg, const char *name), void *arg);

#endif
