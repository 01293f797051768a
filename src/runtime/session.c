/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an image to loaded programs: description, sizes, constants, load. What a
 * rejection by the verifier means is verifier.c's business, attaching attach.c's.
 */
#include "runtime/session.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "lang/errors.h"
#include "runtime/elf.h"
#include "runtime/image_file.h"
#include "runtime/verifier.h"
#include "system/kallsyms.h"
#include "system/machine.h"

/* The verifier's log is long; what matters stands at its end. */
#define LOG_KEEP (4U << 20)

/* libbpf's print callback has no context argument. */
static struct session *logging;

static int keep_log(enum libbpf_print_level level, const char *format, va_list args)
{
	struct session *s = logging;

	if (!s)
		return 0;
	if (s->options->dump_libbpf || (s->options->verbose && level != LIBBPF_DEBUG)) {
		va_list copy;

		va_copy(copy, args);
		vfprintf(stderr, format, copy);
		va_end(copy);
	}
	if (level == LIBBPF_WARN && s->log.len < LOG_KEEP)
		strbuf_addv(&s->log, format, args);
	return 0;
}

static bool check_kernel(struct session *s)
{
	const struct program *p = s->program;
	const char *here;

	if (!p->kernel_bound)
		return true;
	here = machine_kernel_id(s->arena);
	if (here && p->kernel_id && strcmp(here, p->kernel_id) == 0)
		return true;
	diag_error(&s->diag, LOC_NONE, IMAGE_KERNEL, p->kernel_id ? p->kernel_id : "?", here ? here : "?");
	return false;
}

static bool read_description(struct session *s)
{
	const char *why;

	s->program = image_file_read(s->image, &s->image_size, s->arena, &why);
	if (!s->program) {
		diag_error(&s->diag, LOC_NONE, IMAGE_DAMAGED, why);
		return false;
	}
	s->diag.source = s->program->source;
	return true;
}

static void reserve_event_args(struct session *s)
{
	unsigned most = 0;

	for (unsigned i = 0; i < s->program->nevents; i++)
		most = s->program->events[i].nargs > most ? s->program->events[i].nargs : most;
	s->event_args = arena_array(s->arena, struct format_arg, most + 1);
}

bool session_open(struct session *s)
{
	s->losses_fd = -1;
	if (!read_description(s) || !check_kernel(s))
		return false;
	if (s->program->unsafe && !s->options->unsafe) {
		diag_error(&s->diag, LOC_NONE, IMAGE_UNSAFE);
		return false;
	}
	s->ncpus = machine_possible_cpus();
	reserve_event_args(s);
	return true;
}

/* A power of two of whole pages. The default holds more than 100 ms of a million small events a second, and
 * is small enough to stay mapped. */
static uint32_t ring_bytes(const struct program *p)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), size = page;
	uint64_t wanted = p->config.perf_rb_pages ? p->config.perf_rb_pages * page : 4U << 20;

	while (size < wanted && size < 1U << 30)
		size *= 2;
	return (uint32_t)size;
}

/* Writes the constant that the symbol names, in the map of .rodata. */
static void fill_rodata(struct session *s, const char *symbol, const void *p, size_t len)
{
	uint64_t offset, symbol_size;
	struct bpf_map *map;

	if (!elf_symbol(s->image, s->image_size, symbol, &offset, &symbol_size))
		return;
	bpf_object__for_each_map(map, s->object)
	{
		size_t size;
		const void *old = bpf_map__initial_value(map, &size);
		const char *name = bpf_map__name(map);
		size_t name_len = strlen(name);
		char *data;

		if (!old || name_len < 7 || strcmp(name + name_len - 7, ".rodata") != 0 || offset > size ||
		        len > size - offset)
			continue;
		data = mem_alloc(size);
		memcpy(data, old, size);
		memcpy(data + offset, p, len);
		bpf_map__set_initial_value(map, data, size);
		free(data);
	}
}

static void fill_machine(struct session *s, uint32_t ring_size)
{
	struct machine machine = {
		.start_ns = machine_boottime_ns(),
		.ncpus = s->ncpus,
		.cpid = (uint32_t)s->child.pid,
		.pid = (uint32_t)s->options->pid,
		.self = (uint32_t)getpid(),
		.slot_levels = SLOT_LEVELS,
		.ringbuf_size = ring_size,
	};

	fill_rodata(s, SYM_MACHINE, &machine, sizeof(machine));
}

/* kaddr(): addresses differ from boot to boot. */
static bool fill_kaddrs(struct session *s)
{
	const struct program *p = s->program;
	struct kallsyms *k;
	uint64_t *addresses;

	if (!p->nkaddrs)
		return true;
	k = kallsyms_load(true);
	addresses = arena_array(s->arena, uint64_t, p->nkaddrs);
	for (unsigned i = 0; i < p->nkaddrs; i++) {
		addresses[i] = k ? kallsyms_address(k, p->kaddrs[i]) : 0;
		if (!addresses[i])
			diag_error(&s->diag, LOC_NONE, NO_KERNEL_SYMBOL, p->kaddrs[i]);
	}
	kallsyms_free(k);
	fill_rodata(s, SYM_KADDRS, addresses, sizeof(*addresses) * p->nkaddrs);
	return !s->diag.errors;
}

