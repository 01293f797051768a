/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes and what they have mapped. Addresses are printed long after they were recorded: by then the
 * process may have exited, called exec(), loaded or unloaded libraries, so older sets of mappings are kept
 * beside the newest. A file's symbols are read when one of its addresses is printed, and shared by all
 * processes that map it.
 */
#include "runtime/processes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "system/elf_symbols.h"
#include "system/perf_map.h"
#include "system/process_maps.h"

#define BUCKETS    1024
#define MAX_OLD    4 /* sets of mappings of a process */
#define MAX_EXITED 1024

/* How often a process is looked at: for an exec(), and for other changes, which costs more. */
#define EXEC_INTERVAL_NS 1000000ull
#define MAPS_INTERVAL_NS 100000000ull

struct file {
	struct file *next;
	dev_t dev;
	uint64_t inode;
	const char *path;
	bool deleted;
	pid_t pid; /* the last process that was seen to map it, and where */
	uint64_t start, end;
	struct elf_symbols *symbols;
	bool hopeless; /* it has none */
	pid_t failed;  /* it could not be opened by way of this process */
};

struct mapping {
	uint64_t start, end, offset;
	struct file *file; /* NULL: anonymous memory */
};

struct mappings {
	unsigned n;
	struct mapping v[];
};

struct process {
	struct process *next;
	pid_t pid;
	uid_t uid;
	struct mappings *sets[MAX_OLD]; /* the newest first */
	dev_t exe_dev;
	ino_t exe_inode;
	uint64_t pages;                /* of the address space, when the mappings were read */
	uint64_t exe_checked, checked; /* when */
	struct perf_map *jit;
	char *jit_path;
	uint64_t jit_checked;
	bool wanted; /* an address of it was recorded or looked up */
};

struct processes {
	struct arena *arena;
	struct process *processes[BUCKETS];
	struct file *files[BUCKETS];
	ino_t namespace; /* our mount namespace */
	struct elf_symbols *vdso;
	uint64_t vdso_size;
	/* Processes that have exited, in that order: their addresses may still be on the way. */
	pid_t exited[MAX_EXITED];
	unsigned nexited;
};

