/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of probe types for the runtime, what their families share, and
 * detaching. How each family attaches is in attach_*.c.
 */
#include "runtime/attach.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/arena.h"
#include "lang/errors.h"
#include "runtime/session.h"
#include "system/machine.h"
#include "system/tracefs.h"

const struct attach_row attach_rows[PROBE_TYPE_COUNT] = {
	[PROBE_SELF] = { BPF_PROG_TYPE_RAW_TRACEPOINT, attach_self, NULL },
	[PROBE_BEGIN] = { BPF_PROG_TYPE_RAW_TRACEPOINT, NULL, NULL },
	[PROBE_END] = { BPF_PROG_TYPE_RAW_TRACEPOINT, NULL, NULL },
	[PROBE_INTERVAL] = { BPF_PROG_TYPE_PERF_EVENT, attach_interval, NULL },
	[PROBE_PROFILE] = { BPF_PROG_TYPE_PERF_EVENT, attach_profile, NULL },
	[PROBE_TRACEPOINT] = { BPF_PROG_TYPE_TRACEPOINT, attach_tracepoint, NULL },
	[PROBE_RAWTRACEPOINT] = { BPF_PROG_TYPE_RAW_TRACEPOINT, attach_rawtracepoint, NULL },
	[PROBE_SOFTWARE] = { BPF_PROG_TYPE_PERF_EVENT, attach_software, NULL },
	[PROBE_KPROBE] = { BPF_PROG_TYPE_KPROBE, attach_kprobe, attach_kprobe_hint },
	[PROBE_KRETPROBE] = { BPF_PROG_TYPE_KPROBE, attach_kprobe, attach_kprobe_hint },
	[PROBE_UPROBE] = { BPF_PROG_TYPE_KPROBE, attach_uprobe, NULL },
	[PROBE_URETPROBE] = { BPF_PROG_TYPE_KPROBE, attach_uprobe, NULL },
};

void attach_add(struct session *s, int link, int event, bool is_slow)
{
	struct attachments *a = &s->attached;

	if (a->count == a->cap) {
		a->cap = a->cap ? a->cap * 2 : 64;
		a->items = mem_realloc(a->items, a->cap * sizeof(*a->items));
	}
	a->items[a->count++] = (struct attachment){ link, event, is_slow };
}

static bool bind_program(int event, int program_fd, uint64_t cookie, int *link)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .perf_event.bpf_cookie = cookie);

	*link = bpf_link_create(program_fd, event, BPF_PERF_EVENT, &opts);
	if (*link >= 0)
		return ioctl(event, PERF_EVENT_IOC_ENABLE, 0) == 0;
	/* A kernel without links for perf events (before 5.15) has no cookies either. */
	if (errno != EINVAL && errno != EOPNOTSUPP)
		return false;
	return ioctl(event, PERF_EVENT_IOC_SET_BPF, program_fd) == 0 &&
	       ioctl(event, PERF_EVENT_IOC_ENABLE, 0) == 0;
}

bool attach_perf_event(
        struct session *s, const struct probe *p, int program_fd, struct perf_event_attr *attr, int cpu)
{
	return attach_perf_event_of(s, p, program_fd, attr, -1, cpu);
}

bool attach_perf_event_of(struct session *s, const struct probe *p, int program_fd,
        struct perf_event_attr *attr, pid_t pid, int cpu)
{
	int link = -1, event;

	attr->size = sizeof(*attr);
	attr->disabled = 1;
	event = (int)syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (event < 0)
		return false;
	if (!bind_program(event, program_fd, p->cookie, &link)) {
		int err = errno;

		if (link >= 0)
			close(link);
		close(event);
		errno = err;
		return false;
	}
	attach_add(s, link, event, attr->type != PERF_TYPE_SOFTWARE);
	return true;
}

bool attach_perf_event_all(
        struct session *s, const struct probe *p, int program_fd, struct perf_event_attr *attr)
{
	int *cpus;
	unsigned n = machine_online_cpus(&cpus);
	bool ok = n > 0;

	for (unsigned i = 0; i < n && ok; i++)
		ok = attach_perf_event(s, p, program_fd, attr, cpus[i]);
	free(cpus);
	return ok;
}

