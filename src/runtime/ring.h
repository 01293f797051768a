/* SPDX-License-Identifier: Apache-2.0 */
/* A consumer of the BPF ring buffer. */
#ifndef KSCOPE_RUNTIME_RING_H
#define KSCOPE_RUNTIME_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring {
	int fd; /* of the map, for epoll; the map's owner closes it */
	size_t size;
	unsigned long *consumer;
	const unsigned long *producer;
	const char *data;
	char *joined; /* a record that wraps around the end is put together here */
	size_t joined_cap;
};

typedef void (*ring_fn)(void *arg, const void *record, size_t len);

bool ring_open(struct ring *r, int map_fd);
void ring_close(struct ring *r);

/* Bytes that wait to be consumed, records' headers included. */
size_t ring_pending(const struct ring *r);

/* Calls fn for finished records, until none is left or `max` bytes are consumed; returns the bytes consumed.
 */
size_t ring_consume(struct ring *r, ring_fn fn, void *arg, size_t max);

#endif
