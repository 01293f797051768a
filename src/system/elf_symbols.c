/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Function symbols of an ELF file: .symtab, or .dynsym when that has more, and when a stripped file has no
 * .symtab, that of the separate debug file of the same build id. Kept are 16 bytes per function and the
 * string tables, small ones as a copy and large ones as a private mapping, of which only the pages that are
 * looked at cost memory.
 */
#include "system/elf_symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"

#define DEBUG_DIR "/usr/lib/debug/.build-id"

/* Above that a string table is mapped. A copy cannot be truncated by others, so small is better copied. */
#define MAX_COPY (4u << 20)

#define TABLES     3 /* .dynsym, .symtab, the debug file's .symtab */
#define NAME_BITS  30
#define NAME_MASK  ((1u << NAME_BITS) - 1)
#define MAX_SIZE   ((1u << 29) - 1)
#define MAX_NESTED 32

/* After so many names the pages of a mapped table are given back; the names lie in no order. */
#define DROP_INTERVAL 256

/* Which of several names at an offset, or of several offsets of a name, is meant. */
enum rank {
	RANK_GLOBAL,
	RANK_OLD, /* a version that only programs linked long ago use: "foo@V1" */
	RANK_LOCAL,
};

struct symbol {
	uint64_t offset;
	uint32_t size : 29;
	uint32_t unsized : 1; /* assembly: size is how far it may reach */
	uint32_t rank : 2;
	uint32_t name; /* table << NAME_BITS | place in it */
};

struct strings {
	char *data; /* NUL-terminated */
	size_t size;
	size_t mapped, skip; /* bytes of the mapping, and of it before data */
	bool changed;        /* differs from the file */
};

/* What look-ups change. */
struct lookups {
	unsigned *by_name; /* indices; made when names are looked up more often than a scan is good for */
	unsigned names, addresses;
};

struct elf_symbols {
	struct symbol *syms; /* by offset, the best name first */
	unsigned n, cap;
	struct strings strings[TABLES];
	struct {
		uint64_t address, end, offset;
	} * segments;
	unsigned nsegments;
	bool versions; /* it defines some, so names may end in "@V1" */
	struct lookups *lookups;
};

/* A file while it is read. */
struct input {
	Elf *elf;
	int fd;            /* -1: memory */
	const char *image; /* then */
	size_t size;
};

static const char *name_of(const struct elf_symbols *e, const struct symbol *sym)
{
	return e->strings[sym->name >> NAME_BITS].data + (sym->name & NAME_MASK);
}

/* Gives back the memory of a mapped table's pages, which were looked at for once. */
static void drop_pages(const struct strings *s)
{
	if (s->mapped && !s->changed)
		madvise(s->data - s->skip, s->mapped, MADV_DONTNEED);
}

static void drop_all_pages(const struct elf_symbols *e)
{
	for (unsigned i = 0; i < TABLES; i++)
		drop_pages(&e->strings[i]);
}

/* A private copy of a part of the file, writable, with a NUL behind it. */
static bool read_strings(const struct input *in, const GElf_Shdr *sh, struct strings *s)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = sh->sh_size;
	char *map;

	if (sh->sh_type != SHT_STRTAB || !size || size > NAME_MASK || sh->sh_offset > in->size ||
	        size > in->size - sh->sh_offset)
		return false;
	s->size = size;
	if (in->fd < 0 || size <= MAX_COPY) {
		s->data = mem_zalloc(size + 1);
		if (in->fd < 0)
			memcpy(s->data, in->image + sh->sh_offset, size);
		else if (pread(in->fd, s->data, size, (off_t)sh->sh_offset) != (ssize_t)size)
			return false; /* elf_symbols_free() frees it */
		return true;
	}
	s->skip = sh->sh_offset % page;
	map = mmap(NULL, size + s->skip, PROT_READ | PROT_WRITE, MAP_PRIVATE, in->fd,
	        (off_t)(sh->sh_offset - s->skip));
	if (map == MAP_FAILED)
		return false;
	s->mapped = size + s->skip;
	s->data = map + s->skip;
	if (s->data[size - 1]) { /* none is so in a sound file */
		s->data[size - 1] = '\0';
		s->changed = true;
	}
	return true;
}

