/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel types from BTF, by way of libbpf's reader. A struct is converted to a shell with its
 * name, size and BTF id; its fields follow when somebody asks. The format is in
 * Documentation/bpf/btf.rst of the kernel.
 */
#include "system/kbtf.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "lang/c_layout.h"

#define RAW_PREFIX "btf_trace_"
/* Deeper than any type of the kernel; damaged BTF may have loops. */
#define MAX_DEPTH 32

struct kbtf {
	struct arena *arena;
	struct btf *btf;
	struct type **structs; /* by BTF id: one shell for each struct and union */
	unsigned ntypes;
};

struct kbtf *kbtf_load(struct arena *a)
{
	const char *path = getenv("KSCOPE_BTF");
	libbpf_print_fn_t print;
	struct btf *btf;
	struct kbtf *b;
	int err;

	if (!path)
		path = getenv("BPFTRACE_BTF");
	print = libbpf_set_print(NULL);
	btf = path && *path ? btf__parse(path, NULL) : btf__load_vmlinux_btf();
	err = libbpf_get_error(btf) ? errno : 0;
	libbpf_set_print(print);
	if (err || !btf) {
		errno = err ? err : ENOENT;
		return NULL;
	}
	b = mem_zalloc(sizeof(*b));
	b->arena = a;
	b->btf = btf;
	b->ntypes = btf__type_cnt(btf);
	b->structs = mem_zalloc(b->ntypes * sizeof(*b->structs));
	return b;
}

void kbtf_free(struct kbtf *b)
{
	if (!b)
		return;
	btf__free(b->btf);
	free(b->structs);
	free(b);
}

struct btf *kbtf_reader(struct kbtf *b)
{
	return b->btf;
}

static const char *name_of(struct kbtf *b, uint32_t offset)
{
	const char *name = btf__name_by_offset(b->btf, offset);

	return name ? name : "";
}

/* Through typedefs and qualifiers; *alias (may be NULL) receives the innermost typedef's name. */
static const struct btf_type *resolve(struct kbtf *b, uint32_t *id, const char **alias)
{
	const struct btf_type *t = btf__type_by_id(b->btf, *id);

	for (int i = 0; t && i < MAX_DEPTH; i++) {
		if (!btf_is_mod(t) && !btf_is_typedef(t))
			return t;
		if (btf_is_typedef(t) && alias)
			*alias = name_of(b, t->name_off);
		*id = t->type;
		t = btf__type_by_id(b->btf, *id);
	}
	return NULL;
}

static struct type *convert(struct kbtf *b, uint32_t id, unsigned depth);

static struct type *convert_int(struct kbtf *b, const struct btf_type *t)
{
	unsigned encoding = btf_int_encoding(t);
	struct type *wide;

	if (encoding & BTF_INT_BOOL)
		return &type_bool;
	if (t->size <= 8)
		return type_int(t->size, encoding & BTF_INT_SIGNED);
	wide = type_array(b->arena, &type_uint64, t->size / 8);
	wide->size = t->size;
	return wide;
}

static struct type *convert_struct(struct kbtf *b, uint32_t id, const struct btf_type *t, const char *alias)
{
	const char *name = name_of(b, t->name_off);
	struct type *s = b->structs[id];

	if (s)
		return s;
	s = type_new(b->arena, TYPE_STRUCT);
	if (!*name && alias)
		name = alias;
	s->name = *name ? arena_strdup(b->arena, name) : NULL;
	s->is_union = btf_is_union(t);
	s->size = t->size;
	s->btf_id = id;
	b->structs[id] = s;
	return s;
}

/* A struct that is declared only: its name is all there is. */
static struct type *convert_fwd(struct kbtf *b, const struct btf_type *t)
{
	struct type *s = type_new(b->arena, TYPE_STRUCT);

	s->name = arena_strdup(b->arena, name_of(b, t->name_off));
	s->is_union = btf_kflag(t);
	return s;
}

static struct type *convert_enum(struct kbtf *b, const struct btf_type *t, const char *alias)
{
	const char *name = name_of(b, t->name_off);
	struct type *e = type_new(b->arena, TYPE_ENUM);

	if (!*name && alias)
		name = alias;
	e->name = *name ? arena_strdup(b->arena, name) : NULL;
	e->size = t->size;
	e->is_signed = btf_kflag(t);
	return e;
}

static bool is_char(struct kbtf *b, uint32_t id)
{
	const struct btf_type *t = resolve(b, &id, NULL);

	return t && btf_is_int(t) && t->size == 1 && strcmp(name_of(b, t->name_off), "char") == 0;
}

static struct type *convert_array(struct kbtf *b, const struct btf_type *t, unsigned depth)
{
	const struct btf_array *array = btf_array(t);
	struct type *elem, *result;

	if (array->nelems && is_char(b, array->type))
		return type_string(b->arena, array->nelems);
	elem = convert(b, array->type, depth + 1);
	result = type_array(b->arena, elem, array->nelems);
	result->size = elem->size * array->nelems;
	return result;
}

