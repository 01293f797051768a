/* SPDX-License-Identifier: Apache-2.0 */
/* Listing the kernel's types: kscope -l 'struct task*'. */
#ifndef KSCOPE_SYSTEM_TYPES_LIST_H
#define KSCOPE_SYSTEM_TYPES_LIST_H

#include <stdbool.h>
#include <stdio.h>

struct kbtf;

/* Whether a search is for types: "struct X", "union X", "enum X". */
bool types_is_search(const char *search);

/* Prints the named types that match, sorted, a line each; verbose: their definitions in C, an empty line
 * behind each. Returns how many there are. */
unsigned types_list(struct kbtf *b, const char *search, bool verbose, FILE *out);

#endif