static bool add_segments(struct elf_symbols *e, Elf *elf)
{
	size_t n;

	if (elf_getphdrnum(elf, &n) < 0)
		return false;
	e->segments = mem_zalloc((n ? n : 1) * sizeof(*e->segments));
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(elf, (int)i, &ph) || ph.p_type != PT_LOAD || !(ph.p_flags & PF_X))
			continue;
		e->segments[e->nsegments].address = ph.p_vaddr;
		e->segments[e->nsegments].end = ph.p_vaddr + ph.p_filesz;
		e->segments[e->nsegments++].offset = ph.p_offset;
	}
	return true;
}

static bool to_offset(const struct elf_symbols *e, uint64_t address, uint64_t *offset)
{
	for (unsigned i = 0; i < e->nsegments; i++) {
		if (address < e->segments[i].address || address >= e->segments[i].end)
			continue;
		*offset = address - e->segments[i].address + e->segments[i].offset;
		return true;
	}
	return false;
}

/*
 * A version is behind '@' in .symtab ("foo@@V2" is the default, "foo@V1" is not) and cut off; .dynsym has it
 * in a table of its own, where bit 15 says that it is not the default (LSB, "Symbol Version Table").
 */
static enum rank cut_version(const struct elf_symbols *e, struct strings *s, const GElf_Sym *sym,
        const Elf_Data *versions, size_t i)
{
	enum rank rank = GELF_ST_BIND(sym->st_info) == STB_LOCAL ? RANK_LOCAL : RANK_GLOBAL;
	char *name = s->data + sym->st_name, *at = e->versions ? strchr(name, '@') : NULL;
	GElf_Versym version;

	if (at && at > name) {
		if (at[1] != '@')
			rank = RANK_OLD;
		*at = '\0';
		s->changed = true;
	}
	if (versions && gelf_getversym((Elf_Data *)versions, (int)i, &version) && (version & 0x8000))
		rank = RANK_OLD;
	return rank;
}

static void add_symbol(struct elf_symbols *e, unsigned table, Elf *elf, const GElf_Sym *sym, enum rank rank)
{
	struct symbol new = { .rank = rank, .name = table << NAME_BITS | sym->st_name };
	uint64_t size = sym->st_size;

	if (!to_offset(e, sym->st_value, &new.offset) || !new.offset)
		return;
	if (!size) {
		Elf_Scn *scn = elf_getscn(elf, sym->st_shndx);
		GElf_Shdr sh;

		if (!scn || !gelf_getshdr(scn, &sh) || sym->st_value - sh.sh_addr >= sh.sh_size)
			return;
		size = sh.sh_addr + sh.sh_size - sym->st_value;
		new.unsized = 1;
	}
	new.size = size > MAX_SIZE ? MAX_SIZE : (uint32_t)size;
	if (e->n == e->cap) {
		e->cap = e->cap ? e->cap * 2 : 256;
		e->syms = mem_realloc(e->syms, e->cap * sizeof(*e->syms));
	}
	e->syms[e->n++] = new;
}

