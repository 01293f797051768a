/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that a process compiled at run time (Java, JavaScript, …), from the file /tmp/perf-PID.map that
 * it writes. */
#ifndef KSCOPE_SYSTEM_PERF_MAP_H
#define KSCOPE_SYSTEM_PERF_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct perf_map;

struct perf_map *perf_map_create(void);
void perf_map_free(struct perf_map *m);

/*
 * Reads what the file got since the last time; false with errno. Anyone can write to /tmp: the file must be a
 * regular one, and owner's or root's (EPERM).
 */
bool perf_map_update(struct perf_map *m, const char *path, uid_t owner);

/* The function that holds the address, of several the one written last. The name lives as long as m. */
bool perf_map_find(struct perf_map *m, uint64_t address, const char **name, uint64_t *offset);

/* Adds the whole lines of a text; returns their length. For tests. */
size_t perf_map_parse(struct perf_map *m, const char *text, size_t len);

#endif
