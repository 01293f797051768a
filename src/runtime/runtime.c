/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running an image: the steps of a trace in their order. begin probes run before
 * the others are attached, end probes after the others are detached, so that
 * neither sees a trace that is half there.
 */
#include "runtime/runtime.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "lang/errors.h"
#include "runtime/events.h"
#include "runtime/loop.h"
#include "runtime/losses.h"
#include "runtime/session.h"
#include "runtime/symbols.h"

static void announce(struct session *s)
{
	if (!s->options->quiet)
		s->output.ops->attached(&s->output, s->program->nprobes - s->attached.skipped);
}

static int compare_names(const void *a, const void *b)
{
	const struct run_map *const *x = a, *const *y = b;

	return strcmp((*x)->map->name, (*y)->map->name);
}

/* The maps that are not empty, by name. */
static void print_maps(struct session *s)
{
	unsigned n = s->program->nmaps;
	struct run_map **maps = arena_array(s->arena, struct run_map *, n + 1);

	s->output.ops->before_maps(&s->output);
	if (!s->program->config.print_maps_on_exit)
		return;
	for (unsigned i = 0; i < n; i++)
		maps[i] = &s->maps[i];
	qsort(maps, n, sizeof(*maps), compare_names);
	for (unsigned i = 0; i < n; i++) {
		struct map_view view;

		if (map_read(maps[i], &view) && view.count)
			s->output.ops->map(&s->output, &view, 0, 0);
		map_view_free(&view);
	}
}

/* exit() says so in the mapped control word too, should its event not have come through. */
static void take_exit_request(struct session *s)
{
	uint64_t request = s->control ? s->control->exit_requested : 0;

	if (request && !s->exiting) {
		s->exiting = true;
		s->status = (int)((request - 1) & 0xff);
	}
}

static bool begin(struct session *s)
{
	bool ok = attach_run(s, PROBE_BEGIN);

	loop_drain(s);
	take_exit_request(s);
	return ok;
}

/* The trace proper, between begin and end. */
static bool trace(struct session *s)
{
	struct loop loop;
	bool ok = true;

	if (!loop_open(&loop, s)) {
		diag_error(&s->diag, LOC_NONE, LOAD_FAILED, strerror(errno));
		return false;
	}
	if (!s->options->dry_run)
		ok = begin(s);
	if (ok && !s->exiting)
		ok = attach_all(s);
	if (ok)
		announce(s);
	if (ok && !s->exiting && !s->options->dry_run)
		ok = child_release(s);
	if (ok && !s->exiting && !s->options->dry_run &&
	        (s->child.pid || !attach_nothing_to_wait_for(s->program)))
		loop_run(&loop, s);
	loop_close(&loop);
	return ok;
}

static void end(struct session *s)
{
	attach_detach(&s->attached);
	loop_drain(s);
	take_exit_request(s);
	s->exiting = false;
	attach_run(s, PROBE_END);
	loop_drain(s);
	print_maps(s);
	output_flush(&s->output);
	losses_report(s);
	losses_report_reads(s);
	output_flush(&s->output);
}

/* A reader that went away ends a trace quietly, a full disk does not. */
static void report_output(struct session *s)
{
	if (s->output.error && s->output.error != EPIPE)
		diag_error(&s->diag, LOC_NONE, OUTPUT_FAILED, strerror(s->output.error));
}

/* Where stacks' frames are, and who names them. */
static void find_stacks(struct session *s)
{
	struct bpf_map *map = bpf_object__find_map_by_name(s->object, MAP_STACKS);
	const struct config *c = &s->program->config;

	s->output.env.stacks = (struct stack_source){
		.map_fd = map ? bpf_map__fd(map) : -1,
		.symbols = symbols_create(c->cpp_demangle),
		.mode = stack_mode_by_name(c->stack_mode),
	};
	for (unsigned i = 0; i < s->program->nevents; i++) {
		if (s->program->events[i].kind == EVENT_PROCESS)
			symbols_watch(s->output.env.stacks.symbols);
	}
}

static bool run(struct session *s)
{
	const struct run_options *options = s->options;

	if (!session_open(s) || !child_check(s))
		return false;
	if (!options->dry_run && !options->dump_libbpf && !options->dump_verifier && !child_start(s))
		return false;
	if (!session_load(s))
		return false;
	if (options->dump_libbpf || options->dump_verifier)
		return true;
	output_open(&s->output, options, s->program->config.str_trunc_trailer);
	find_stacks(s);
	if (!trace(s))
		return false;
	if (!options->dry_run)
		end(s);
	return true;
}

int runtime_run(const void *image, size_t size, const struct run_options *options)
{
	struct session s = {
		.options = options,
		.image = image,
		.image_size = size,
		.arena = arena_create(),
		.losses_fd = -1,
		.ring = { .fd = -1 },
		.child = { .pidfd = -1, .go = -1, .failure = -1 },
	};
	bool ok;

	signal(SIGPIPE, SIG_IGN);
	diag_init(&s.diag, NULL, stderr, options->colour);
	s.diag.json = options->json;
	s.diag.no_warnings = options->no_warnings;
	ok = run(&s);
	child_end(&s);
	symbols_destroy(s.output.env.stacks.symbols);
	output_close(&s.output);
	report_output(&s);
	session_close(&s);
	arena_destroy(s.arena);
	return ok && !s.diag.errors ? s.status : 1;
}
