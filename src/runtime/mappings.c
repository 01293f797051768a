/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mappings as they happen: side-band records of a dummy perf event on each CPU
 * (perf_event_open(2): mmap2, comm_exec, task), read from their ring buffers. What they mean for
 * a process is processes.c's business.
 */
#include "runtime/mappings.h"

#include <linux/perf_event.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/arena.h"
#include "runtime/processes.h"
#include "system/machine.h"
#include "system/process_maps.h"

/* Of records, about 130 bytes each: what a CPU's processes map between two looks of ours. */
#define RING_BYTES (64u << 10)

struct side_ring {
	int fd;
	struct perf_event_mmap_page *page; /* RING_BYTES of data behind it */
};

struct mapping_watch {
	size_t page_size;
	unsigned n;
	struct side_ring rings[];
};

/* Records as perf_event.h describes them in comments. */
struct mmap2_record {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t start, len, offset;
	uint32_t major, minor;
	uint64_t inode, generation;
	uint32_t prot, flags;
	char path[];
};

struct comm_record {
	struct perf_event_header header;
	uint32_t pid, tid;
};

struct task_record {
	struct perf_event_header header;
	uint32_t pid, parent, tid, parent_tid;
};

static bool open_ring(struct side_ring *r, int cpu, size_t page_size)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.mmap = 1,
		.mmap2 = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.watermark = 1,
		.wakeup_watermark = RING_BYTES,
	};
	void *page;

	r->fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (r->fd < 0)
		return false;
	page = mmap(NULL, page_size + RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
	if (page == MAP_FAILED) {
		close(r->fd);
		return false;
	}
	r->page = page;
	return true;
}

struct mapping_watch *mapping_watch_open(void)
{
	int *cpus;
	unsigned n = machine_online_cpus(&cpus);
	struct mapping_watch *w = mem_zalloc(sizeof(*w) + n * sizeof(w->rings[0]));

	w->page_size = (size_t)sysconf(_SC_PAGESIZE);
	for (unsigned i = 0; i < n; i++)
		w->n += open_ring(&w->rings[w->n], cpus[i], w->page_size);
	free(cpus);
	if (w->n)
		return w;
	free(w);
	return NULL;
}

void mapping_watch_close(struct mapping_watch *w)
{
	if (!w)
		return;
	for (unsigned i = 0; i < w->n; i++) {
		munmap(w->rings[i].page, w->page_size + RING_BYTES);
		close(w->rings[i].fd);
	}
	free(w);
}

static void on_mmap(struct processes *p, const struct mmap2_record *r)
{
	struct process_mapping m = {
		.start = r->start,
		.end = r->start + r->len,
		.offset = r->offset,
		.major = r->major,
		.minor = r->minor,
		.inode = r->inode,
		.executable = true,
		.path = r->path,
	};

	/* Anonymous memory has a name of its own here. */
	if (strcmp(r->path, "//anon") == 0)
		m.path = "";
	processes_map(p, (pid_t)r->pid, &m);
}

static void on_record(struct processes *p, const struct perf_event_header *h)
{
	const struct task_record *task = (const void *)h;

	switch (h->type) {
	case PERF_RECORD_MMAP2:
		on_mmap(p, (const void *)h);
		break;
	case PERF_RECORD_COMM:
		if (h->misc & PERF_RECORD_MISC_COMM_EXEC)
			processes_exec(p, (pid_t)((const struct comm_record *)h)->pid);
		break;
	case PERF_RECORD_FORK:
		if (task->pid != task->parent)
			processes_fork(p, (pid_t)task->parent, (pid_t)task->pid);
		break;
	case PERF_RECORD_EXIT:
		if (task->pid == task->tid)
			processes_exit(p, (pid_t)task->pid);
		break;
	}
}

/* The kernel writes at head, we read from tail; a record may wrap at the end. */
static void drain_ring(struct processes *p, struct side_ring *r, size_t page_size)
{
	const char *data = (const char *)r->page + page_size;
	uint64_t head = __atomic_load_n(&r->page->data_head, __ATOMIC_ACQUIRE), tail = r->page->data_tail;
	union {
		struct perf_event_header header;
		char bytes[8192];
	} copy;

	while (tail < head) {
		const struct perf_event_header *h = (const void *)(data + tail % RING_BYTES);
		uint64_t at = tail % RING_BYTES, size = h->size, first = RING_BYTES - at;

		if (size < sizeof(*h) || size > head - tail)
			break;
		if (size <= sizeof(copy.bytes)) {
			memcpy(copy.bytes, data + at, size < first ? size : first);
			if (size > first)
				memcpy(copy.bytes + first, data, size - first);
			on_record(p, &copy.header);
		}
		tail += size;
	}
	__atomic_store_n(&r->page->data_tail, head, __ATOMIC_RELEASE);
}

void mapping_watch_drain(struct mapping_watch *w, struct processes *p)
{
	for (unsigned i = 0; w && i < w->n; i++)
		drain_ring(p, &w->rings[i], w->page_size);
}
