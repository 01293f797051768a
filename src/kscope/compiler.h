/* SPDX-License-Identifier: Apache-2.0 */
/* The compiler as a child process: source in, image out. */
#ifndef KSCOPE_KSCOPE_COMPILER_H
#define KSCOPE_KSCOPE_COMPILER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "kscope/options.h"

/* A script or an image, opened. */
struct input {
	int fd;
	const char *name; /* for messages */
	bool is_image;
};

/* Opens FILE, standard input or the -e program; false after an error, which is reported. */
bool input_open(struct input *in, const struct options *o, struct diag *d);

/* Runs the compiler over the input. Its own messages are on stderr already; *image_fd holds the image when
 * the result is 0, else the result is kscope's exit status. With dump, a list of stages, it prints those and
 * makes no image. */
int compiler_run(
        const struct options *o, const struct input *in, const char *dump, int *image_fd, struct diag *d);

/* Has the compiler print the versions of what it is made of. */
int compiler_versions(struct diag *d);

/* Has the compiler list probes; returns the exit status. */
int compiler_list(const struct options *o, struct diag *d);

#endif
