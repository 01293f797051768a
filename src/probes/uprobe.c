/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uprobe:BINARY:FUNCTION[+OFFSET], uprobe:BINARY:ADDRESS; BINARY is a path, a program in PATH or a library
 * ("libc"); wildcards in the function. Offsets come from the ELF symbol tables.
 */
#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "probes/ops.h"
#include "system/elf_symbols.h"
#include "system/libraries.h"

struct names {
	struct arena *arena;
	const char **v;
	unsigned n, cap;
};

static int add_name(void *arg, const char *name)
{
	struct names *s = arg;

	*vec_push(s->arena, s->v, s->n, s->cap) = arena_strdup(s->arena, name);
	return 0;
}

static int offer(void *arg, const char *name)
{
	void **args = arg;

	nearest_offer(args[0], args[1], name);
	return 0;
}

static bool report_function(struct probes *env, const struct attach *at, struct elf_symbols *e,
        const char *path, const char *name)
{
	struct nearest near = { 0 };
	void *args[] = { &near, (void *)name };
	/* The nearest name lives as long as the symbols. */
	const char *hint;

	if (!probes_missing_is_error(env, at))
		return true;
	elf_symbols_each(e, "*", offer, args);
	hint = probes_suggestion(env, near.best);
	diag_error_hint(env->diag, at->locs[2], hint, PROBE_NO_FUNCTION, path, name);
	return false;
}

static struct probe *add(struct probes *env, const struct attach *at, struct program *program,
        const char *path, const char *name, uint64_t offset)
{
	struct probe *p;
	const char *text = offset ? arena_printf(env->arena, "%s:%s:%s+%llu", at->row->name, path, name,
	                                    (unsigned long long)offset)
	                          : arena_printf(env->arena, "%s:%s:%s", at->row->name, path, name);

	p = probes_add(env, at, program, text, path, name);
	if (p)
		p->offset = offset;
	return p;
}

/* glibc 2.34 moved what was in these into libc and left empty libraries of the old names. */
static const char *moved_to(struct probes *env, const char *path, const char *name)
{
	static const char *const emptied[] = { "libpthread.so", "libdl.so", "librt.so", "libutil.so" };
	const char *file = strrchr(path, '/'), *libc = NULL;
	struct elf_symbols *e;
	bool has;

	for (size_t i = 0; file && i < sizeof(emptied) / sizeof(emptied[0]); i++) {
		if (str_starts(file + 1, emptied[i]))
			libc = library_find(env->arena,
			        arena_printf(env->arena, "%.*s/libc.so.6", (int)(file - path), path));
	}
	e = libc ? elf_symbols_load(libc) : NULL;
	has = e && elf_symbols_offset(e, name, NULL);
	elf_symbols_free(e);
	return has ? libc : NULL;
}

/* A function, with an offset or without; or all that match. */
static bool expand_names(struct probes *env, const struct attach *at, struct program *program,
        struct elf_symbols *e, const char *path)
{
	const char *name = at->parts[2], *plus = strchr(name, '+');
	struct names s = { .arena = env->arena };
	uint64_t offset = 0;

	if (str_has_glob(name)) {
		elf_symbols_each(e, name, add_name, &s);
		if (!s.n) {
			if (!probes_missing_is_error(env, at))
				return true;
			diag_error(env->diag, at->loc, PROBE_NO_MATCH, probes_text(env, at));
			return false;
		}
		if (!probes_room(env, at, program, s.n))
			return false;
		for (unsigned i = 0; i < s.n; i++)
			add(env, at, program, path, s.v[i], 0);
		return true;
	}
	if (plus && !str_to_u64(plus + 1, &offset))
		return probes_form_error(env, at);
	if (plus)
		name = arena_strndup(env->arena, name, (size_t)(plus - name));
	if (!elf_symbols_offset(e, name, NULL)) {
		path = moved_to(env, path, name);
		if (!path)
			return report_function(env, at, e, library_find(env->arena, at->parts[1]), name);
	}
	return add(env, at, program, path, name, offset) != NULL;
}

static bool expand(struct probes *env, const struct attach *at, struct program *program)
{
	struct elf_symbols *e;
	const char *path;
	uint64_t offset;
	struct probe *p;
	bool good;

	if (at->nparts != 3 || !*at->parts[1] || !*at->parts[2])
		return probes_form_error(env, at);
	path = library_find(env->arena, at->parts[1]);
	if (!path) {
		if (!probes_missing_is_error(env, at))
			return true;
		diag_error(env->diag, at->locs[1], PROBE_NO_BINARY, at->parts[1]);
		return false;
	}
	if (isdigit((unsigned char)*at->parts[2])) {
		if (!str_to_u64(at->parts[2], &offset))
			return probes_form_error(env, at);
		p = probes_add(env, at, program, probes_text(env, at), path, NULL);
		if (p)
			p->offset = offset;
		return p != NULL;
	}
	e = elf_symbols_load(path);
	if (!e) {
		diag_error(env->diag, at->locs[1], PROBE_NO_SYMBOLS, path);
		return false;
	}
	good = expand_names(env, at, program, e, path);
	elf_symbols_free(e);
	return good;
}

/* Of one binary, named in the search: there is no list of all. */
static bool list_type(struct probes *env, struct listing *l, const char *type)
{
	const char *start = strchr(l->pattern, ':'), *end = start ? strchr(start + 1, ':') : NULL;
	struct names s = { .arena = env->arena };
	struct elf_symbols *e;
	const char *path;

	if (!end)
		return true;
	path = library_find(env->arena, arena_strndup(env->arena, start + 1, (size_t)(end - start - 1)));
	e = path ? elf_symbols_load(path) : NULL;
	if (!e)
		return true;
	elf_symbols_each(e, end[1] ? end + 1 : "*", add_name, &s);
	elf_symbols_free(e);
	/* What matched is listed under the path that was found. */
	l->pattern = "*";
	for (unsigned i = 0; i < s.n; i++)
		listing_line(l, arena_printf(env->arena, "%s:%s:%s", type, path, s.v[i]));
	return true;
}

static bool list_uprobes(struct probes *env, struct listing *l)
{
	return list_type(env, l, "uprobe");
}

static bool list_uretprobes(struct probes *env, struct listing *l)
{
	return list_type(env, l, "uretprobe");
}

const struct probe_ops probe_ops_UPROBE = { .expand = expand, .list = list_uprobes, .only_by_name = true };
const struct probe_ops probe_ops_URETPROBE = {
	.expand = expand, .list = list_uretprobes, .only_by_name = true
};