static int set_entries(struct session *s, const char *name, uint64_t entries)
{
	struct bpf_map *map = bpf_object__find_map_by_name(s->object, name);

	return map ? bpf_map__set_max_entries(map, (uint32_t)entries) : 0;
}

/* The size of a slot is known when all programs are generated; the object may have been begun with another.
 */
static int size_slots(struct session *s)
{
	struct bpf_map *map = bpf_object__find_map_by_name(s->object, MAP_SLOTS);
	uint32_t size = (s->program->slot_size + 7) & ~7U;

	if (!map)
		return 0;
	if (size && bpf_map__value_size(map) != size && bpf_map__set_value_size(map, size))
		return -EINVAL;
	return bpf_map__set_max_entries(map, s->ncpus * SLOT_LEVELS);
}

static bool size_maps(struct session *s, uint32_t ring_size)
{
	uint64_t losses = (uint64_t)s->program->nprobes * LOSS_COUNT;
	int err = set_entries(s, MAP_EVENTS, ring_size);

	if (!err)
		err = size_slots(s);
	if (!err)
		err = set_entries(s, MAP_LOSSES, losses ? losses : 1);
	if (err)
		diag_error(&s->diag, LOC_NONE, LOAD_FAILED, strerror(-err));
	return !err;
}

/* Program types come from the table of probe types, not from section names. */
static void set_program_types(struct session *s)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, s->object) bpf_program__set_autoattach(prog, false);
	for (unsigned i = 0; i < s->program->nprobes; i++) {
		const struct probe *p = &s->program->probes[i];

		prog = p->prog ? bpf_object__find_program_by_name(s->object, p->prog) : NULL;
		if (prog)
			bpf_program__set_type(prog, attach_rows[p->type].program_type);
	}
}

static int fd_of_map(struct session *s, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(s->object, name);

	return map ? bpf_map__fd(map) : -1;
}

static void map_control(struct session *s)
{
	int fd = fd_of_map(s, MAP_CONTROL);
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		s->control = p;
}

static bool find_maps(struct session *s)
{
	s->maps = arena_array(s->arena, struct run_map, s->program->nmaps + 1);
	for (unsigned i = 0; i < s->program->nmaps; i++) {
		const struct map *m = &s->program->maps[i];
		struct bpf_map *map = bpf_object__find_map_by_name(s->object, m->bpf_name);

		/* The object has the last word on sizes; a description that disagrees must not be believed.
		 */
		if (!map || bpf_map__value_size(map) != layout_map_value(m) ||
		        bpf_map__key_size(map) != layout_map_key(m)) {
			diag_error(&s->diag, LOC_NONE, IMAGE_DAMAGED, "a map differs from its description");
			return false;
		}
		s->maps[i].map = m;
		s->maps[i].fd = bpf_map__fd(map);
		s->maps[i].ncpus = map_is_percpu(m) ? s->ncpus : 1;
	}
	s->losses_fd = fd_of_map(s, MAP_LOSSES);
	map_control(s);
	return ring_open(&s->ring, fd_of_map(s, MAP_EVENTS)) || !s->program->nevents;
}

static bool load_object(struct session *s)
{
	int err;

	if (s->options->dump_verifier)
		verifier_keep_logs(s);
	err = bpf_object__load(s->object);
	if (s->options->dump_verifier)
		verifier_dump_logs(s);
	if (err)
		verifier_report(s, -err);
	return !err;
}

bool session_load(struct session *s)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "kscope");
	uint32_t ring_size = ring_bytes(s->program);
	bool ok;

	logging = s;
	libbpf_set_print(keep_log);
	s->object = bpf_object__open_mem(s->image, s->image_size, &opts);
	if (!s->object) {
		diag_error(&s->diag, LOC_NONE, IMAGE_DAMAGED, "libbpf cannot read it");
		return false;
	}
	set_program_types(s);
	if (!size_maps(s, ring_size))
		return false;
	fill_machine(s, ring_size);
	if (!fill_kaddrs(s))
		return false;
	ok = load_object(s) && find_maps(s);
	strbuf_free(&s->log);
	return ok;
}

int session_program_fd(struct session *s, const struct probe *p)
{
	struct bpf_program *prog = p->prog ? bpf_object__find_program_by_name(s->object, p->prog) : NULL;

	return prog ? bpf_program__fd(prog) : -1;
}

void session_close(struct session *s)
{
	attach_detach(&s->attached);
	ring_close(&s->ring);
	if (s->control)
		munmap((void *)s->control, (size_t)sysconf(_SC_PAGESIZE));
	bpf_object__close(s->object);
	/* Last: it may leave a process behind for a while, which should hold nothing else. */
	attach_release(&s->attached);
	strbuf_free(&s->log);
	logging = NULL;
}
