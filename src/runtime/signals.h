/* SPDX-License-Identifier: Apache-2.0 */
/* The signals that end a trace: SIGINT, SIGTERM, SIGHUP. */
#ifndef KSCOPE_RUNTIME_SIGNALS_H
#define KSCOPE_RUNTIME_SIGNALS_H

#include <stdbool.h>

/* Takes the signals over; returns a descriptor that becomes readable with the first one, -1 with errno. */
int signals_open(void);
bool signals_received(void);

#endif
