/* SPDX-License-Identifier: Apache-2.0 */
/* What was lost: the counters that the programs keep, and runs that the kernel skipped; reads that failed. */
#include "runtime/losses.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "lang/errors.h"
#include "runtime/session.h"

static uint64_t sum_cpus(int fd, uint32_t index, uint64_t *values, unsigned ncpus)
{
	uint64_t sum = 0;

	if (bpf_map_lookup_elem(fd, &index, values))
		return 0;
	for (unsigned i = 0; i < ncpus; i++)
		sum += values[i];
	return sum;
}

/* Causes whose number is of events; the others count other things. */
static bool counts_events(enum loss cause)
{
	return cause == LOSS_EVENT || cause == LOSS_SLOT;
}

static void report(struct session *s, const char *probe, uint64_t n, enum loss cause)
{
	struct lost l = { probe, n, loss_words(cause), counts_events(cause) };

	s->output.ops->lost(&s->output, &l);
}

static void report_counters(struct session *s, uint64_t *totals, unsigned *rows)
{
	uint64_t *values = mem_zalloc(s->ncpus * sizeof(*values));

	for (unsigned i = 0; i < s->program->nprobes; i++) {
		for (unsigned cause = 0; cause < LOSS_COUNT; cause++) {
			uint64_t n = sum_cpus(s->losses_fd, i * LOSS_COUNT + cause, values, s->ncpus);

			if (!n)
				continue;
			report(s, s->program->probes[i].name, n, (enum loss)cause);
			totals[cause] += n;
			rows[cause]++;
		}
	}
	free(values);
}

/* The first probe of a program stands for all that share it. */
static bool is_first_of_program(const struct program *p, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (strcmp(p->probes[k].prog, p->probes[i].prog) == 0)
			return false;
	return true;
}

/* lost: profile:hz:99: 2 runs skipped by the kernel: another probe was running on the CPU */
static void report_skipped(struct session *s)
{
	for (unsigned i = 0; i < s->program->nprobes; i++) {
		struct bpf_prog_info info = { 0 };
		uint32_t len = sizeof(info);
		const struct probe *p = &s->program->probes[i];
		int fd = session_program_fd(s, p);
		struct lost l = { .probe = p->name,
			.cause = "runs skipped by the kernel: another probe was running on the CPU" };

		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) || !info.recursion_misses)
			continue;
		l.count = info.recursion_misses;
		if (is_first_of_program(s->program, i))
			s->output.ops->lost(&s->output, &l);
	}
}

void losses_report(struct session *s)
{
	uint64_t totals[LOSS_COUNT] = { 0 };
	unsigned rows[LOSS_COUNT] = { 0 };

	if (s->losses_fd >= 0)
		report_counters(s, totals, rows);
	for (unsigned cause = 0; cause < LOSS_COUNT; cause++)
		if (rows[cause] > 1)
			report(s, NULL, totals[cause], (enum loss)cause);
	report_skipped(s);
}

/* Of all CPUs together. */
static struct failures sum_failures(int fd, uint32_t index, struct failures *values, unsigned ncpus)
{
	struct failures sum = { 0 };

	if (bpf_map_lookup_elem(fd, &index, values))
		return sum;
	for (unsigned i = 0; i < ncpus; i++) {
		sum.count += values[i].count;
		if (values[i].error)
			sum.error = values[i].error;
	}
	return sum;
}

/* ERANGE: the kernel's readers refuse addresses of processes, and NULL. */
static const char *failure_words(uint64_t error)
{
	return error == ERANGE ? "the address is not the kernel's" : strerror((int)error);
}

static int by_place(const void *a, const void *b)
{
	const struct read *const *x = a, *const *y = b;

	if ((*x)->loc.start != (*y)->loc.start)
		return (*x)->loc.start < (*y)->loc.start ? -1 : 1;
	return (*x)->loc.end < (*y)->loc.end ? -1 : (*x)->loc.end > (*y)->loc.end;
}

static void report_read(struct session *s, const struct read *r, const struct failures *f)
{
	const char *hint =
	        r->space == AS_KERNEL ? "test for NULL; uptr() says that a pointer is a process's" : NULL;

	diag_error_hint(&s->diag, r->loc, hint, READS_FAILED, (unsigned long long)f->count,
	        f->count == 1 ? "" : "s", failure_words(f->error));
}

void losses_report_reads(struct session *s)
{
	struct bpf_map *map = bpf_object__find_map_by_name(s->object, MAP_READS);
	const struct program *p = s->program;
	const struct read **order;
	struct failures *values;

	if (!p->nreads || !map || bpf_map__value_size(map) != sizeof(*values))
		return;
	order = arena_array(s->arena, const struct read *, p->nreads);
	for (unsigned i = 0; i < p->nreads; i++)
		order[i] = &p->reads[i];
	qsort(order, p->nreads, sizeof(*order), by_place);
	values = mem_zalloc(s->ncpus * sizeof(*values));
	for (unsigned i = 0; i < p->nreads; i++) {
		uint32_t index = (uint32_t)(order[i] - p->reads);
		struct failures f = sum_failures(bpf_map__fd(map), index, values, s->ncpus);

		if (f.count)
			report_read(s, order[i], &f);
	}
	free(values);
}
