/* SPDX-License-Identifier: Apache-2.0 */
/* begin, end and self probes: nothing is attached, the kernel runs the programs for us (BPF_PROG_RUN). */
#include <bpf/bpf.h>
#include <string.h>

#include "lang/errors.h"
#include "runtime/session.h"
#include "runtime/signals.h"

static bool run_program(struct session *s, const struct probe *p)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int err = bpf_prog_test_run_opts(session_program_fd(s, p), &opts);

	if (err)
		diag_error(&s->diag, p->loc, RUN_FAILED, p->name, strerror(-err));
	return !err;
}

bool attach_run(struct session *s, enum probe_type type)
{
	bool ok = true;

	for (unsigned i = 0; i < s->program->nprobes && ok; i++)
		if (s->program->probes[i].type == type)
			ok = run_program(s, &s->program->probes[i]);
	return ok;
}

bool attach_self(struct session *s, const struct probe *p, int program_fd)
{
	(void)s;
	(void)program_fd;
	return signals_watch((int)p->period);
}

void attach_run_self(struct session *s)
{
	uint64_t signals = signals_take();

	for (unsigned i = 0; signals && i < s->program->nprobes; i++) {
		const struct probe *p = &s->program->probes[i];

		if (p->type == PROBE_SELF && (signals >> (p->period - 1) & 1))
			run_program(s, p);
	}
}

bool attach_nothing_to_wait_for(const struct program *p)
{
	for (unsigned i = 0; i < p->nprobes; i++)
		if (attach_rows[p->probes[i].type].attach)
			return false;
	return true;
}
