/* SPDX-License-Identifier: Apache-2.0 */
/* Where a binary is that a script names: by path, by a program's name in PATH, or by a library's ("libc"). */
#ifndef KSCOPE_SYSTEM_LIBRARIES_H
#define KSCOPE_SYSTEM_LIBRARIES_H

struct arena;

/*
 * A path with a slash: itself, if it is a regular file. "libc", "libc.so.6", "c": from /etc/ld.so.cache ("libX", "X" find
 * libX.so*), then the usual directories. Anything else: an executable in PATH. Arena memory; NULL when there is none. The
 * result is canonical (realpath).
 */
const char *library_find(struct arena *a, const char *name);

#endif
