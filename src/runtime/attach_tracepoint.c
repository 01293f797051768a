/* SPDX-License-Identifier: Apache-2.0 */
/* Tracepoints, through perf events: their programs get the event's record. */
#include <errno.h>

#include "runtime/session.h"
#include "system/tracefs.h"

/* The program runs on every CPU, whichever one the perf event is opened on. */
bool attach_tracepoint(struct session *s, const struct probe *p, int program_fd)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.sample_period = 1,
		.wakeup_events = 1,
	};
	int64_t id;

	if (!s->attached.tracefs)
		s->attached.tracefs = tracefs_open();
	if (!s->attached.tracefs)
		return false;
	id = tracefs_event_id(s->attached.tracefs, p->group, p->target);
	if (id < 0)
		return false;
	attr.config = (uint64_t)id;
	return attach_perf_event(s, p, program_fd, &attr, 0);
}
