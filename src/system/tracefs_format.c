/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of an event's `format` file, turned into a STRUCT type. The kernel
 * writes it in kernel/trace/trace_events.c, f_show():
 *
 *     name: sys_enter_openat
 *     ID: 782
 *     format:
 *     	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
 *     	…
 *     	field:const char * filename;	offset:24;	size:8;	signed:0;
 *
 *     print fmt: "…", …
 *
 * Pure: reads no files. Sizes and offsets are the kernel's; the C declaration only says what kind of thing it
 * is.
 */
#include "system/tracefs.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

/* Integer types by the C names that events use; sizes of LP64. */
static const struct {
	const char *name;
	unsigned size;
	bool is_signed;
} c_types[] = {
	{ "char", 1, true },
	{ "signed char", 1, true },
	{ "unsigned char", 1, false },
	{ "short", 2, true },
	{ "unsigned short", 2, false },
	{ "int", 4, true },
	{ "unsigned int", 4, false },
	{ "unsigned", 4, false },
	{ "uint", 4, false },
	{ "long", 8, true },
	{ "unsigned long", 8, false },
	{ "long long", 8, true },
	{ "unsigned long long", 8, false },
	{ "s8", 1, true },
	{ "u8", 1, false },
	{ "s16", 2, true },
	{ "u16", 2, false },
	{ "s32", 4, true },
	{ "u32", 4, false },
	{ "s64", 8, true },
	{ "u64", 8, false },
	{ "__s8", 1, true },
	{ "__u8", 1, false },
	{ "__s16", 2, true },
	{ "__u16", 2, false },
	{ "__s32", 4, true },
	{ "__u32", 4, false },
	{ "__s64", 8, true },
	{ "__u64", 8, false },
	{ "int8_t", 1, true },
	{ "uint8_t", 1, false },
	{ "int16_t", 2, true },
	{ "uint16_t", 2, false },
	{ "int32_t", 4, true },
	{ "uint32_t", 4, false },
	{ "int64_t", 8, true },
	{ "uint64_t", 8, false },
	{ "size_t", 8, false },
	{ "ssize_t", 8, true },
	{ "off_t", 8, true },
	{ "loff_t", 8, true },
	{ "pid_t", 4, true },
	{ "key_t", 4, true },
	{ "clockid_t", 4, true },
	{ "timer_t", 4, true },
	{ "mqd_t", 4, true },
	{ "key_serial_t", 4, true },
	{ "rwf_t", 4, true },
	{ "uid_t", 4, false },
	{ "gid_t", 4, false },
	{ "qid_t", 4, false },
	{ "dev_t", 4, false },
	{ "umode_t", 2, false },
	{ "gfp_t", 4, false },
	{ "cpumask_t", 8, false }, /* only as __data_loc: words of a bitmap */
	{ "aio_context_t", 8, false },
};

static struct type *c_type(const char *name)
{
	for (size_t i = 0; i < sizeof(c_types) / sizeof(c_types[0]); i++) {
		if (strcmp(c_types[i].name, name) == 0)
			return type_int(c_types[i].size, c_types[i].is_signed);
	}
	return NULL;
}

/* ";\toffset:24" and the like: a key, a number, moving *p behind it. */
static bool read_number(const char **p, const char *key, uint64_t *out)
{
	char *end;

	while (isspace((unsigned char)**p) || **p == ';')
		(*p)++;
	if (!str_starts(*p, key))
		return false;
	*p += strlen(key);
	if (!isdigit((unsigned char)**p))
		return false;
	*out = strtoull(*p, &end, 10);
	*p = end;
	return *end == ';';
}

