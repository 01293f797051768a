/* SPDX-License-Identifier: Apache-2.0 */
/* Where a binary is that a script names: by path, by a program's name in PATH, or by a library's ("libc"). */
#ifndef KSCOPE_SYSTEM_LIBRARIES_H
#define KSCOPE_SYSTEM_LIBRARIES_H

#include <stddef.h>

struct arena;

/*
 * A path with a slash: itself, if it is a regular file. "bash": an executable in PATH. "libc", "libc.so.6",
 * and "c" when PATH has no such program: from /etc/ld.so.cache ("libX", "X" find libX.so*), then the usual
 * directories. Arena memory; NULL when there is none. The result is canonical (realpath).
 */
const char *library_find(struct arena *a, const char *name);

/* The part that needs no machine, for tests: the library's path in the bytes of a cache, which may be
 * damaged; NULL. */
const char *library_in_cache(const void *cache, size_t size, const char *name);

#endif