/* Adds the functions of a symbol table. */
static void add_table(struct elf_symbols *e, const struct input *in, Elf_Scn *scn, const GElf_Shdr *sh,
        unsigned table, const Elf_Data *versions)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	Elf_Scn *strings = elf_getscn(in->elf, sh->sh_link);
	GElf_Shdr strings_sh;
	size_t n;

	if (!data || !sh->sh_entsize || !strings || !gelf_getshdr(strings, &strings_sh) ||
	        e->strings[table].data || !read_strings(in, &strings_sh, &e->strings[table]))
		return;
	n = data->d_size / gelf_fsize(in->elf, ELF_T_SYM, 1, EV_CURRENT);
	for (size_t i = 1; i < n; i++) {
		GElf_Sym sym;

		if (!gelf_getsym(data, (int)i, &sym) || sym.st_shndx == SHN_UNDEF)
			continue;
		if (GELF_ST_TYPE(sym.st_info) != STT_FUNC && GELF_ST_TYPE(sym.st_info) != STT_GNU_IFUNC)
			continue;
		if (sym.st_name && sym.st_name < e->strings[table].size)
			add_symbol(e, table, in->elf, &sym,
			        cut_version(e, &e->strings[table], &sym, versions, i));
	}
}

/* The tables of a file, of the debug file .symtab only. Returns whether it has a .symtab. */
static bool add_tables(struct elf_symbols *e, const struct input *in, bool debug)
{
	Elf_Scn *scn = NULL, *dynsym = NULL, *symtab = NULL;
	GElf_Shdr sh, dynsym_sh, symtab_sh;
	Elf_Data *versions = NULL;

	while ((scn = elf_nextscn(in->elf, scn))) {
		if (!gelf_getshdr(scn, &sh))
			continue;
		if (sh.sh_type == SHT_DYNSYM && !dynsym) {
			dynsym = scn;
			dynsym_sh = sh;
		} else if (sh.sh_type == SHT_SYMTAB && !symtab) {
			symtab = scn;
			symtab_sh = sh;
		} else if (sh.sh_type == SHT_GNU_versym) {
			versions = elf_getdata(scn, NULL);
		} else if (sh.sh_type == SHT_GNU_verdef) {
			e->versions = true;
		}
	}
	/* A whole .symtab has what .dynsym has; some strip(1) options leave only a few symbols in it. */
	if (dynsym && !debug && (!symtab || symtab_sh.sh_size < dynsym_sh.sh_size))
		add_table(e, in, dynsym, &dynsym_sh, 0, versions);
	if (symtab)
		add_table(e, in, symtab, &symtab_sh, debug ? 2 : 1, NULL);
	return symtab;
}

/* The path of the debug file, by the build id; false when the file has none. */
static bool debug_path(Elf *elf, char *path, size_t size)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(elf, scn))) {
		size_t at = 0, name_at, desc_at;
		Elf_Data *data;
		GElf_Shdr sh;
		GElf_Nhdr note;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_NOTE || !(data = elf_getdata(scn, NULL)))
			continue;
		while ((at = gelf_getnote(data, at, &note, &name_at, &desc_at)) > 0) {
			const uint8_t *id = (const uint8_t *)data->d_buf + desc_at;
			int len;

			if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 || note.n_descsz < 2 ||
			        note.n_descsz > 64 || memcmp((char *)data->d_buf + name_at, "GNU", 4))
				continue;
			len = snprintf(path, size, DEBUG_DIR "/%02x/", id[0]);
			for (unsigned i = 1; i < note.n_descsz; i++)
				len += snprintf(path + len, size - (size_t)len, "%02x", id[i]);
			snprintf(path + len, size - (size_t)len, ".debug");
			return true;
		}
	}
	return false;
}

static int underscores(const char *s)
{
	return (int)strspn(s, "_");
}

/* By offset; then the name that a programmer would use: malloc before __libc_malloc. */
static int compare_offsets(const void *va, const void *vb, void *arg)
{
	const struct elf_symbols *e = arg;
	const struct symbol *a = va, *b = vb;
	const char *name_a, *name_b;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	if (a->unsized != b->unsized)
		return a->unsized ? 1 : -1;
	if (a->rank != b->rank)
		return (int)a->rank - (int)b->rank;
	name_a = name_of(e, a);
	name_b = name_of(e, b);
	if (underscores(name_a) != underscores(name_b))
		return underscores(name_a) - underscores(name_b);
	return strcmp(name_a, name_b);
}

