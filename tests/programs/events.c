/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A workload: does what its arguments say, one after another, and nothing else.
 *
 *     events ACTION[:ARGUMENT[:ARGUMENT]]…
 *
 * Actions: see actions[]. Results do not matter; what the kernel sees does.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void do_open(const char *a, const char *b)
{
	(void)b;
	int fd = (int)syscall(SYS_openat, AT_FDCWD, a, O_RDONLY);

	if (fd >= 0)
		syscall(SYS_close, fd);
}

static void do_oldopen(const char *a, const char *b)
{
	(void)b;
#ifdef SYS_open
	int fd = (int)syscall(SYS_open, a, O_RDONLY);

	if (fd >= 0)
		syscall(SYS_close, fd);
#else
	do_open(a, b);
#endif
}

static void do_stat(const char *a, const char *b)
{
	struct stat s;

	(void)b;
	if (stat(a, &s))
		return;
}

static void do_oldstat(const char *a, const char *b)
{
	(void)b;
#ifdef SYS_stat
	char s[512];

	syscall(SYS_stat, a, s);
#else
	do_stat(a, b);
#endif
}

static void do_statfs(const char *a, const char *b)
{
	char s[512];

	(void)b;
	syscall(SYS_statfs, a, s);
}

static void do_write(const char *a, const char *b)
{
	static char data[1 << 16];
	int fd = open(a, O_WRONLY | O_CREAT, 0600);

	if (fd >= 0 && write(fd, data, (size_t)(atoi(b) & 0xffff)) >= 0)
		close(fd);
}

static void do_fsync(const char *a, const char *b)
{
	int fd = open(a, O_RDWR);

	(void)b;
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

static void do_sync(const char *a, const char *b)
{
	(void)a, (void)b;
	sync();
}

/* Child that waits to be killed by `signal`. */
static void do_kill(const char *a, const char *b)
{
	pid_t pid = fork();

	(void)b;
	if (pid < 0)
		return;
	if (!pid)
		for (;;)
			pause();
	kill(pid, atoi(a));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void do_setuid(const char *a, const char *b)
{
	(void)b;
	syscall(SYS_setuid, atoi(a));
}

static void do_setreuid(const char *a, const char *b)
{
	syscall(SYS_setreuid, atoi(a), atoi(b));
}

static void do_setresuid(const char *a, const char *b)
{
	syscall(SYS_setresuid, atoi(a), atoi(b), -1);
}

static void do_comm(const char *a, const char *b)
{
	(void)b;
	prctl(PR_SET_NAME, a);
}

static void do_sleep(const char *a, const char *b)
{
	(void)b;
	usleep((useconds_t)atoi(a) * 1000);
}

/* b bytes from /dev/zero, a times. */
static void do_read(const char *a, const char *b)
{
	static char data[1 << 20];
	int fd = open("/dev/zero", O_RDONLY);

	for (int i = 0; i < atoi(a); i++)
		if (read(fd, data, (size_t)atoi(b) & 0xfffff) < 0)
			break;
	close(fd);
}

static void do_exec(const char *a, const char *b)
{
	pid_t pid = fork();

	if (pid < 0)
		return;
	if (!pid) {
		execl(a, a, b, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

/* `a` processes that exit with status `b`. */
static void do_fork(const char *a, const char *b)
{
	for (int i = 0; i < atoi(a); i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(atoi(b));
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
}

static void do_exit(const char *a, const char *b)
{
	(void)b;
	exit(atoi(a));
}

/* Goes on in the directory `a`. */
static void do_chdir(const char *a, const char *b)
{
	(void)b;
	if (chdir(a))
		exit(1);
}

static const struct action {
	const char *name;
	void (*run)(const char *a, const char *b);
} actions[] = {
	{ "open", do_open },
	{ "oldopen", do_oldopen },
	{ "stat", do_stat },
	{ "oldstat", do_oldstat },
	{ "statfs", do_statfs },
	{ "write", do_write },
	{ "fsync", do_fsync },
	{ "sync", do_sync },
	{ "kill", do_kill },
	{ "setuid", do_setuid },
	{ "setreuid", do_setreuid },
	{ "setresuid", do_setresuid },
	{ "comm", do_comm },
	{ "sleep", do_sleep },
	{ "read", do_read },
	{ "exec", do_exec },
	{ "fork", do_fork },
	{ "exit", do_exit },
	{ "chdir", do_chdir },
};

static int act(char *word)
{
	char *a = strchr(word, ':'), *b = NULL;

	if (a)
		*a++ = '\0';
	b = a ? strchr(a, ':') : NULL;
	if (b)
		*b++ = '\0';
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(word, actions[i].name)) {
			actions[i].run(a ? a : "", b ? b : "");
			return 0;
		}
	fprintf(stderr, "events: unknown action '%s'\n", word);
	return 2;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (act(argv[i]))
			return 2;
	return 0;
}
