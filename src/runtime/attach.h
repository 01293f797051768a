/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attaching: one row per probe type says what BPF program it takes and how it is
 * attached. What is attached is a set of file descriptors, which are closed together.
 */
#ifndef KSCOPE_RUNTIME_ATTACH_H
#define KSCOPE_RUNTIME_ATTACH_H

#include <bpf/bpf.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <sys/types.h>

#include "lang/program.h"

struct session;
struct tracefs;

/* The descriptors of one attachment. */
struct attachment {
	int link;     /* -1: the program is bound to the event itself */
	int event;    /* perf event, or -1 */
	bool is_slow; /* closing it waits for a grace period: tracepoints, functions */
};

struct attachments {
	struct attachment *items;
	unsigned count, cap;
	unsigned skipped; /* probes left out, as config missing_probes allows */
	bool detached;
	struct tracefs *tracefs; /* opened by the first tracepoint */
};

struct attach_row {
	enum bpf_prog_type program_type;
	/* Attaches one probe; false after an error, with errno set. NULL: run by BPF_PROG_RUN (begin, end).
	 */
	bool (*attach)(struct session *s, const struct probe *p, int program_fd);
	/* Advice for the user when it failed with this errno; or NULL. */
	const char *(*hint)(struct session *s, const struct probe *p, int err);
};

extern const struct attach_row attach_rows[PROBE_TYPE_COUNT];

/* Attaches all probes that have an attach function; false after an error, which is reported. */
bool attach_all(struct session *s);
/* No program runs any more when this returns; it waits once for all of them. */
void attach_detach(struct attachments *a);
/* Detaches and gives all descriptors back. */
void attach_release(struct attachments *a);

/* begin and end probes, in the script's order. */
bool attach_run(struct session *s, enum probe_type type);
/* self probes of the signals that have come since the last call. */
void attach_run_self(struct session *s);
/* There is no probe but begin and end. */
bool attach_nothing_to_wait_for(const struct program *p);

/* For the files of the families. */
void attach_add(struct session *s, int link, int event, bool is_slow);
/* Opens a perf event for all processes on one CPU and binds the program to it, with the probe's cookie. */
bool attach_perf_event(
        struct session *s, const struct probe *p, int program_fd, struct perf_event_attr *attr, int cpu);
/* The same for one process, or -1. */
bool attach_perf_event_of(struct session *s, const struct probe *p, int program_fd,
        struct perf_event_attr *attr, pid_t pid, int cpu);
/* The same on every online CPU. */
bool attach_perf_event_all(
        struct session *s, const struct probe *p, int program_fd, struct perf_event_attr *attr);

bool attach_self(struct session *s, const struct probe *p, int program_fd);
bool attach_tracepoint(struct session *s, const struct probe *p, int program_fd);
bool attach_rawtracepoint(struct session *s, const struct probe *p, int program_fd);
bool attach_interval(struct session *s, const struct probe *p, int program_fd);
bool attach_profile(struct session *s, const struct probe *p, int program_fd);
bool attach_software(struct session *s, const struct probe *p, int program_fd);
bool attach_kprobe(struct session *s, const struct probe *p, int program_fd);
const char *attach_kprobe_hint(struct session *s, const struct probe *p, int err);
bool attach_uprobe(struct session *s, const struct probe *p, int program_fd);

#endif