static uint64_t now_ns(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static ino_t mount_namespace(const char *pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/ns/mnt", pid);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* Every process of an architecture has the same vDSO; ours can be read most easily. */
static void load_vdso(struct processes *p)
{
	uint64_t at = getauxval(AT_SYSINFO_EHDR);
	struct process_maps *maps = at ? process_maps_read(getpid(), true) : NULL;

	for (unsigned i = 0; maps && i < maps->n; i++) {
		if (maps->v[i].start != at)
			continue;
		p->vdso_size = maps->v[i].end - at;
		p->vdso = elf_symbols_load_memory((const void *)(uintptr_t)at, p->vdso_size);
	}
	process_maps_free(maps);
}

struct processes *processes_create(void)
{
	struct processes *p = mem_zalloc(sizeof(*p));

	p->arena = arena_create();
	p->namespace = mount_namespace("self");
	load_vdso(p);
	return p;
}

static void free_process(struct process *proc)
{
	for (unsigned j = 0; j < MAX_OLD; j++)
		free(proc->sets[j]);
	perf_map_free(proc->jit);
	free(proc->jit_path);
	free(proc);
}

void processes_destroy(struct processes *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < BUCKETS; i++) {
		for (struct file *f = p->files[i]; f; f = f->next)
			elf_symbols_free(f->symbols);
		for (struct process *proc = p->processes[i], *next; proc; proc = next) {
			next = proc->next;
			free_process(proc);
		}
	}
	elf_symbols_free(p->vdso);
	arena_destroy(p->arena);
	free(p);
}

/*
 * The file at a path is not the one that was mapped when it has another inode on the same device. The device
 * alone says nothing: overlayfs and btrfs show other numbers in maps than stat() does.
 */
static bool is_other_file(const struct file *f, const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 || (st.st_dev == f->dev && st.st_ino != f->inode);
}

static bool try_path(struct file *f, const char *path)
{
	if (f->symbols || f->hopeless || is_other_file(f, path))
		return f->symbols;
	f->symbols = elf_symbols_load(path);
	if (!f->symbols && errno == ENOEXEC)
		f->hopeless = true;
	return f->symbols;
}

/*
 * While a process that maps the file is alive, the file can be reached through it, deleted or in another
 * mount namespace: /proc/PID/map_files (proc_pid_map_files(5)) is the file itself, /proc/PID/root the
 * process's own root directory. Otherwise there is only the path.
 */
static void load_file(struct file *f)
{
	struct strbuf path = { 0 };

	if (f->symbols || f->hopeless || f->failed == f->pid)
		return;
	strbuf_addf(&path, "/proc/%d/map_files/%llx-%llx", (int)f->pid, (unsigned long long)f->start,
	        (unsigned long long)f->end);
	try_path(f, path.data);
	if (!f->deleted) {
		strbuf_reset(&path);
		strbuf_addf(&path, "/proc/%d/root%s", (int)f->pid, f->path);
		try_path(f, path.data);
		try_path(f, f->path);
	}
	f->failed = f->pid;
	strbuf_free(&path);
}

static struct file *get_file(struct processes *p, const struct process_mapping *m, bool *is_new)
{
	dev_t dev = makedev(m->major, m->minor);
	struct file **bucket = &p->files[(m->inode ^ dev) % BUCKETS], *f;

	*is_new = false;
	for (f = *bucket; f; f = f->next)
		if (f->inode == m->inode && f->dev == dev && f->deleted == m->deleted &&
		        strcmp(f->path, m->path) == 0)
			return f;
	f = arena_new(p->arena, struct file);
	*f = (struct file){ .next = *bucket,
		.dev = dev,
		.inode = m->inode,
		.path = arena_strdup(p->arena, m->path),
		.deleted = m->deleted };
	/* "[vdso]" has its own way, the rest in brackets no file. */
	f->hopeless = m->path[0] != '/';
	*bucket = f;
	*is_new = true;
	return f;
}

static struct mappings *convert(struct processes *p, struct process *proc, const struct process_maps *maps)
{
	struct mappings *set = mem_zalloc(sizeof(*set) + maps->n * sizeof(set->v[0]));
	char pid[16];
	int foreign = -1;

	snprintf(pid, sizeof(pid), "%d", (int)proc->pid);
	for (unsigned i = 0; i < maps->n; i++) {
		const struct process_mapping *m = &maps->v[i];
		struct mapping *to = &set->v[set->n++];
		bool is_new;

		*to = (struct mapping){ m->start, m->end, m->offset, NULL };
		if (!m->path[0])
			continue;
		to->file = get_file(p, m, &is_new);
		to->file->pid = proc->pid;
		to->file->start = m->start;
		to->file->end = m->end;
		if (!is_new || to->file->hopeless)
			continue;
		/* When a container's last process is gone, nobody finds its files. A deleted one neither. */
		if (foreign < 0)
			foreign = mount_namespace(pid) != p->namespace;
		if (foreign || m->deleted)
			load_file(to->file);
	}
	return set;
}

/* Everything that old has is in new. Both are sorted. */
static bool includes(const struct mappings *new, const struct mappings *old)
{
	unsigned i = 0;

	for (unsigned j = 0; j < old->n; j++) {
		const struct mapping *m = &old->v[j];

		while (i < new->n &&new->v[i].end < m->end)
			i++;
		if (i == new->n || new->v[i].start > m->start || new->v[i].file != m->file)
			return false;
	}
	return true;
}

static uint64_t address_space(pid_t pid)
{
	char path[64], text[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return strtoull(text, NULL, 10);
}

/* Notes which program the process runs; false when it has exited. *changed: another one than before. */
static bool note_program(struct process *proc, bool *changed)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)proc->pid);
	if (stat(path, &st) < 0)
		return false;
	*changed = st.st_dev != proc->exe_dev || st.st_ino != proc->exe_inode;
	proc->exe_dev = st.st_dev;
	proc->exe_inode = st.st_ino;
	return true;
}

static void note_owner(struct process *proc)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", (int)proc->pid);
	if (stat(path, &st) == 0)
		proc->uid = st.st_uid;
}

