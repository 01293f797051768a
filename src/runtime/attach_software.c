/* SPDX-License-Identifier: Apache-2.0 */
/* Software events of the kernel, on every CPU; one row each. */
#include <errno.h>
#include <string.h>

#include "runtime/session.h"

static const struct software_row {
	const char *name, *alias;
	uint64_t config;
	uint64_t period; /* when the script names none */
} software_rows[] = {
	{ "alignment-faults", "", PERF_COUNT_SW_ALIGNMENT_FAULTS, 1 },
	{ "bpf-output", "", PERF_COUNT_SW_BPF_OUTPUT, 1 },
	{ "context-switches", "cs", PERF_COUNT_SW_CONTEXT_SWITCHES, 1000 },
	{ "cpu-clock", "cpu", PERF_COUNT_SW_CPU_CLOCK, 1000000 },
	{ "cpu-migrations", "", PERF_COUNT_SW_CPU_MIGRATIONS, 1 },
	{ "dummy", "", PERF_COUNT_SW_DUMMY, 1 },
	{ "emulation-faults", "", PERF_COUNT_SW_EMULATION_FAULTS, 1 },
	{ "major-faults", "", PERF_COUNT_SW_PAGE_FAULTS_MAJ, 1 },
	{ "minor-faults", "", PERF_COUNT_SW_PAGE_FAULTS_MIN, 100 },
	{ "page-faults", "faults", PERF_COUNT_SW_PAGE_FAULTS, 100 },
	{ "task-clock", "", PERF_COUNT_SW_TASK_CLOCK, 1000000 },
};

bool attach_software(struct session *s, const struct probe *p, int program_fd)
{
	for (unsigned i = 0; i < sizeof(software_rows) / sizeof(*software_rows); i++) {
		const struct software_row *row = &software_rows[i];
		struct perf_event_attr attr = {
			.type = PERF_TYPE_SOFTWARE,
			.config = row->config,
			.sample_period = p->period ? p->period : row->period,
		};

		if (strcmp(p->target, row->name) == 0 || strcmp(p->target, row->alias) == 0)
			return attach_perf_event_all(s, p, program_fd, &attr);
	}
	errno = ENOENT;
	return false;
}
