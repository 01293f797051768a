/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session: one image on its way through open, load, attach, trace and end.
 * runtime.c says in which order; the other files each do one step of it.
 */
#ifndef KSCOPE_RUNTIME_SESSION_H
#define KSCOPE_RUNTIME_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/str.h"
#include "lang/program.h"
#include "runtime/attach.h"
#include "runtime/child.h"
#include "runtime/maps.h"
#include "runtime/output.h"
#include "runtime/ring.h"
#include "runtime/runtime.h"

struct bpf_object;

/* Scratch slots per CPU: a probe may be interrupted by another, seldom more than twice. */
#define SLOT_LEVELS 8

struct session {
	const struct run_options *options;
	const void *image;
	size_t image_size;

	struct arena *arena;
	struct program *program;
	struct diag diag;
	unsigned ncpus; /* possible CPUs */

	struct bpf_object *object;
	struct strbuf log;    /* libbpf's warnings, the verifier's log among them */
	struct run_map *maps; /* one for each of program->maps */
	int losses_fd;
	volatile struct control *control;

	struct attachments attached;
	struct child child;
	struct ring ring;
	struct format_arg *event_args; /* room for the arguments of the largest event */
	struct output output;          /* with where stacks and symbols come from, in its env */

	bool exiting; /* exit() was called: further events are of no interest until the end probes run */
	bool stopped; /* a signal, the child's end or a closed output ended the trace */
	int status;
};

/* Reads and checks the image's description. False after an error, which is reported. */
bool session_open(struct session *s);
/* Sizes the maps, fills in what only this machine knows, and loads the programs. */
bool session_load(struct session *s);
/* Ends everything that is still open. */
void session_close(struct session *s);

/* The file descriptor of a probe's program; -1 if the object lacks it. */
int session_program_fd(struct session *s, const struct probe *p);

#endif