/* Makes room for a newer set. */
static void shift_sets(struct process *proc)
{
	free(proc->sets[MAX_OLD - 1]);
	memmove(proc->sets + 1, proc->sets, (MAX_OLD - 1) * sizeof(proc->sets[0]));
	proc->sets[0] = NULL;
}

static void read_mappings(struct processes *p, struct process *proc)
{
	struct process_maps *maps = process_maps_read(proc->pid, true);
	struct mappings *set;

	if (maps && maps->n) {
		note_owner(proc);
		set = convert(p, proc, maps);
		if (proc->sets[0] && includes(set, proc->sets[0])) {
			free(proc->sets[0]);
		} else {
			shift_sets(proc);
		}
		proc->sets[0] = set;
	}
	process_maps_free(maps);
}

static struct process *find_process(const struct processes *p, pid_t pid)
{
	struct process *proc = p->processes[(unsigned)pid % BUCKETS];

	while (proc && proc->pid != pid)
		proc = proc->next;
	return proc;
}

static struct process *add_process(struct processes *p, pid_t pid)
{
	struct process **bucket = &p->processes[(unsigned)pid % BUCKETS];
	struct process *proc = mem_zalloc(sizeof(*proc));

	proc->pid = pid;
	proc->next = *bucket;
	*bucket = proc;
	return proc;
}

static struct process *get_process(struct processes *p, pid_t pid)
{
	struct process *proc = find_process(p, pid);
	bool changed;

	if (proc)
		return proc;
	proc = add_process(p, pid);
	proc->checked = proc->exe_checked = now_ns();
	note_program(proc, &changed);
	proc->pages = address_space(pid);
	read_mappings(p, proc);
	return proc;
}

void processes_remember(struct processes *p, pid_t pid)
{
	struct process *proc = get_process(p, pid);
	uint64_t now = now_ns(), pages;
	bool changed = false;

	proc->wanted = true;

	if (now - proc->exe_checked < EXEC_INTERVAL_NS)
		return;
	proc->exe_checked = now;
	if (!note_program(proc, &changed))
		return;
	if (!changed && now - proc->checked < MAPS_INTERVAL_NS)
		return;
	proc->checked = now;
	pages = address_space(pid);
	if (!changed && pages == proc->pages)
		return;
	proc->pages = pages;
	read_mappings(p, proc);
}

/* --- as it happens --- */

void processes_map(struct processes *p, pid_t pid, const struct process_mapping *m)
{
	struct process *proc = find_process(p, pid);
	struct mappings *old, *set;
	struct mapping new = { m->start, m->end, m->offset, NULL };
	bool is_new, placed = false;

	if (!proc)
		proc = add_process(p, pid);
	if (m->path[0]) {
		new.file = get_file(p, m, &is_new);
		new.file->pid = pid;
		new.file->start = m->start;
		new.file->end = m->end;
	}
	old = proc->sets[0];
	set = mem_zalloc(sizeof(*set) + ((old ? old->n : 0) + 1) * sizeof(set->v[0]));
	/* In order; what it overlaps is mapped no more. */
	for (unsigned i = 0; old && i < old->n; i++) {
		if (old->v[i].start < new.end &&new.start < old->v[i].end)
			continue;
		if (!placed && old->v[i].start > new.start) {
			set->v[set->n++] = new;
			placed = true;
		}
		set->v[set->n++] = old->v[i];
	}
	if (!placed)
		set->v[set->n++] = new;
	free(old);
	proc->sets[0] = set;
}

void processes_exec(struct processes *p, pid_t pid)
{
	struct process *proc = find_process(p, pid);

	if (!proc)
		add_process(p, pid);
	else if (proc->sets[0])
		shift_sets(proc);
}

void processes_fork(struct processes *p, pid_t parent, pid_t child)
{
	const struct process *from = find_process(p, parent);
	struct process *proc = find_process(p, child);
	size_t size;

	if (!from || !from->sets[0])
		return;
	if (!proc)
		proc = add_process(p, child);
	if (proc->sets[0])
		shift_sets(proc);
	size = sizeof(*from->sets[0]) + from->sets[0]->n * sizeof(from->sets[0]->v[0]);
	proc->sets[0] = mem_alloc(size);
	memcpy(proc->sets[0], from->sets[0], size);
}

