/* SPDX-License-Identifier: Apache-2.0 */
/* Opening an image: everything that is checked before libbpf sees it. */
#ifndef KSCOPE_RUNTIME_IMAGE_FILE_H
#define KSCOPE_RUNTIME_IMAGE_FILE_H

#include <stddef.h>

struct arena;
struct program;

/* The image's description; *size becomes the length of the object alone. NULL with *why, a constant text. */
struct program *image_file_read(const void *image, size_t *size, struct arena *a, const char **why);

#endif