/* Sorts, drops what several tables have, and ends functions without a size where the next begins. */
static void finish(struct elf_symbols *e)
{
	unsigned n = 0;

	if (!e->n)
		return;
	qsort_r(e->syms, e->n, sizeof(*e->syms), compare_offsets, e);
	for (unsigned i = 0; i < e->n; i++) {
		if (n && e->syms[n - 1].offset == e->syms[i].offset &&
		        strcmp(name_of(e, &e->syms[n - 1]), name_of(e, &e->syms[i])) == 0)
			continue;
		e->syms[n++] = e->syms[i];
	}
	e->n = n;
	for (unsigned i = n - 1; i-- > 0;) {
		unsigned next = i + 1;

		if (!e->syms[i].unsized)
			continue;
		while (next < n && e->syms[next].offset == e->syms[i].offset)
			next++;
		if (next < n && e->syms[next].offset - e->syms[i].offset < e->syms[i].size)
			e->syms[i].size = (uint32_t)(e->syms[next].offset - e->syms[i].offset) & MAX_SIZE;
	}
	e->syms = mem_realloc(e->syms, n * sizeof(*e->syms));
	drop_all_pages(e);
}

/* An open ELF file; false with errno. What map_files or a script names may be anything by now: no FIFO must
 * hang. */
static bool open_file(const char *path, struct input *in)
{
	struct stat st;

	*in = (struct input){ .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) };
	if (in->fd < 0)
		return false;
	if (fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode)) {
		in->size = (size_t)st.st_size;
		in->elf = elf_begin(in->fd, ELF_C_READ_MMAP, NULL);
	}
	if (in->elf && elf_kind(in->elf) == ELF_K_ELF)
		return true;
	elf_end(in->elf);
	close(in->fd);
	errno = ENOEXEC;
	return false;
}

static void add_debug_file(struct elf_symbols *e, Elf *elf)
{
	char path[sizeof(DEBUG_DIR) + 160];
	struct input in;

	if (!debug_path(elf, path, sizeof(path)) || !open_file(path, &in))
		return;
	add_tables(e, &in, true);
	elf_end(in.elf);
	close(in.fd);
}

static struct elf_symbols *load(const struct input *in)
{
	struct elf_symbols *e = mem_zalloc(sizeof(*e));

	e->lookups = mem_zalloc(sizeof(*e->lookups));
	if (!add_segments(e, in->elf)) {
		elf_symbols_free(e);
		errno = ENOEXEC;
		return NULL;
	}
	if (!add_tables(e, in, false) && in->fd >= 0)
		add_debug_file(e, in->elf);
	finish(e);
	return e;
}

struct elf_symbols *elf_symbols_load(const char *path)
{
	struct elf_symbols *e;
	struct input in;

	elf_version(EV_CURRENT);
	if (!open_file(path, &in))
		return NULL;
	e = load(&in);
	elf_end(in.elf);
	close(in.fd);
	return e;
}

struct elf_symbols *elf_symbols_load_memory(const void *image, size_t size)
{
	struct input in = { .fd = -1, .image = image, .size = size };
	struct elf_symbols *e;

	elf_version(EV_CURRENT);
	in.elf = elf_memory((char *)image, size);
	if (!in.elf || elf_kind(in.elf) != ELF_K_ELF) {
		elf_end(in.elf);
		errno = ENOEXEC;
		return NULL;
	}
	e = load(&in);
	elf_end(in.elf);
	return e;
}

void elf_symbols_free(struct elf_symbols *e)
{
	if (!e)
		return;
	for (unsigned i = 0; i < TABLES; i++) {
		if (e->strings[i].mapped)
			munmap(e->strings[i].data - e->strings[i].skip, e->strings[i].mapped);
		else
			free(e->strings[i].data);
	}
	if (e->lookups)
		free(e->lookups->by_name);
	free(e->lookups);
	free(e->segments);
	free(e->syms);
	free(e);
}

