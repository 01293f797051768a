/* SPDX-License-Identifier: Apache-2.0 */
/* begin and end: no target, no arguments, always there. */
#include "probes/ops.h"

static bool expand(struct probes *env, const struct attach *at, struct program *program)
{
	if (at->nparts != 1)
		return probes_form_error(env, at);
	return probes_add(env, at, program, at->row->name, NULL, NULL) != NULL;
}

static bool list_begin(struct probes *env, struct listing *l)
{
	(void)env;
	listing_line(l, "begin");
	return true;
}

static bool list_end(struct probes *env, struct listing *l)
{
	(void)env;
	listing_line(l, "end");
	return true;
}

const struct probe_ops probe_ops_BEGIN = { .expand = expand, .list = list_begin, .only_by_name = true };
const struct probe_ops probe_ops_END = { .expand = expand, .list = list_end, .only_by_name = true };
