/* SPDX-License-Identifier: Apache-2.0 */
/* A finder of sections and symbols in an ELF64 object, which trusts nothing. */
#ifndef KSCOPE_RUNTIME_ELF_H
#define KSCOPE_RUNTIME_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The image begins as an ELF64 little-endian object for BPF. */
bool elf_is_bpf(const void *image, size_t size);
/* Its table of sections, which LLVM writes last, lies inside the file. */
bool elf_is_whole(const void *image, size_t size);

/* Every section lies inside the file, and every section and symbol has a name: libbpf 1.1 relies on it. */
bool elf_is_sound(const void *image, size_t size);

/* A section's bytes; NULL if there is none of that name or the file is damaged. */
const void *elf_section(const void *image, size_t size, const char *name, size_t *len);

/* A symbol's offset in its section, and its size. False if there is none. */
bool elf_symbol(const void *image, size_t size, const char *name, uint64_t *offset, uint64_t *symbol_size);

#endif
