/* SPDX-License-Identifier: Apache-2.0 */
/* The script's maps at run time: reading and merging over CPUs, clearing, zeroing. Printing is the output's.
 */
#ifndef KSCOPE_RUNTIME_MAPS_H
#define KSCOPE_RUNTIME_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/layout.h"
#include "lang/program.h"

struct run_map {
	const struct map *map;
	int fd;
	unsigned ncpus; /* values per key: 1 unless per CPU */
	bool zeroed;    /* zero() was called: a scalar aggregation prints as 0 though it looks unset */
};

struct map_entry {
	const void *key;
	const void *value; /* merged over the CPUs */
};

/* What a map holds, sorted as it is printed: numbers by value, histograms by total, others by key. */
struct map_view {
	const struct map *map;
	struct map_entry *entries;
	unsigned count;
	void *keys, *values;
};

/* Reads the whole map; a scalar that is unset has no entry. False with errno. */
bool map_read(struct run_map *m, struct map_view *view);
/* Reads one key; the view has no entry when it is absent. */
bool map_read_key(struct run_map *m, const void *key, struct map_view *view);
void map_view_free(struct map_view *view);

bool map_clear(struct run_map *m);
bool map_zero(struct run_map *m);

/* Aggregations, from merged words. */
bool agg_is_set(const struct type *t, const uint64_t *words);
/* count, sum, min, max, avg as a number (0 when unset), stats as its total. */
int64_t agg_number(const struct type *t, const uint64_t *words);
/* Folds the words of another CPU into the first ones. */
void agg_merge(const struct type *t, uint64_t *into, const uint64_t *from, unsigned nwords);
/* average of stats */
int64_t agg_average(const struct type *t, const uint64_t *words);

#endif
