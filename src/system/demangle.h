/* SPDX-License-Identifier: Apache-2.0 */
/* Names of C++ and Rust functions as their programmers wrote them. */
#ifndef KSCOPE_SYSTEM_DEMANGLE_H
#define KSCOPE_SYSTEM_DEMANGLE_H

/* "_ZN3foo3barEi" -> "foo::bar(int)", malloc'd; NULL when the name is not mangled or cannot be read. */
char *demangle(const char *name);

#endif