static struct type *convert_ptr(struct kbtf *b, const struct btf_type *t, unsigned depth)
{
	const struct btf_type *to = btf__type_by_id(b->btf, t->type);
	enum addr_space space = AS_KERNEL;

	/* __user is a type tag in kernels that Clang built. */
	if (to && btf_is_type_tag(to) && strcmp(name_of(b, to->name_off), "user") == 0)
		space = AS_USER;
	return type_ptr(b->arena, convert(b, t->type, depth + 1), space);
}

static struct type *convert(struct kbtf *b, uint32_t id, unsigned depth)
{
	const char *alias = NULL;
	const struct btf_type *t = resolve(b, &id, &alias);
	struct type *bytes;

	if (!t || depth > MAX_DEPTH)
		return &type_void;
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		return convert_int(b, t);
	case BTF_KIND_PTR:
		return convert_ptr(b, t, depth);
	case BTF_KIND_ARRAY:
		return convert_array(b, t, depth);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return convert_struct(b, id, t, alias);
	case BTF_KIND_FWD:
		return convert_fwd(b, t);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return convert_enum(b, t, alias);
	case BTF_KIND_FLOAT:
		bytes = type_array(b->arena, &type_uint8, t->size);
		bytes->size = t->size;
		return bytes;
	}
	return &type_void; /* void, functions, variables */
}

/* Which of several types of one name a script means. 0: none of that kind. */
static int kind_rank(const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
		return 5;
	case BTF_KIND_UNION:
		return 4;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return 3;
	case BTF_KIND_TYPEDEF:
		return 2;
	case BTF_KIND_INT:
		return 1;
	}
	return 0;
}

/* The best-ranked type of a name, in one pass over BTF; `only` is a rank, or 0 for any. 0 if there is none.
 */
static uint32_t find_by_name(struct kbtf *b, const char *name, int only)
{
	uint32_t best = 0;
	int best_rank = 0;

	for (uint32_t id = 1; id < b->ntypes; id++) {
		const struct btf_type *t = btf__type_by_id(b->btf, id);
		int rank = kind_rank(t);

		if (rank <= best_rank || (only && rank != only))
			continue;
		if (t->name_off && strcmp(name_of(b, t->name_off), name) == 0) {
			best = id;
			best_rank = rank;
		}
	}
	return best;
}

/* "task_struct", "struct task_struct", "pid_t": its id, or 0. */
static uint32_t find(struct kbtf *b, const char *name)
{
	static const struct {
		const char *prefix;
		int rank;
	} tags[] = { { "struct ", 5 }, { "union ", 4 }, { "enum ", 3 } };
	int only = 0;

	for (size_t i = 0; i < 3 && !only; i++) {
		if (str_starts(name, tags[i].prefix)) {
			only = tags[i].rank;
			name += strlen(tags[i].prefix);
		}
	}
	while (isspace((unsigned char)*name))
		name++;
	return find_by_name(b, name, only);
}

struct type *kbtf_type(struct kbtf *b, const char *name)
{
	struct type *t = type_by_name(name);
	uint32_t id = t ? 0 : find(b, name);

	return id ? convert(b, id, 0) : t;
}

uint32_t kbtf_align(struct kbtf *b, const char *name)
{
	uint32_t id = find(b, name);
	int align = id ? btf__align_of(b->btf, id) : 0;

	return align > 0 ? (uint32_t)align : 1;
}

static void read_members(struct kbtf *b, struct type *t, const struct btf_type *bt)
{
	const struct btf_member *m = btf_members(bt);
	unsigned n = btf_vlen(bt);

	t->size = bt->size;
	t->nfields = n;
	t->fields = arena_array(b->arena, struct field, n ? n : 1);
	for (unsigned i = 0; i < n; i++) {
		struct field *f = &t->fields[i];
		uint32_t bits = btf_member_bit_offset(bt, i);

		f->name = arena_strdup(b->arena, name_of(b, m[i].name_off));
		f->type = convert(b, m[i].type, 0);
		f->bit_size = btf_member_bitfield_size(bt, i);
		if (f->bit_size)
			c_layout_place_bits(f, bits, bt->size);
		else
			f->offset = bits / 8;
	}
}

void kbtf_complete(struct kbtf *b, struct type *t)
{
	uint32_t id = t->btf_id;
	const struct btf_type *bt;

	if (t->kind != TYPE_STRUCT || t->nfields)
		return;
	if (!id && t->name && !t->size)
		id = find_by_name(b, t->name, t->is_union ? 4 : 5);
	bt = id ? btf__type_by_id(b->btf, id) : NULL;
	if (bt && btf_is_composite(bt))
		read_members(b, t, bt);
	t->btf_id = 0;
}

