/* SPDX-License-Identifier: Apache-2.0 */
/* The signals that end a trace, SIGINT, SIGTERM and SIGHUP, and those that self probes wait for. */
#ifndef KSCOPE_RUNTIME_SIGNALS_H
#define KSCOPE_RUNTIME_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/* Takes the signals over; returns a descriptor that becomes readable with the first one, -1 with errno. */
int signals_open(void);
bool signals_received(void);

/* Waits for another signal too; false with errno. */
bool signals_watch(int number);
/* Those of them that have come since the last call: bit number - 1. */
uint64_t signals_take(void);

#endif
