/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runtime: runs an image. Loads it, attaches the probes, prints what they
 * send and, at the end, the maps and the losses.
 */
#ifndef KSCOPE_RUNTIME_RUNTIME_H
#define KSCOPE_RUNTIME_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

enum buffering {
	BUFFER_LINE, /* default */
	BUFFER_FULL,
	BUFFER_NONE,
};

struct run_options {
	const char *command; /* -c, or NULL */
	pid_t pid;           /* -p, or 0 */
	FILE *out;           /* -o, or stdout */
	enum buffering buffering;
	bool quiet, verbose, dry_run, unsafe, no_warnings;
	bool json;          /* -f json: of the output, and of messages on stderr */
	bool colour;        /* of messages on stderr */
	bool dump_libbpf;   /* -d libbpf: its log on stderr, load, then stop */
	bool dump_verifier; /* -d verifier: the verifier's log on stdout for every program, load, then stop */
};

/* Runs an image to its end; returns the exit status of kscope. */
int runtime_run(const void *image, size_t size, const struct run_options *options);

#endif