/* The function that a raw tracepoint's typedef points to, NULL if that is not its form. */
static const struct btf_type *raw_proto(struct kbtf *b, uint32_t typedef_id)
{
	const struct btf_type *t = resolve(b, &typedef_id, NULL);

	if (!t || !btf_is_ptr(t))
		return NULL;
	t = btf__type_by_id(b->btf, t->type);
	return t && btf_is_func_proto(t) && btf_vlen(t) > 0 ? t : NULL;
}

/*
 * The typedef's parameters have no names. The function that calls an event's handlers has the
 * same parameters with names (include/linux/tracepoint.h: __traceiter_NAME, and
 * __bpf_trace_NAME in include/trace/bpf_probe.h).
 */
static const struct btf_param *raw_names(struct kbtf *b, const char *event, unsigned n)
{
	static const char *const prefixes[] = { "__traceiter_", "__bpf_trace_" };
	const struct btf_param *params = NULL;
	struct strbuf name = { 0 };

	for (size_t i = 0; i < 2 && !params; i++) {
		const struct btf_type *t = NULL;
		int id;

		strbuf_reset(&name);
		strbuf_addf(&name, "%s%s", prefixes[i], event);
		id = btf__find_by_name_kind(b->btf, name.data, BTF_KIND_FUNC);
		if (id > 0)
			t = btf__type_by_id(b->btf, btf__type_by_id(b->btf, (uint32_t)id)->type);
		if (t && btf_is_func_proto(t) && btf_vlen(t) == n)
			params = btf_params(t);
	}
	strbuf_free(&name);
	return params;
}

struct type *kbtf_rawtracepoint(struct kbtf *b, const char *event)
{
	const char *typedef_name = arena_printf(b->arena, RAW_PREFIX "%s", event);
	int id = btf__find_by_name_kind(b->btf, typedef_name, BTF_KIND_TYPEDEF);
	const struct btf_type *proto = id > 0 ? raw_proto(b, (uint32_t)id) : NULL;
	const struct btf_param *params, *names;
	struct type *t;
	unsigned n;

	if (!proto)
		return NULL;
	n = btf_vlen(proto);
	params = btf_params(proto);
	names = raw_names(b, event, n);
	t = type_new(b->arena, TYPE_STRUCT);
	t->name = typedef_name + strlen(RAW_PREFIX);
	t->nfields = n - 1; /* the first is `void *__data`, which programs do not get */
	t->size = t->nfields * 8;
	t->fields = arena_array(b->arena, struct field, n);
	for (unsigned i = 1; i < n; i++) {
		const char *name = name_of(b, names ? names[i].name_off : params[i].name_off);
		struct field *f = &t->fields[i - 1];

		f->name = *name ? arena_strdup(b->arena, name) : arena_printf(b->arena, "arg%u", i - 1);
		f->type = convert(b, params[i].type, 0);
		/* A struct by value travels as an integer of its size (bpf_probe.h: CAST_TO_U64). */
		if (f->type->kind == TYPE_STRUCT)
			f->type = type_int(f->type->size, false);
		f->offset = (i - 1) * 8;
		f->kind = FIELD_BTF_ARG;
	}
	return t;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int kbtf_each_rawtracepoint(struct kbtf *b, int (*fn)(void *arg, const char *event), void *arg)
{
	const char **names = NULL;
	unsigned n = 0, cap = 0;
	int result = 0;

	for (uint32_t id = 1; id < b->ntypes; id++) {
		const struct btf_type *t = btf__type_by_id(b->btf, id);
		const char *name;

		if (!btf_is_typedef(t))
			continue;
		name = name_of(b, t->name_off);
		if (!str_starts(name, RAW_PREFIX) || !raw_proto(b, id))
			continue;
		if (n == cap) {
			cap = cap ? cap * 2 : 256;
			names = mem_realloc(names, cap * sizeof(*names));
		}
		names[n++] = name + strlen(RAW_PREFIX);
	}
	if (n)
		qsort(names, n, sizeof(*names), compare_strings);
	for (unsigned i = 0; i < n && !result; i++) {
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			result = fn(arg, names[i]);
	}
	free(names);
	return result;
}

bool kbtf_enumerator(struct kbtf *b, const char *name, int64_t *value)
{
	for (uint32_t id = 1; id < b->ntypes; id++) {
		const struct btf_type *t = btf__type_by_id(b->btf, id);

		if (btf_is_enum(t)) {
			const struct btf_enum *e = btf_enum(t);

			for (unsigned i = 0; i < btf_vlen(t); i++) {
				if (strcmp(btf__name_by_offset(b->btf, e[i].name_off), name) == 0) {
					*value = btf_kflag(t) ? (int64_t)e[i].val
					                      : (int64_t)(uint32_t)e[i].val;
					return true;
				}
			}
		} else if (btf_is_enum64(t)) {
			const struct btf_enum64 *e = btf_enum64(t);

			for (unsigned i = 0; i < btf_vlen(t); i++) {
				if (strcmp(btf__name_by_offset(b->btf, e[i].name_off), name) == 0) {
					*value = (int64_t)btf_enum64_value(&e[i]);
					return true;
				}
			}
		}
	}
	return false;
}