/* A process that nobody asked for is forgotten, a while after its end. */
void processes_exit(struct processes *p, pid_t pid)
{
	pid_t *place = &p->exited[p->nexited++ % MAX_EXITED];
	struct process **at = &p->processes[(unsigned)*place % BUCKETS], *proc;

	while (*place && *at && (*at)->pid != *place)
		at = &(*at)->next;
	proc = *place ? *at : NULL;
	if (proc && !proc->wanted) {
		*at = proc->next;
		free_process(proc);
	}
	*place = pid;
}

static const struct mapping *find_mapping(const struct process *proc, uint64_t address)
{
	for (unsigned i = 0; i < MAX_OLD && proc->sets[i]; i++) {
		const struct mappings *set = proc->sets[i];
		unsigned lo = 0, hi = set->n;

		while (lo < hi) {
			unsigned mid = lo + (hi - lo) / 2;

			if (set->v[mid].end <= address)
				lo = mid + 1;
			else
				hi = mid;
		}
		if (lo < set->n && set->v[lo].start <= address)
			return &set->v[lo];
	}
	return NULL;
}

/* The process's number in its own PID namespace, by which it names its file: the last of "NSpid:\t1234\t7".
 */
static int own_pid(pid_t pid)
{
	char path[64], line[512];
	int own = (int)pid;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return own;
	while (fgets(line, sizeof(line), f)) {
		char *last;

		if (!str_starts(line, "NSpid:") || !(last = strrchr(line, '\t')))
			continue;
		own = atoi(last);
		break;
	}
	fclose(f);
	return own;
}

static bool update_jit(struct process *proc)
{
	char path[96];
	bool found;

	if (!proc->jit)
		proc->jit = perf_map_create();
	snprintf(path, sizeof(path), "/proc/%d/root/tmp/perf-%d.map", (int)proc->pid, own_pid(proc->pid));
	found = perf_map_update(proc->jit, path, proc->uid);
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)proc->pid);
	if (!found)
		found = perf_map_update(proc->jit, path, proc->uid);
	if (found && !proc->jit_path)
		proc->jit_path = mem_strdup(path);
	return found;
}

/* Code without a file may be a just-in-time compiler's. As perf does, its module is the file that names it.
 */
static bool find_jit(struct process *proc, uint64_t address, struct process_place *out)
{
	uint64_t now = now_ns();

	if (!proc->jit || !perf_map_find(proc->jit, address, &out->name, &out->offset)) {
		if (proc->jit_checked && now - proc->jit_checked < MAPS_INTERVAL_NS)
			return false;
		proc->jit_checked = now;
		if (!update_jit(proc) || !perf_map_find(proc->jit, address, &out->name, &out->offset))
			return false;
	}
	out->module = proc->jit_path;
	return true;
}

static bool is_vdso(const struct processes *p, const struct mapping *m)
{
	/* A 32-bit process has another one, at a low address. */
	return m->file && p->vdso && strcmp(m->file->path, "[vdso]") == 0 &&
	       m->end - m->start == p->vdso_size && m->start > UINT32_MAX;
}

void processes_find(struct processes *p, pid_t pid, uint64_t address, struct process_place *out)
{
	struct process *proc = get_process(p, pid);
	const struct mapping *m = find_mapping(proc, address);
	uint64_t now = now_ns();

	proc->wanted = true;
	memset(out, 0, sizeof(*out));
	if (!m && now - proc->checked >= MAPS_INTERVAL_NS) {
		proc->checked = now;
		proc->pages = address_space(pid);
		read_mappings(p, proc);
		m = find_mapping(proc, address);
	}
	if (!m)
		return;
	out->module_offset = address - m->start + m->offset;
	if (m->file)
		out->module = m->file->path;
	if (is_vdso(p, m)) {
		elf_symbols_find(p->vdso, address - m->start, &out->name, &out->offset);
		return;
	}
	if (m->file)
		load_file(m->file);
	if (!m->file || !m->file->symbols)
		find_jit(proc, address, out);
	else
		elf_symbols_find(m->file->symbols, out->module_offset, &out->name, &out->offset);
}
