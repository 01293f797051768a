/* SPDX-License-Identifier: Apache-2.0 */
/* The report of what was lost, at the end of a trace. */
#ifndef KSCOPE_RUNTIME_LOSSES_H
#define KSCOPE_RUNTIME_LOSSES_H

#include <stdio.h>

struct session;

/* A line for each probe and cause; nothing when nothing was lost. */
void losses_report(struct session *s, FILE *out);

#endif
