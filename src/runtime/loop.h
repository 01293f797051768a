/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop: signals, the traced process, the output's reader, and the ring buffer. */
#ifndef KSCOPE_RUNTIME_LOOP_H
#define KSCOPE_RUNTIME_LOOP_H

#include <stdbool.h>

struct session;

struct loop {
	int epoll, signals;
};

/* Takes the ending signals over, from now on; loop_run() sees the ones that came before it. */
bool loop_open(struct loop *l, struct session *s);
/* Until exit(), a signal, the end of the traced process or a lost reader. */
void loop_run(struct loop *l, struct session *s);
/* Everything that waits in the ring buffer. */
void loop_drain(struct session *s);
void loop_close(struct loop *l);

#endif
