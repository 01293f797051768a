/* SPDX-License-Identifier: Apache-2.0 */
/* interval and profile: the kernel's CPU clock as a perf event, on one CPU or on all. */
#include <errno.h>
#include <stdlib.h>

#include "runtime/session.h"
#include "system/machine.h"

static struct perf_event_attr timer_attr(const struct probe *p)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
	};

	if (p->is_freq) {
		attr.freq = 1;
		attr.sample_freq = p->period;
	} else {
		attr.sample_period = p->period;
	}
	return attr;
}

bool attach_interval(struct session *s, const struct probe *p, int program_fd)
{
	struct perf_event_attr attr = timer_attr(p);
	int *cpus, cpu;

	/* A fixed period, so that an interval in Hz keeps its pace from the first tick on. */
	if (p->is_freq && p->period) {
		attr.freq = 0;
		attr.sample_period = 1000000000 / p->period;
	}
	cpu = machine_online_cpus(&cpus) ? cpus[0] : 0;
	free(cpus);
	return attach_perf_event(s, p, program_fd, &attr, cpu);
}

bool attach_profile(struct session *s, const struct probe *p, int program_fd)
{
	struct perf_event_attr attr = timer_attr(p);

	return attach_perf_event_all(s, p, program_fd, &attr);
}
