/* SPDX-License-Identifier: Apache-2.0 */
/* The processes a trace is about: the command of -c, and the process of -p. */
#ifndef KSCOPE_RUNTIME_CHILD_H
#define KSCOPE_RUNTIME_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct session;
struct strbuf;

struct child {
	pid_t pid;   /* of the command; 0: none */
	int pidfd;   /* of the command, or of the process of -p */
	int go;      /* closing it without a byte ends the child */
	int failure; /* the child reports the errno of execv() here */
	bool reaped;
};

/* Checks -p and finds the command of -c. Starts neither; false after an error, which is reported. */
bool child_check(struct session *s);
/* Forks the child, which waits for child_release(). */
bool child_start(struct session *s);
/* Lets the child run its command; false if that cannot be executed. */
bool child_release(struct session *s);
/* SIGTERM for a child that still runs; reaps it. */
void child_end(struct session *s);

/* Splits a command at blanks; quotes and backslashes as in a shell, without expansions. NULL-terminated, one
 * block for free(); NULL: a quote is not closed. */
char **child_split(const char *command);

/* Runs a shell command and waits for it. What it prints is appended to out; NULL: goes to stdout. */
void child_system(const char *command, struct strbuf *out);

#endif
