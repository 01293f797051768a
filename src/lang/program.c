/* SPDX-License-Identifier: Apache-2.0 */
/* The program's arrays, and small questions about its parts. */
#include "lang/program.h"

#include "base/arena.h"

struct map *program_add_map(struct program *p, struct arena *a)
{
	struct map *m = vec_push(a, p->maps, p->nmaps, p->maps_cap);

	m->id = p->nmaps - 1;
	return m;
}

struct event *program_add_event(struct program *p, struct arena *a)
{
	struct event *e = vec_push(a, p->events, p->nevents, p->events_cap);

	e->id = p->nevents - 1;
	e->map = -1;
	return e;
}

struct probe *program_add_probe(struct program *p, struct arena *a)
{
	struct probe *probe = vec_push(a, p->probes, p->nprobes, p->probes_cap);

	probe->cookie = p->nprobes - 1;
	return probe;
}

struct read *program_add_read(struct program *p, struct arena *a)
{
	return vec_push(a, p->reads, p->nreads, p->reads_cap);
}

bool map_is_percpu(const struct map *m)
{
	return m->kind == MAP_SCALAR_PERCPU || m->kind == MAP_HASH_PERCPU || m->kind == MAP_LRU_HASH_PERCPU;
}

bool map_is_scalar(const struct map *m)
{
	return m->kind == MAP_SCALAR || m->kind == MAP_SCALAR_PERCPU;
}

const char *loss_words(enum loss l)
{
	static const char *const words[LOSS_COUNT] = {
#define LOSS(id, words) [LOSS_##id] = words,
#include "lang/losses.def"
	};

	return words[l];
}
