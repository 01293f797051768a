/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A workload: makes one cheap system call in a loop.
 *
 *     syscalls COUNT [NAME] [THREADS] [RATE]
 *
 * prints the nanoseconds that a call took, of the fastest of ten equal parts when the rate is
 * not limited. RATE is calls per second over all. Names: see calls[].
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum argument { NONE, BAD_FD, NULL_FD, ZERO_FD, BAD_PATH };

static const struct call {
	const char *name;
	long number;
	enum argument argument;
} calls[] = {
	{ "getppid", SYS_getppid, NONE },
	{ "getuid", SYS_getuid, NONE },
	{ "getgid", SYS_getgid, NONE },
	{ "close", SYS_close, BAD_FD },
	{ "write", SYS_write, NULL_FD },
	{ "read", SYS_read, ZERO_FD },
	{ "openat", SYS_openat, BAD_PATH },
	{ "sched_yield", SYS_sched_yield, NONE },
};

static const struct call *call;
static uint64_t count, rate;
static int file = -1;
static char buffer[256];

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* One call: 100 bytes to or from the file, -1 as a descriptor, a path that is not there. */
static void once(void)
{
	switch (call->argument) {
	case NONE:
		syscall(call->number);
		break;
	case BAD_FD:
		syscall(call->number, -1);
		break;
	case NULL_FD:
	case ZERO_FD:
		syscall(call->number, file, buffer, 100);
		break;
	case BAD_PATH:
		syscall(call->number, AT_FDCWD, "/nonexistent/kscope-test", O_RDONLY);
		break;
	}
}

/* n calls in batches of a millisecond each. */
static void paced(uint64_t n, uint64_t per_second)
{
	uint64_t batch = per_second / 1000 ? per_second / 1000 : 1, done = 0, start = now();

	while (done < n) {
		uint64_t i, due = start + (uint64_t)((double)done * 1e9 / (double)per_second);

		while (now() < due)
			usleep(100);
		for (i = 0; i < batch && done < n; i++, done++)
			once();
	}
}

static void *run(void *arg)
{
	uint64_t part = count / 10, *best = arg;

	if (rate) {
		paced(count, rate);
		return NULL;
	}
	for (unsigned i = 0; i < 10; i++) {
		uint64_t n = i ? part : count - 9 * part, start = now(), took;

		for (uint64_t k = 0; k < n; k++)
			once();
		took = now() - start;
		if (i && n && (!*best || took < *best))
			*best = took;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned threads = argc > 3 ? (unsigned)atoi(argv[3]) : 1;
	uint64_t best[64] = { 0 }, start;
	pthread_t thread[64];

	if (argc < 2 || threads < 1 || threads > 64) {
		fprintf(stderr, "syscalls COUNT [NAME] [THREADS] [RATE]\n");
		return 2;
	}
	count = strtoull(argv[1], NULL, 10);
	rate = argc > 4 ? strtoull(argv[4], NULL, 10) / threads : 0;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(argc > 2 ? argv[2] : "getppid", calls[i].name))
			call = &calls[i];
	if (!call) {
		fprintf(stderr, "syscalls: unknown call '%s'\n", argv[2]);
		return 2;
	}
	if (call->argument == NULL_FD)
		file = open("/dev/null", O_WRONLY);
	if (call->argument == ZERO_FD)
		file = open("/dev/zero", O_RDONLY);
	start = now();
	for (unsigned i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, run, &best[i]))
			return 1;
	for (unsigned i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	if (rate || count < 1000)
		printf("%.1f\n", (double)(now() - start) / (double)(count ? count : 1));
	else
		printf("%.1f\n", (double)best[0] / (double)(count / 10));
	return 0;
}
