/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A consumer of the BPF ring buffer. libbpf has one too, but maps the data
 * twice, and each mapping counts as resident memory in full: 8 MiB for a buffer
 * of 4. We map it once and put a record that wraps around the end together ourselves.
 */
#include "runtime/ring.h"

#include <bpf/bpf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"

#define RECORD_HEADER 8 /* u32 length and flags, u32 page offset */

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

bool ring_open(struct ring *r, int map_fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);
	size_t page = page_size();
	char *p;

	if (map_fd < 0 || bpf_obj_get_info_by_fd(map_fd, &info, &len))
		return false;
	r->fd = map_fd;
	r->size = info.max_entries;
	p = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	if (p == MAP_FAILED)
		return false;
	r->consumer = (unsigned long *)(void *)p;
	p = mmap(NULL, page + r->size, PROT_READ, MAP_SHARED, map_fd, (off_t)page);
	if (p == MAP_FAILED) {
		ring_close(r);
		return false;
	}
	r->producer = (const unsigned long *)(void *)p;
	r->data = p + page;
	return true;
}

void ring_close(struct ring *r)
{
	if (r->consumer)
		munmap(r->consumer, page_size());
	if (r->producer)
		munmap((void *)(uintptr_t)r->producer, page_size() + r->size);
	free(r->joined);
	*r = (struct ring){ .fd = -1 };
}

size_t ring_pending(const struct ring *r)
{
	if (!r->producer)
		return 0;
	return __atomic_load_n(r->producer, __ATOMIC_ACQUIRE) - *r->consumer;
}

static const void *record_bytes(struct ring *r, unsigned long position, size_t len)
{
	size_t at = position & (r->size - 1), first = r->size - at;

	if (len <= first)
		return r->data + at;
	if (len > r->joined_cap) {
		r->joined = mem_realloc(r->joined, len);
		r->joined_cap = len;
	}
	memcpy(r->joined, r->data + at, first);
	memcpy(r->joined + first, r->data, len - first);
	return r->joined;
}

size_t ring_consume(struct ring *r, ring_fn fn, void *arg, size_t max)
{
	unsigned long position, start, end;

	if (!r->producer)
		return 0;
	start = position = *r->consumer;
	end = __atomic_load_n(r->producer, __ATOMIC_ACQUIRE);
	while (position != end && position - start < max) {
		const uint32_t *header = (const void *)(r->data + (position & (r->size - 1)));
		uint32_t word = __atomic_load_n(header, __ATOMIC_ACQUIRE);
		size_t len = word & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		if (word & BPF_RINGBUF_BUSY_BIT)
			break;
		if (!(word & BPF_RINGBUF_DISCARD_BIT) && len <= r->size)
			fn(arg, record_bytes(r, position + RECORD_HEADER, len), len);
		position += (len + RECORD_HEADER + 7) & ~(size_t)7;
		__atomic_store_n(r->consumer, position, __ATOMIC_RELEASE);
	}
	return position - start;
}
