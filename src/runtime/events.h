/* SPDX-License-Identifier: Apache-2.0 */
/* Events: records from the ring buffer, each carried out as its kind says. */
#ifndef KSCOPE_RUNTIME_EVENTS_H
#define KSCOPE_RUNTIME_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

struct session;

/* Carries out what waits in the ring buffer, all that was there on entry at least once; returns the bytes
 * consumed. */
size_t events_drain(struct session *s);

#endif
