/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first signal asks the trace to end, the second one ends the process. They
 * are handled rather than blocked and read from a signalfd, so that the second works
 * whatever we are doing, even when we hang in a write to a reader that does not read.
 */
#include "runtime/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* timeout(1) sends its signal twice, to us and to our group: that is one request. */
#define SAME_REQUEST_NS 100000000

static volatile sig_atomic_t received;
static int64_t first_ns;
static int wake_fd = -1;

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void on_signal(int number)
{
	static const uint64_t one = 1;
	int err = errno;

	if (!received) {
		received = 1;
		first_ns = now_ns();
		if (write(wake_fd, &one, sizeof(one)) < 0) {
			/* The loop then sees `received` at its next look at the ring buffer. */
		}
	} else if (now_ns() - first_ns > SAME_REQUEST_NS) {
		signal(number, SIG_DFL);
		raise(number);
	}
	errno = err;
}

int signals_open(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake_fd < 0)
		return -1;
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		sigaddset(&action.sa_mask, numbers[i]);
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		struct sigaction old;

		/* nohup's SIGHUP stays ignored. A shell ignores SIGINT for jobs in the background too, but it
		 * is how a trace is ended. */
		sigaction(numbers[i], NULL, &old);
		if (numbers[i] != SIGHUP || old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
	return wake_fd;
}

bool signals_received(void)
{
	return received;
}

static _Atomic uint64_t watched;

static void on_watched(int number)
{
	static const uint64_t one = 1;
	int err = errno;

	atomic_fetch_or(&watched, 1ULL << (number - 1));
	if (write(wake_fd, &one, sizeof(one)) < 0) {
		/* The loop looks for itself. */
	}
	errno = err;
}

bool signals_watch(int number)
{
	struct sigaction action = { .sa_handler = on_watched, .sa_flags = SA_RESTART };

	return sigaction(number, &action, NULL) == 0;
}

uint64_t signals_take(void)
{
	uint64_t count;

	if (!watched)
		return 0;
	if (read(wake_fd, &count, sizeof(count)) < 0) {
		/* It was read before. */
	}
	return atomic_exchange(&watched, 0);
}
