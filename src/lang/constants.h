/* SPDX-License-Identifier: Apache-2.0 */
/* Constants that scripts take from C headers: constants.def. */
#ifndef KSCOPE_LANG_CONSTANTS_H
#define KSCOPE_LANG_CONSTANTS_H

#include <stdbool.h>
#include <stdint.h>

bool constant_by_name(const char *name, int64_t *value);
/* Offers all names to a nearest-name search. */
struct nearest;
void constants_offer(struct nearest *near, const char *wanted);

#endif