bool elf_symbols_find(const struct elf_symbols *e, uint64_t file_offset, const char **name, uint64_t *offset)
{
	unsigned lo = 0, hi = e->n;
	const struct symbol *found = NULL;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;

		if (e->syms[mid].offset <= file_offset)
			lo = mid + 1;
		else
			hi = mid;
	}
	/* Functions may lie in each other: the nearest start whose function reaches that far, and its best
	 * name. */
	for (unsigned i = lo; i-- > 0 && lo - i <= MAX_NESTED;) {
		if (found && e->syms[i].offset != found->offset)
			break;
		if (file_offset - e->syms[i].offset < e->syms[i].size)
			found = &e->syms[i];
	}
	if (!found)
		return false;
	if (++e->lookups->addresses % DROP_INTERVAL == 0)
		drop_pages(&e->strings[found->name >> NAME_BITS]);
	*name = name_of(e, found);
	*offset = file_offset - found->offset;
	return true;
}

/* By name, then the symbol that is meant first. */
static int compare_names(const void *va, const void *vb, void *arg)
{
	const struct elf_symbols *e = arg;
	const struct symbol *a = &e->syms[*(const unsigned *)va], *b = &e->syms[*(const unsigned *)vb];
	int c = strcmp(name_of(e, a), name_of(e, b));

	if (c)
		return c;
	if (a->rank != b->rank)
		return (int)a->rank - (int)b->rank;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static const struct symbol *scan(const struct elf_symbols *e, const char *name)
{
	const struct symbol *found = NULL;

	for (unsigned i = 0; i < e->n; i++)
		if ((!found || e->syms[i].rank < found->rank) && strcmp(name_of(e, &e->syms[i]), name) == 0)
			found = &e->syms[i];
	drop_all_pages(e);
	return found;
}

static const struct symbol *look_up(const struct elf_symbols *e, const char *name)
{
	unsigned lo = 0, hi = e->n;

	if (!e->lookups->by_name) {
		if (++e->lookups->names <= 8)
			return scan(e, name);
		e->lookups->by_name = mem_alloc((e->n + 1) * sizeof(*e->lookups->by_name));
		for (unsigned i = 0; i < e->n; i++)
			e->lookups->by_name[i] = i;
		qsort_r(e->lookups->by_name, e->n, sizeof(*e->lookups->by_name), compare_names, (void *)e);
	}
	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;

		if (strcmp(name_of(e, &e->syms[e->lookups->by_name[mid]]), name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == e->n || strcmp(name_of(e, &e->syms[e->lookups->by_name[lo]]), name) != 0)
		return NULL;
	return &e->syms[e->lookups->by_name[lo]];
}

uint64_t elf_symbols_offset(const struct elf_symbols *e, const char *name, uint64_t *size)
{
	const struct symbol *sym = look_up(e, name);

	if (size)
		*size = sym && !sym->unsized ? sym->size : 0;
	return sym ? sym->offset : 0;
}

int elf_symbols_each(
        const struct elf_symbols *e, const char *glob, int (*fn)(void *arg, const char *name), void *arg)
{
	unsigned *list = mem_alloc((e->n + 1) * sizeof(*list)), n = 0;
	const char *last = NULL;
	int ret = 0;

	for (unsigned i = 0; i < e->n; i++)
		if (str_glob(glob, name_of(e, &e->syms[i])))
			list[n++] = i;
	qsort_r(list, n, sizeof(*list), compare_names, (void *)e);
	for (unsigned i = 0; i < n && !ret; i++) {
		const char *name = name_of(e, &e->syms[list[i]]);

		if (!last || strcmp(last, name) != 0)
			ret = fn(arg, name);
		last = name;
	}
	free(list);
	drop_all_pages(e);
	return ret;
}