int tracefs_next_field(const char **text, struct tracefs_field *f)
{
	const char *p = *text;
	uint64_t is_signed;

	for (;;) {
		while (isspace((unsigned char)*p))
			p++;
		if (str_starts(p, "field:"))
			break;
		if (!*p || str_starts(p, "print fmt:"))
			return 0;
		p += strcspn(p, "\n");
	}
	f->decl = p + strlen("field:");
	f->decl_len = strcspn(f->decl, ";\n");
	p = f->decl + f->decl_len;
	if (*p != ';' || !f->decl_len)
		return -1;
	if (!read_number(&p, "offset:", &f->offset) || !read_number(&p, "size:", &f->size))
		return -1;
	if (!read_number(&p, "signed:", &is_signed))
		return -1;
	f->is_signed = is_signed != 0;
	*text = p + 1;
	return f->offset <= UINT16_MAX && f->size <= UINT16_MAX ? 1 : -1;
}

/* A declaration taken apart: "__data_loc char[] name", "const char *const * argv", "u8 addr[6]". */
struct decl {
	char *type; /* without qualifiers and stars, one blank between words: "unsigned long", "struct page"
	             */
	char *name;
	unsigned stars;
	bool is_array;  /* has brackets */
	uint64_t count; /* between them; 0 if empty or not a number */
	enum field_kind kind;
};

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Keeps the words that say what the type is, and counts stars. */
static void normalise_type(struct arena *a, const char *s, struct decl *d)
{
	static const char *const dropped[] = { "const", "volatile", "__user", "__kernel", "__rcu",
		"__percpu" };
	struct strbuf b = { 0 };

	strbuf_adds(&b, "");
	while (*s) {
		size_t n = 0;
		bool drop = false;

		while (is_name_char(s[n]))
			n++;
		if (!n) {
			d->stars += *s == '*';
			s++;
			continue;
		}
		for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
			drop |= strlen(dropped[i]) == n && strncmp(dropped[i], s, n) == 0;
		if (!drop) {
			if (b.len)
				strbuf_addc(&b, ' ');
			strbuf_add(&b, s, n);
		}
		s += n;
	}
	d->type = arena_strdup(a, b.data);
	strbuf_free(&b);
}

static bool parse_decl(struct arena *a, const struct tracefs_field *f, struct decl *d)
{
	char *s = arena_strndup(a, f->decl, f->decl_len);
	char *bracket, *end;

	memset(d, 0, sizeof(*d));
	if (str_starts(s, "__data_loc ")) {
		d->kind = FIELD_DATA_LOC;
		s += strlen("__data_loc ");
	} else if (str_starts(s, "__rel_loc ")) {
		d->kind = FIELD_REL_LOC;
		s += strlen("__rel_loc ");
	}
	bracket = strchr(s, '[');
	if (bracket) {
		char *close = strchr(bracket, ']');

		if (!close)
			return false;
		d->is_array = true;
		d->count = strtoull(bracket + 1, &end, 0);
		if (end != close)
			d->count = 0;
		memset(bracket, ' ', (size_t)(close - bracket) + 1);
	}
	end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	while (end > s && is_name_char(end[-1]))
		end--;
	if (!*end || isdigit((unsigned char)*end))
		return false;
	d->name = arena_strdup(a, end);
	*end = '\0';
	normalise_type(a, s, d);
	return true;
}

static bool is_struct_name(const char *type, const char **name)
{
	if (str_starts(type, "struct ") || str_starts(type, "union ")) {
		*name = strchr(type, ' ') + 1;
		return true;
	}
	return false;
}

/* A struct or union of which only the name is known; system/kbtf may complete it by name. */
static struct type *named_struct(struct arena *a, const char *name, bool is_union)
{
	struct type *t = type_new(a, TYPE_STRUCT);

	t->name = name;
	t->is_union = is_union;
	return t;
}

static struct type *pointer_type(struct arena *a, const struct decl *d, bool is_syscall)
{
	enum addr_space space = is_syscall ? AS_USER : AS_KERNEL;
	struct type *elem = c_type(d->type);
	const char *name;