static bool attach_one(struct session *s, const struct probe *p)
{
	const char *missing = s->program->config.missing_probes;
	int fd = session_program_fd(s, p), err;
	const char *caps, *hint;

	errno = ENOENT;
	if (fd >= 0 && attach_rows[p->type].attach(s, p, fd))
		return true;
	err = errno;
	caps = err == EPERM || err == EACCES ? machine_missing_caps(s->arena) : NULL;
	if (caps) {
		diag_error(&s->diag, p->loc, ATTACH_CAPS, p->name, caps);
		return false;
	}
	hint = attach_rows[p->type].hint ? attach_rows[p->type].hint(s, p, err) : NULL;
	if (!missing || strcmp(missing, "error") == 0) {
		diag_error_hint(&s->diag, p->loc, hint, ATTACH_FAILED, p->name, strerror(err));
		return false;
	}
	if (strcmp(missing, "warn") == 0)
		diag_warning(&s->diag, p->loc, ATTACH_SKIPPED, p->name, strerror(err));
	s->attached.skipped++;
	return true;
}

bool attach_all(struct session *s)
{
	bool ok = true;

	for (unsigned i = 0; i < s->program->nprobes && ok; i++)
		if (attach_rows[s->program->probes[i].type].attach)
			ok = attach_one(s, &s->program->probes[i]);
	if (s->attached.tracefs)
		tracefs_close(s->attached.tracefs);
	s->attached.tracefs = NULL;
	return ok;
}

struct closer {
	struct attachments *all;
	unsigned first, step;
};

/* Without a link the program goes with the event. Timers go at once; tracepoints' events are the slow ones.
 */
static void detach_one(struct attachment *a)
{
	if (a->link >= 0)
		close(a->link);
	if (a->event >= 0 && (a->link < 0 || !a->is_slow)) {
		close(a->event);
		a->event = -1;
	}
	a->link = -1;
}

static void *detach_some(void *arg)
{
	struct closer *c = arg;

	for (unsigned i = c->first; i < c->all->count; i += c->step)
		detach_one(&c->all->items[i]);
	return NULL;
}

/*
 * The kernel waits for a grace period when a program leaves an event, 20 to 60 ms.
 * One after another they take seconds; in threads, which need next to no stack, they wait together.
 */
#define CLOSERS 64

void attach_detach(struct attachments *a)
{
	struct closer closers[CLOSERS];
	pthread_t threads[CLOSERS];
	bool started[CLOSERS] = { false };
	unsigned n = a->count < CLOSERS ? a->count : CLOSERS;
	pthread_attr_t attr;

	if (a->detached)
		return;
	a->detached = true;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	for (unsigned i = 0; i < n; i++) {
		closers[i] = (struct closer){ a, i, n };
		started[i] = n > 1 && pthread_create(&threads[i], &attr, detach_some, &closers[i]) == 0;
		if (!started[i])
			detach_some(&closers[i]);
	}
	for (unsigned i = 0; i < n; i++)
		if (started[i])
			pthread_join(threads[i], NULL);
	pthread_attr_destroy(&attr);
}

/* More events than this are left to a process of their own. */
#define CLOSE_HERE 4

static void close_events(struct attachments *a)
{
	for (unsigned i = 0; i < a->count; i++)
		if (a->items[i].event >= 0)
			close(a->items[i].event);
}

/*
 * The end of a tracepoint's perf event waits for another grace period, and this
 * one under a lock of the kernel's: 20 of them take 0.7 s, in threads or not. The programs are
 * gone by now and nothing of ours runs any more, so we leave the waiting to a child
 * that has the same descriptors, and end. It holds neither stdout nor stderr open.
 */
static void close_events_elsewhere(struct attachments *a)
{
	int done[2];
	char byte;
	pid_t pid;

	if (pipe2(done, O_CLOEXEC)) {
		close_events(a);
		return;
	}
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, "kscope-detach");
		setsid();
		for (int fd = 0; fd <= 2; fd++)
			close(fd);
		close(done[1]);
		/* Only the last one to close an event waits: let that be us. */
		while (read(done[0], &byte, 1) < 0 && errno == EINTR)
			;
		_exit(0);
	}
	close(done[0]);
	close_events(a);
	close(done[1]);
}

void attach_release(struct attachments *a)
{
	unsigned events = 0;

	attach_detach(a);
	for (unsigned i = 0; i < a->count; i++)
		events += a->items[i].event >= 0;
	if (events > CLOSE_HERE)
		close_events_elsewhere(a);
	else
		close_events(a);
	free(a->items);
	*a = (struct attachments){ 0 };
}
