/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The description in an image's `kscope` section. One function walks it for
 * writing and for reading, so the two cannot disagree; the reader trusts nothing
 * (lengths, indices, kinds and nesting are checked).
 */
#ifndef KSCOPE_LANG_IMAGE_H
#define KSCOPE_LANG_IMAGE_H

#include <stddef.h>

#include "lang/program.h"

#define IMAGE_MAGIC   0x504f43534bULL /* "KSCOP" */
#define IMAGE_VERSION 2

/* Serialises the description; returns arena memory, *len its bytes. */
void *image_write(struct program *p, struct arena *a, size_t *len);

/* Reads a description. NULL on damage, with *why a constant text. */
struct program *image_read(const void *data, size_t len, struct arena *a, const char **why);

#endif
