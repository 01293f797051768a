/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of an image's file: a checksum over the whole object. libbpf and the kernel believe an object's
 * tables; one that was damaged on its way must not come that far. A seal is no signature:
 * it tells accidents, not intent.
 */
#ifndef KSCOPE_LANG_SEAL_H
#define KSCOPE_LANG_SEAL_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A copy of the object with its seal behind it; *len becomes its length. */
void *seal_add(struct arena *a, const void *object, size_t *len);

/* Checks and takes the seal off: *len becomes the object's length. NULL: it is whole; else what is wrong. */
const char *seal_check(const void *image, size_t *len);

#endif
