/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop. Programs send most records without a wake-up, which would cost
 * more than the record; we look at the ring buffer at intervals instead, shorter
 * ones while it fills fast. A wake-up that a program does send (exit) is seen
 * through epoll in edge-triggered mode: level-triggered, data that merely waits would wake us too.
 */
#include "runtime/loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "runtime/events.h"
#include "runtime/session.h"
#include "runtime/signals.h"
#include "runtime/symbols.h"

#define PAUSE_MIN_MS 1
#define PAUSE_MAX_MS 25

enum wake {
	WAKE_RING,
	WAKE_SIGNAL,
	WAKE_PROCESS,
	WAKE_OUTPUT,
};

static void watch(struct loop *l, int fd, uint32_t events, enum wake what)
{
	struct epoll_event e = { .events = events, .data.u32 = what };

	/* Regular files cannot be watched and need not be. */
	if (fd >= 0)
		epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e);
}

bool loop_open(struct loop *l, struct session *s)
{
	l->signals = signals_open();
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	watch(l, l->signals, EPOLLIN, WAKE_SIGNAL);
	watch(l, s->child.pidfd, EPOLLIN, WAKE_PROCESS);
	if (s->ring.producer)
		watch(l, s->ring.fd, EPOLLIN | EPOLLET, WAKE_RING);
	if (s->output.file)
		watch(l, fileno(s->output.file), 0, WAKE_OUTPUT);
	return l->signals >= 0 && l->epoll >= 0;
}

static void handle(struct session *s, const struct epoll_event *e)
{
	switch ((enum wake)e->data.u32) {
	case WAKE_RING:
	case WAKE_SIGNAL:
		break;
	case WAKE_PROCESS:
		s->stopped = true;
		break;
	case WAKE_OUTPUT:
		s->output.error = s->output.error ? s->output.error : EPIPE;
		break;
	}
}

static bool is_over(const struct session *s)
{
	return s->stopped || signals_received() || s->exiting || s->output.error ||
	       (s->control && s->control->exit_requested);
}

/* 25 ms for the usual buffer, which 160 MB/s fill in that time; less for a small one. */
static int longest_pause(const struct session *s)
{
	size_t ms = s->ring.size >> 17;

	return ms > PAUSE_MAX_MS ? PAUSE_MAX_MS : ms < PAUSE_MIN_MS ? PAUSE_MIN_MS : (int)ms;
}

/* Half the pause when the buffer fills fast, twice when it does not. */
static int next_pause(const struct session *s, size_t consumed, int pause)
{
	int longest = longest_pause(s);

	if (!s->ring.producer)
		return -1;
	if (consumed > s->ring.size / 8)
		return pause / 2 > PAUSE_MIN_MS ? pause / 2 : PAUSE_MIN_MS;
	if (consumed < s->ring.size / 32)
		return pause * 2 < longest ? pause * 2 : longest;
	return pause;
}

void loop_run(struct loop *l, struct session *s)
{
	struct epoll_event events[8];
	int pause = next_pause(s, 0, PAUSE_MAX_MS);

	while (!is_over(s)) {
		size_t consumed;
		int n;

		attach_run_self(s);
		consumed = events_drain(s);

		/* More than a buffer's worth came in meanwhile: go on, but look at the signals first. */
		bool behind = consumed && ring_pending(&s->ring) > s->ring.size / 2;

		if (is_over(s))
			break;
		symbols_update(s->output.env.stacks.symbols);
		if (!behind)
			output_idle(&s->output);
		pause = next_pause(s, consumed, pause);
		n = epoll_wait(l->epoll, events, 8, behind ? 0 : pause);
		for (int i = 0; i < n; i++)
			handle(s, &events[i]);
		if (n < 0 && errno != EINTR)
			break;
	}
}

void loop_drain(struct session *s)
{
	while (events_drain(s))
		;
}

void loop_close(struct loop *l)
{
	/* The signals' descriptor stays: a signal may still come. */
	if (l->epoll >= 0)
		close(l->epoll);
	l->epoll = -1;
}
