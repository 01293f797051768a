/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's symbols. The kernel prints them with every read of /proc/kallsyms, which is most of
 * what loading costs; so the file is read once, in pieces, and kept as an array of 16 bytes per symbol and
 * one blob of names. A line is (kernel/kallsyms.c, s_show()):
 *
 *     ffffffff81234560 T do_sys_openat2
 *     ffffffffc0201000 t ext4_iget	[ext4]
 */
#include "system/kallsyms.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"

/* The table has no sizes: how far the last function of the kernel or of a module may reach. */
#define LAST_FUNCTION_SIZE 65536

struct symbol {
	uint64_t address;
	uint32_t name; /* in names; the order in which they were read */
	uint16_t module;
	bool function;
};

struct kallsyms {
	struct symbol *syms;
	unsigned n, cap;
	char *names;
	size_t names_len, names_cap;
	char **modules; /* [0]: "", the kernel itself */
	unsigned nmodules;
	bool data; /* variables too */
};

static uint16_t module_number(struct kallsyms *k, const char *name, size_t len)
{
	/* A module's symbols follow each other. */
	for (unsigned i = k->nmodules; i-- > 0;)
		if (strlen(k->modules[i]) == len && memcmp(k->modules[i], name, len) == 0)
			return (uint16_t)i;
	if (k->nmodules > UINT16_MAX)
		return 0;
	k->modules = mem_realloc(k->modules, (k->nmodules + 1) * sizeof(*k->modules));
	k->modules[k->nmodules] = mem_zalloc(len + 1);
	memcpy(k->modules[k->nmodules], name, len);
	return (uint16_t)k->nmodules++;
}

static void add_symbol(struct kallsyms *k, const struct symbol *sym, const char *name, size_t len)
{
	if (k->n == k->cap) {
		k->cap = k->cap ? k->cap * 2 : 1024;
		k->syms = mem_realloc(k->syms, k->cap * sizeof(*k->syms));
	}
	if (k->names_cap - k->names_len < len + 1) {
		k->names_cap = (k->names_cap + len + 1) * 2;
		k->names = mem_realloc(k->names, k->names_cap);
	}
	k->syms[k->n] = *sym;
	k->syms[k->n++].name = (uint32_t)k->names_len;
	memcpy(k->names + k->names_len, name, len);
	k->names[k->names_len + len] = '\0';
	k->names_len += len + 1;
}

/* nm(1)'s letters: t is text, w a weak symbol that is no object; capitals are global. */
static bool is_function(char type)
{
	return type == 't' || type == 'T' || type == 'w' || type == 'W';
}

/*
 * Of a function that is padded for call depth tracking, objtool names the padding too, "__pfx_" and the
 * function's name (tools/objtool/elf.c, elf_create_prefix_symbol()). Nothing runs there, and it would be half
 * of the table.
 */
static bool is_padding(const char *name, size_t len)
{
	return len > 6 && memcmp(name, "__pfx_", 6) == 0;
}

static bool parse_hex(const char **p, const char *end, uint64_t *value)
{
	const char *start = *p;
	uint64_t v = 0;

	for (; *p < end; ++*p) {
		char c = **p;

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint64_t)(c - 'a' + 10);
		else
			break;
	}
	*value = v;
	return *p > start;
}

/* A line that is none of the table's is passed over. */
static void parse_line(struct kallsyms *k, const char *p, const char *end)
{
	struct symbol sym = { 0 };
	const char *name, *tab;
	char type;

	if (!parse_hex(&p, end, &sym.address) || end - p < 4 || p[0] != ' ' || p[2] != ' ')
		return;
	type = p[1];
	name = p + 3;
	sym.function = is_function(type);
	if (!sym.function && !k->data)
		return;
	tab = memchr(name, '\t', (size_t)(end - name));
	if (tab && end - tab > 3 && tab[1] == '[' && end[-1] == ']')
		sym.module = module_number(k, tab + 2, (size_t)(end - tab - 3));
	if (tab)
		end = tab;
	if (end == name || is_padding(name, (size_t)(end - name)))
		return;
	if (k->names_len + (size_t)(end - name) >= UINT32_MAX)
		return;
	add_symbol(k, &sym, name, (size_t)(end - name));
}

/* Takes the whole lines of a piece of the table; returns their length. */
static size_t parse_piece(struct kallsyms *k, const char *text, size_t len)
{
	const char *p = text, *end = text + len, *nl;

	while (p < end && (nl = memchr(p, '\n', (size_t)(end - p)))) {
		parse_line(k, p, nl);
		p = nl + 1;
	}
	return (size_t)(p - text);
}

static struct kallsyms *create(bool data)
{
	struct kallsyms *k = mem_zalloc(sizeof(*k));

	k->data = data;
	module_number(k, "", 0);
	return k;
}

/*
 * The kernel sorts aliases of an address, the best name first (scripts/kallsyms.c, compare_symbols()), and
 * prints the first of them itself: keep the order.
 */
static int compare_addresses(const void *va, const void *vb)
{
	const struct symbol *a = va, *b = vb;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->name < b->name ? -1 : a->name > b->name;
}

/* Sorts and gives back what memory is too much; NULL when there is no symbol. */
static struct kallsyms *finish(struct kallsyms *k)
{
	unsigned i = 1;