	if (!elem && is_struct_name(d->type, &name))
		elem = named_struct(a, name, str_starts(d->type, "union "));
	if (!elem && strcmp(d->type, "bool") == 0)
		elem = &type_bool;
	if (!elem)
		elem = &type_void;
	for (unsigned i = 1; i < d->stars; i++)
		elem = type_ptr(a, elem, space);
	return type_ptr(a, elem, space);
}

static bool is_int_size(uint64_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/* An array in the record, or behind a loc word (size 0: any number). */
static struct type *array_type(struct arena *a, const struct decl *d, const struct tracefs_field *f)
{
	bool dynamic = d->kind != FIELD_PLAIN;
	struct type *elem = d->stars ? pointer_type(a, d, false) : c_type(d->type);
	uint64_t size = dynamic ? 0 : f->size;
	struct type *t;

	if (strcmp(d->type, "char") == 0 && !d->stars && (dynamic || size))
		return type_string(a, (uint32_t)size);
	if (!elem && d->count && size % d->count == 0 && is_int_size(size / d->count))
		elem = type_int((unsigned)(size / d->count), f->is_signed);
	if (!elem)
		elem = &type_uint8;
	t = type_array(a, elem, (uint32_t)(size / elem->size));
	t->size = (uint32_t)size;
	return t;
}

static struct type *field_type(
        struct arena *a, const struct decl *d, const struct tracefs_field *f, bool is_syscall)
{
	struct type *known = c_type(d->type);
	bool is_signed = f->is_signed;
	const char *name;
	struct type *t;

	if (d->is_array || d->kind != FIELD_PLAIN)
		return array_type(a, d, f);
	if (d->stars && f->size == 8)
		return pointer_type(a, d, is_syscall);
	if (!is_int_size(f->size)) {
		t = type_array(a, &type_uint8, (uint32_t)f->size);
		t->size = (uint32_t)f->size;
		if (is_struct_name(d->type, &name)) {
			t = named_struct(a, name, str_starts(d->type, "union "));
			t->size = (uint32_t)f->size;
		}
		return t;
	}
	if (strcmp(d->type, "bool") == 0 && f->size == 1)
		return &type_bool;
	/* Arguments of system calls are whole registers, all marked signed:0 (trace_syscalls.c). */
	if (is_syscall && known && f->size == 8)
		is_signed = known->is_signed;
	if (str_starts(d->type, "enum ")) {
		t = type_new(a, TYPE_ENUM);
		t->name = d->type + strlen("enum ");
		t->size = (uint32_t)f->size;
		t->is_signed = is_signed;
		return t;
	}
	return type_int((unsigned)f->size, is_signed);
}

static bool parse_id(const char *text, int64_t *id)
{
	const char *p = str_starts(text, "ID:") ? text : strstr(text, "\nID:");
	char *end;

	if (!p)
		return false;
	p = strchr(p, ':') + 1;
	*id = strtoll(p, &end, 10);
	return end != p && *id >= 0;
}

struct type *tracefs_parse_format(
        struct arena *a, const char *group, const char *event, const char *text, int64_t *id)
{
	struct type *t = type_new(a, TYPE_STRUCT);
	bool is_syscall = strcmp(group, "syscalls") == 0;
	struct tracefs_field line;
	unsigned cap = 0;
	int64_t number;
	int more;

	if (!parse_id(text, &number))
		return NULL;
	t->name = arena_printf(a, "%s:%s", group, event);
	while ((more = tracefs_next_field(&text, &line)) > 0) {
		struct field *f;
		struct decl d;

		if (!parse_decl(a, &line, &d))
			return NULL;
		f = vec_push(a, t->fields, t->nfields, cap);
		f->name = d.name;
		f->type = field_type(a, &d, &line, is_syscall);
		f->offset = (uint32_t)line.offset;
		f->kind = d.kind;
		if (line.offset + line.size > t->size)
			t->size = (uint32_t)(line.offset + line.size);
	}
	if (more < 0 || !t->nfields)
		return NULL;
	if (id)
		*id = number;
	return t;
}
