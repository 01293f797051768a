/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command of -c is forked before anything is loaded, since the programs
 * know its pid as a constant, and waits in a pipe until the probes are attached.
 */
#include "runtime/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "lang/errors.h"
#include "runtime/session.h"

#define TERM_WAIT_MS 1000

char **child_split(const char *command)
{
	size_t len = strlen(command), slots = len / 2 + 2;
	char **words = mem_alloc(slots * sizeof(*words) + len + 1);
	char *out = (char *)(words + slots);
	char quote = 0;
	bool inside = false;
	size_t n = 0;

	for (const char *p = command; *p; p++) {
		bool blank = !quote && (*p == ' ' || *p == '\t' || *p == '\n');

		if (!inside && !blank) {
			words[n++] = out;
			inside = true;
		}
		if (blank) {
			if (inside)
				*out++ = 0;
			inside = false;
		} else if (quote ? *p == quote : *p == '"' || *p == '\'') {
			quote = quote ? 0 : *p;
		} else if (*p == '\\' && quote != '\'' && p[1] && (!quote || p[1] == '"' || p[1] == '\\')) {
			*out++ = *++p;
		} else {
			*out++ = *p;
		}
	}
	*out = 0;
	words[n] = NULL;
	if (quote) {
		free(words);
		return NULL;
	}
	return words;
}

static bool is_executable(const char *path, int *err)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		*err = errno;
		return false;
	}
	if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0) {
		*err = EACCES;
		return false;
	}
	return true;
}

/* Like execvp(), but now, while an error can still be reported before anything is loaded. */
static char *find_command(const char *name, struct arena *a, int *err)
{
	const char *path = getenv("PATH");

	*err = ENOENT;
	if (strchr(name, '/'))
		return is_executable(name, err) ? arena_strdup(a, name) : NULL;
	for (const char *p = path ? path : "/bin:/usr/bin"; *name; p++) {
		size_t len = strcspn(p, ":");
		char *file =
		        len ? arena_printf(a, "%.*s/%s", (int)len, p, name) : arena_printf(a, "./%s", name);
		int why;

		if (is_executable(file, &why))
			return file;
		if (why == EACCES)
			*err = EACCES;
		p += len;
		if (!*p)
			break;
	}
	return NULL;
}

/* What child_check() found and child_start() needs. */
static char **command_words;
static char *command_path;

static bool check_command(struct session *s)
{
	int err;

	command_words = child_split(s->options->command);
	if (!command_words || !command_words[0]) {
		diag_error(&s->diag, LOC_NONE, COMMAND_SYNTAX, s->options->command,
		        command_words ? "it is empty" : "a quote is not closed");
		return false;
	}
	command_path = find_command(command_words[0], s->arena, &err);
	if (!command_path)
		diag_error(&s->diag, LOC_NONE, COMMAND_EXEC, command_words[0], strerror(err));
	return command_path;
}

static int open_pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

bool child_check(struct session *s)
{
	s->child = (struct child){ .pidfd = -1, .go = -1, .failure = -1 };
	if (s->options->pid) {
		s->child.pidfd = open_pidfd(s->options->pid);
		if (s->child.pidfd < 0 && (errno == ESRCH || errno == EINVAL)) {
			diag_error(&s->diag, LOC_NONE, PID_MISSING, (int)s->options->pid);
			return false;
		}
	}
	return !s->options->command || check_command(s);
}

static _Noreturn void run_child(int go, int failure)
{
	char byte;
	int err;

	/* A pipe that closes without a byte: there is no trace, so there is nothing to run. */
	if (read(go, &byte, 1) != 1)
		_exit(127);
	signal(SIGPIPE, SIG_DFL);
	execv(command_path, command_words);
	err = errno;
	if (write(failure, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

bool child_start(struct session *s)
{
	int go[2], failure[2];
	struct child *c = &s->child;

	if (!s->options->command)
		return true;
	if (pipe2(go, O_CLOEXEC) || pipe2(failure, O_CLOEXEC) || (c->pid = fork()) < 0) {
		c->pid = 0;
		diag_error(&s->diag, LOC_NONE, COMMAND_EXEC, command_words[0], strerror(errno));
		return false;
	}
	if (!c->pid) {
		close(go[1]);
		run_child(go[0], failure[1]);
	}
	close(go[0]);
	close(failure[1]);
	c->go = go[1];
	c->failure = failure[0];
	if (c->pidfd >= 0)
		close(c->pidfd);
	c->pidfd = open_pidfd(c->pid);
	return true;
}

bool child_release(struct session *s)
{
	struct child *c = &s->child;
	int err = 0;

	if (!c->pid)
		return true;
	if (write(c->go, "", 1) != 1)
		err = errno;
	close(c->go);
	c->go = -1;
	/* Closed by a successful exec: then there is nothing to read. */
	if (!err && read(c->failure, &err, sizeof(err)) != sizeof(err))
		err = 0;
	if (err)
		diag_error(&s->diag, LOC_NONE, COMMAND_EXEC, command_words[0], strerror(err));
	return !err;
}

void child_end(struct session *s)
{
	struct child *c = &s->child;
	struct pollfd p = { .fd = c->pidfd, .events = POLLIN };

	if (c->go >= 0)
		close(c->go);
	if (c->failure >= 0)
		close(c->failure);
	if (c->pid && !c->reaped && waitpid(c->pid, NULL, WNOHANG) == 0) {
		kill(c->pid, SIGTERM);
		/* One that ignores the signal outlives us rather than the other way round. */
		if (c->pidfd < 0 || poll(&p, 1, TERM_WAIT_MS) > 0)
			waitpid(c->pid, NULL, 0);
	}
	if (c->pidfd >= 0)
		close(c->pidfd);
	free(command_words);
	command_words = NULL;
	*c = (struct child){ .pidfd = -1, .go = -1, .failure = -1 };
}

/* All that a descriptor's file holds. */
static void read_file(int fd, struct strbuf *out)
{
	char block[4096];
	ssize_t n;

	for (off_t at = 0; (n = pread(fd, block, sizeof(block), at)) > 0; at += n)
		strbuf_add(out, block, (size_t)n);
}

/* A file in memory rather than a pipe: a process that the command leaves behind would hold that open. */
void child_system(const char *command, struct strbuf *out)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)(uintptr_t)command, NULL };
	int file = out ? memfd_create("kscope-system", MFD_CLOEXEC) : -1;
	posix_spawn_file_actions_t actions;
	bool started;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	if (file >= 0)
		posix_spawn_file_actions_adddup2(&actions, file, STDOUT_FILENO);
	started = posix_spawn(&pid, "/bin/sh", &actions, NULL, argv, environ) == 0;
	posix_spawn_file_actions_destroy(&actions);
	while (started && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (file >= 0) {
		read_file(file, out);
		close(file);
	}
}
