/* SPDX-License-Identifier: Apache-2.0 */
/* self:signal:NAME: a signal that is sent to kscope itself. */
#include <signal.h>
#include <string.h>

#include "base/arena.h"
#include "probes/ops.h"

/* What ends a trace, and what cannot be caught. */
static bool is_taken(int number)
{
	return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGKILL ||
	       number == SIGSTOP || number == SIGPIPE;
}

static int signal_number(const char *name)
{
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (int i = 1; i < NSIG; i++) {
		if (sigabbrev_np(i) && strcmp(sigabbrev_np(i), name) == 0)
			return i;
	}
	return 0;
}

static bool expand(struct probes *env, const struct attach *at, struct program *program)
{
	struct probe *p;
	int number;

	if (at->nparts != 3 || strcmp(at->parts[1], "signal") != 0)
		return probes_form_error(env, at);
	number = signal_number(at->parts[2]);
	if (!number || is_taken(number)) {
		diag_error(env->diag, at->locs[2], PROBE_SIGNAL, at->parts[2]);
		return false;
	}
	p = probes_add(
	        env, at, program, arena_printf(env->arena, "self:signal:%s", at->parts[2]), NULL, NULL);
	if (p)
		p->period = (uint64_t)number;
	return p != NULL;
}

static bool list(struct probes *env, struct listing *l)
{
	for (int i = 1; i < NSIG; i++) {
		if (sigabbrev_np(i) && !is_taken(i))
			listing_line(l, arena_printf(env->arena, "self:signal:SIG%s", sigabbrev_np(i)));
	}
	return true;
}

const struct probe_ops probe_ops_SELF = { .expand = expand, .list = list, .only_by_name = true };
