/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names for addresses while printing. The kernel's come from kallsyms, which are read when the first kernel
 * address is printed; those of processes from processes.c, demangled here, each name once.
 */
#include "runtime/symbols.h"

#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/str.h"
#include "runtime/mappings.h"
#include "runtime/processes.h"
#include "system/demangle.h"
#include "system/kallsyms.h"

#define BUCKETS 4096

/* A module may have been loaded since; reading takes tens of milliseconds. */
#define KALLSYMS_INTERVAL_S 30

/* Of a name as its file has it, by address: those do not move. */
struct demangled {
	struct demangled *next;
	const char *mangled, *name;
};

struct symbols {
	bool demangle;
	struct kallsyms *kernel;
	bool kernel_tried;
	time_t kernel_read;
	struct processes *processes;
	struct mapping_watch *watch;
	struct arena *arena;
	struct demangled **demangled; /* BUCKETS; NULL until there is one */
};

struct symbols *symbols_create(bool demangle)
{
	struct symbols *s = mem_zalloc(sizeof(*s));

	s->demangle = demangle;
	s->arena = arena_create();
	return s;
}

void symbols_destroy(struct symbols *s)
{
	if (!s)
		return;
	kallsyms_free(s->kernel);
	mapping_watch_close(s->watch);
	processes_destroy(s->processes);
	free(s->demangled);
	arena_destroy(s->arena);
	free(s);
}

static time_t now_seconds(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec;
}

static void read_kallsyms(struct symbols *s)
{
	kallsyms_free(s->kernel);
	s->kernel = kallsyms_load(false);
	s->kernel_tried = true;
	s->kernel_read = now_seconds();
}

static bool find_kernel(struct symbols *s, uint64_t address, const char **name, uint64_t *offset)
{
	const char *module;

	/* Kernels live in the upper half; no reading for the garbage that stacks may hold. */
	if (!(address >> 63))
		return false;
	if (!s->kernel_tried)
		read_kallsyms(s);
	if (s->kernel && kallsyms_find(s->kernel, address, name, offset, &module))
		return true;
	if (now_seconds() - s->kernel_read < KALLSYMS_INTERVAL_S)
		return false;
	read_kallsyms(s);
	return s->kernel && kallsyms_find(s->kernel, address, name, offset, &module);
}

void symbols_kernel(struct symbols *s, uint64_t address, bool with_offset, struct strbuf *out)
{
	const char *name;
	uint64_t offset;

	if (!find_kernel(s, address, &name, &offset))
		strbuf_addf(out, "0x%llx", (unsigned long long)address);
	else if (with_offset)
		strbuf_addf(out, "%s+%llu", name, (unsigned long long)offset);
	else
		strbuf_adds(out, name);
}

static const char *demangled_name(struct symbols *s, const char *mangled)
{
	struct demangled **bucket, *d;
	char *name;

	if (mangled[0] != '_' || mangled[1] != 'Z')
		return mangled;
	if (!s->demangled)
		s->demangled = mem_zalloc(BUCKETS * sizeof(*s->demangled));
	bucket = &s->demangled[((uintptr_t)mangled ^ (uintptr_t)mangled >> 12) % BUCKETS];
	for (d = *bucket; d; d = d->next)
		if (d->mangled == mangled)
			return d->name;
	d = arena_new(s->arena, struct demangled);
	name = demangle(mangled);
	*d = (struct demangled){ *bucket, mangled, name ? arena_strdup(s->arena, name) : mangled };
	free(name);
	*bucket = d;
	return d->name;
}

static struct processes *processes(struct symbols *s)
{
	if (!s->processes)
		s->processes = processes_create();
	return s->processes;
}

void symbols_watch(struct symbols *s)
{
	s->watch = mapping_watch_open();
}

void symbols_update(struct symbols *s)
{
	if (s && s->watch)
		mapping_watch_drain(s->watch, processes(s));
}

void symbols_user(struct symbols *s, pid_t pid, uint64_t address, struct user_frame *out)
{
	struct process_place place;

	symbols_update(s);
	processes_find(processes(s), pid, address, &place);
	*out = (struct user_frame){
		.name = place.name && s->demangle ? demangled_name(s, place.name) : place.name,
		.offset = place.offset,
		.module = place.module ? place.module : "[unknown]",
		.module_offset = place.module_offset,
	};
}

void symbols_remember(struct symbols *s, pid_t pid)
{
	symbols_update(s);
	processes_remember(processes(s), pid);
}
