/* SPDX-License-Identifier: Apache-2.0 */
/* The report of what was lost, at the end of a trace. */
#ifndef KSCOPE_RUNTIME_LOSSES_H
#define KSCOPE_RUNTIME_LOSSES_H

struct session;

/* Reports each probe and cause to the output; nothing when nothing was lost. */
void losses_report(struct session *s);

/* -k: a warning for each expression whose reads failed. */
void losses_report_reads(struct session *s);

#endif