	if (!k->n) {
		kallsyms_free(k);
		errno = ENOENT;
		return NULL;
	}
	while (i < k->n && k->syms[i - 1].address <= k->syms[i].address)
		i++;
	if (i < k->n)
		qsort(k->syms, k->n, sizeof(*k->syms), compare_addresses);
	k->syms = mem_realloc(k->syms, k->n * sizeof(*k->syms));
	k->names = mem_realloc(k->names, k->names_len);
	return k;
}

struct kallsyms *kallsyms_parse(const char *text, size_t len, bool data)
{
	struct kallsyms *k = create(data);
	size_t used = parse_piece(k, text, len);

	if (used < len)
		parse_line(k, text + used, text + len);
	return finish(k);
}

struct kallsyms *kallsyms_load(bool data)
{
	char buf[32768];
	size_t have = 0;
	ssize_t got;
	struct kallsyms *k;
	int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return NULL;
	k = create(data);
	while ((got = read(fd, buf + have, sizeof(buf) - have)) > 0) {
		size_t used;

		have += (size_t)got;
		used = parse_piece(k, buf, have);
		if (!used && have == sizeof(buf)) /* no line is that long */
			used = have;
		have -= used;
		memmove(buf, buf + used, have);
	}
	err = errno;
	close(fd);
	if (got < 0) {
		kallsyms_free(k);
		errno = err;
		return NULL;
	}
	return finish(k);
}

void kallsyms_free(struct kallsyms *k)
{
	if (!k)
		return;
	for (unsigned i = 0; i < k->nmodules; i++)
		free(k->modules[i]);
	free(k->modules);
	free(k->names);
	free(k->syms);
	free(k);
}

/* The linker script's names of the ends of text (include/asm-generic/sections.h): what follows is no
 * function. */
static bool is_end_mark(const char *name)
{
	return strcmp(name, "_etext") == 0 || strcmp(name, "_einittext") == 0;
}

bool kallsyms_find(
        const struct kallsyms *k, uint64_t address, const char **name, uint64_t *offset, const char **module)
{
	unsigned lo = 0, hi = k->n;
	const struct symbol *sym;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;

		if (k->syms[mid].address <= address)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || !k->syms[lo - 1].address)
		return false;
	if ((lo == k->n || k->syms[lo].module != k->syms[lo - 1].module) &&
	        address - k->syms[lo - 1].address >= LAST_FUNCTION_SIZE)
		return false;
	for (lo--; lo && k->syms[lo - 1].address == k->syms[lo].address;)
		lo--;
	sym = &k->syms[lo];
	if (is_end_mark(k->names + sym->name))
		return false;
	*name = k->names + sym->name;
	*offset = address - sym->address;
	*module = k->modules[sym->module];
	return true;
}

uint64_t kallsyms_address(const struct kallsyms *k, const char *name)
{
	uint64_t in_module = 0;
	size_t size = strlen(name) + 1;

	/* The kernel's own wins over a module's, as in kallsyms_lookup_name(). */
	for (unsigned i = 0; i < k->n; i++) {
		const struct symbol *sym = &k->syms[i];

		if (strncmp(k->names + sym->name, name, size) != 0)
			continue;
		if (!sym->module)
			return sym->address;
		if (!in_module)
			in_module = sym->address;
	}
	return in_module;
}

static int compare_names(const void *va, const void *vb, void *arg)
{
	const struct kallsyms *k = arg;
	const struct symbol *a = *(struct symbol *const *)va, *b = *(struct symbol *const *)vb;
	int c = strcmp(k->names + a->name, k->names + b->name);

	return c ? c : strcmp(k->modules[a->module], k->modules[b->module]);
}

static const char *listed_module(const struct kallsyms *k, unsigned number)
{
	return number ? k->modules[number] : "vmlinux";
}

/* The functions that match, sorted; malloc'd. */
static const struct symbol **matches(
        const struct kallsyms *k, const char *module_glob, const char *name_glob, unsigned *count)
{
	bool *wanted = mem_zalloc(k->nmodules * sizeof(*wanted));
	const struct symbol **list = NULL;
	unsigned n = 0, cap = 0;

	for (unsigned i = 0; i < k->nmodules; i++)
		wanted[i] = str_glob(module_glob, listed_module(k, i));
	for (unsigned i = 0; i < k->n; i++) {
		const struct symbol *sym = &k->syms[i];

		if (!sym->function || !wanted[sym->module] || !str_glob(name_glob, k->names + sym->name))
			continue;
		if (n == cap) {
			cap = cap ? cap * 2 : 64;
			list = mem_realloc(list, cap * sizeof(*list));
		}
		list[n++] = sym;
	}
	free(wanted);
	if (n)
		qsort_r(list, n, sizeof(*list), compare_names, (void *)k);
	*count = n;
	return list;
}

int kallsyms_each(const struct kallsyms *k, const char *module_glob, const char *name_glob,
        int (*fn)(void *arg, const char *module, const char *name), void *arg)
{
	unsigned n;
	const struct symbol **list = matches(k, module_glob, name_glob, &n);
	int ret = 0;

	for (unsigned i = 0; i < n && !ret; i++) {
		const char *name = k->names + list[i]->name;

		/* A static function may be there several times. */
		if (i && list[i]->module == list[i - 1]->module &&
		        strcmp(name, k->names + list[i - 1]->name) == 0)
			continue;
		if (!is_end_mark(name))
			ret = fn(arg, listed_module(k, list[i]->module), name);
	}
	free(list);
	return ret;
}
