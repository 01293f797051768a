/* SPDX-License-Identifier: Apache-2.0 */
/* The language's types: making, naming, comparing. Memory layout is in layout.c. */
#include "lang/types.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"

#define INT_TYPE(bytes, sign)                                                                                \
	{                                                                                                    \
		.kind = TYPE_INT, .size = (bytes), .is_signed = (sign)                                       \
	}

struct type type_error = { .kind = TYPE_ERROR };
struct type type_void = { .kind = TYPE_VOID };
struct type type_bool = { .kind = TYPE_BOOL, .size = 1 };
struct type type_int8 = INT_TYPE(1, true);
struct type type_int16 = INT_TYPE(2, true);
struct type type_int32 = INT_TYPE(4, true);
struct type type_int64 = INT_TYPE(8, true);
struct type type_uint8 = INT_TYPE(1, false);
struct type type_uint16 = INT_TYPE(2, false);
struct type type_uint32 = INT_TYPE(4, false);
struct type type_uint64 = INT_TYPE(8, false);

struct type *type_int(unsigned size, bool is_signed)
{
	switch (size) {
	case 1:
		return is_signed ? &type_int8 : &type_uint8;
	case 2:
		return is_signed ? &type_int16 : &type_uint16;
	case 4:
		return is_signed ? &type_int32 : &type_uint32;
	default:
		return is_signed ? &type_int64 : &type_uint64;
	}
}

struct type *type_new(struct arena *a, enum type_kind kind)
{
	struct type *t = arena_new(a, struct type);

	t->kind = kind;
	return t;
}

struct type *type_copy(struct arena *a, const struct type *t)
{
	return arena_memdup(a, t, sizeof(*t));
}

struct type *type_string(struct arena *a, uint32_t size)
{
	struct type *t = type_new(a, TYPE_STRING);

	t->size = size;
	return t;
}

struct type *type_ptr(struct arena *a, struct type *elem, enum addr_space space)
{
	struct type *t = type_new(a, TYPE_PTR);

	t->elem = elem;
	t->space = space;
	t->size = 8;
	return t;
}

struct type *type_array(struct arena *a, struct type *elem, uint32_t count)
{
	struct type *t = type_new(a, TYPE_ARRAY);

	t->elem = elem;
	t->count = count;
	return t;
}

struct type *type_tuple(struct arena *a, struct type **types, unsigned n)
{
	struct type *t = type_new(a, TYPE_TUPLE);

	t->fields = arena_array(a, struct field, n ? n : 1);
	t->nfields = n;
	for (unsigned i = 0; i < n; i++)
		t->fields[i].type = types[i];
	return t;
}

bool type_is_integer(const struct type *t)
{
	return t->kind == TYPE_INT || t->kind == TYPE_BOOL || t->kind == TYPE_ENUM;
}

bool type_is_agg(const struct type *t)
{
	return t->kind >= TYPE_COUNT && t->kind <= TYPE_TSERIES;
}

bool type_agg_is_number(const struct type *t)
{
	return t->kind >= TYPE_COUNT && t->kind <= TYPE_STATS;
}

bool type_is_memory(const struct type *t)
{
	switch ((int)t->kind) {
	case TYPE_STRING:
	case TYPE_BUFFER:
	case TYPE_ARRAY:
	case TYPE_STRUCT:
	case TYPE_TUPLE:
	case TYPE_RECORD:
	case TYPE_INET:
	case TYPE_MAC:
	case TYPE_USYM:
	case TYPE_KSTACK:
	case TYPE_USTACK:
		return true;
	default:
		return false;
	}
}

static bool fields_equal(const struct type *a, const struct type *b)
{
	if (a->nfields != b->nfields)
		return false;
	for (unsigned i = 0; i < a->nfields; i++) {
		const struct field *f = &a->fields[i], *g = &b->fields[i];

		if (a->kind == TYPE_RECORD && strcmp(f->name, g->name) != 0)
			return false;
		if (!type_equal(f->type, g->type))
			return false;
	}
	return true;
}

bool type_equal(const struct type *a, const struct type *b)
{
	if (a == b)
		return true;
	if (!a || !b || a->kind != b->kind)
		return false;
	switch ((int)a->kind) {
	case TYPE_INT:
	case TYPE_ENUM:
		return a->size == b->size && a->is_signed == b->is_signed;
	case TYPE_STRING:
	case TYPE_BUFFER:
		return a->size == b->size;
	case TYPE_PTR:
		return a->space == b->space && type_equal(a->elem, b->elem);
	case TYPE_ARRAY:
		return a->count == b->count && type_equal(a->elem, b->elem);
	case TYPE_STRUCT:
		/* Without a name: copies of one type share their fields. */
		if (!a->name && !b->name)
			return a->fields && a->fields == b->fields;
		return a->name && b->name && strcmp(a->name, b->name) == 0;
	case TYPE_TUPLE:
	case TYPE_RECORD:
		return fields_equal(a, b);
	case TYPE_SUM:
	case TYPE_MIN:
	case TYPE_MAX:
	case TYPE_AVG:
	case TYPE_STATS:
		return a->is_signed == b->is_signed;
	case TYPE_HIST:
	case TYPE_LHIST:
	case TYPE_TSERIES:
		return memcmp(&a->agg, &b->agg, sizeof(a->agg)) == 0;
	default:
		return true;
	}
}

/* C's integers as x86-64 and arm64 have them, beside our own. */
static const struct {
	const char *name;
	struct type *type;
} named_types[] = {
	{ "bool", &type_bool },
	{ "int8", &type_int8 },
	{ "int16", &type_int16 },
	{ "int32", &type_int32 },
	{ "int64", &type_int64 },
	{ "uint8", &type_uint8 },
	{ "uint16", &type_uint16 },
	{ "uint32", &type_uint32 },
	{ "uint64", &type_uint64 },
	{ "int8_t", &type_int8 },
	{ "int16_t", &type_int16 },
	{ "int32_t", &type_int32 },
	{ "int64_t", &type_int64 },
	{ "uint8_t", &type_uint8 },
	{ "uint16_t", &type_uint16 },
	{ "uint32_t", &type_uint32 },
	{ "uint64_t", &type_uint64 },
	{ "char", &type_int8 },
	{ "short", &type_int16 },
	{ "int", &type_int32 },
	{ "long", &type_int64 },
	{ "unsigned", &type_uint32 },
	{ "size_t", &type_uint64 },
	{ "ssize_t", &type_int64 },
	{ "ptrdiff_t", &type_int64 },
	{ "uintptr_t", &type_uint64 },
	{ "intptr_t", &type_int64 },
	{ "u8", &type_uint8 },
	{ "u16", &type_uint16 },
	{ "u32", &type_uint32 },
	{ "u64", &type_uint64 },
	{ "s8", &type_int8 },
	{ "s16", &type_int16 },
	{ "s32", &type_int32 },
	{ "s64", &type_int64 },
	{ "__u8", &type_uint8 },
	{ "__u16", &type_uint16 },
	{ "__u32", &type_uint32 },
	{ "__u64", &type_uint64 },
	{ "__s8", &type_int8 },
	{ "__s16", &type_int16 },
	{ "__s32", &type_int32 },
	{ "__s64", &type_int64 },
	{ "__le16", &type_uint16 },
	{ "__le32", &type_uint32 },
	{ "__le64", &type_uint64 },
	{ "__be16", &type_uint16 },
	{ "__be32", &type_uint32 },
	{ "__be64", &type_uint64 },
	{ "__sum16", &type_uint16 },
	{ "__wsum", &type_uint32 },
	{ "void", &type_void },
};

/* C's integers in any order of their words, "unsigned long int"; NULL when a word is something else. */
static struct type *c_integer(const char *name)
{
	bool is_unsigned = false, is_char = false, is_short = false;
	unsigned longs = 0;
	struct type *t = NULL;

	while (*name) {
		static const char *const words[] = { "unsigned", "signed", "int", "char", "short", "long" };
		size_t n = strcspn(name, " \t"), w = 0;

		while (w < 6 && (strlen(words[w]) != n || strncmp(words[w], name, n) != 0))
			w++;
		if (w == 6)
			return NULL;
		is_unsigned |= w == 0;
		is_char |= w == 3;
		is_short |= w == 4;
		longs += w == 5;
		t = type_int(is_char ? 1 : is_short ? 2 : longs ? 8 : 4, !is_unsigned);
		name += n + strspn(name + n, " \t");
	}
	return t;
}

struct type *type_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(named_types) / sizeof(named_types[0]); i++) {
		if (strcmp(named_types[i].name, name) == 0)
			return named_types[i].type;
	}
	return c_integer(name);
}

static const char *const kind_names[TYPE_KIND_COUNT] = {
	[TYPE_ERROR] = "error",
	[TYPE_VOID] = "void",
	[TYPE_BOOL] = "bool",
	[TYPE_INT] = "int",
	[TYPE_STRING] = "string",
	[TYPE_BUFFER] = "buffer",
	[TYPE_PTR] = "ptr",
	[TYPE_ARRAY] = "array",
	[TYPE_STRUCT] = "struct",
	[TYPE_ENUM] = "enum",
	[TYPE_TUPLE] = "tuple",
	[TYPE_RECORD] = "record",
	[TYPE_INET] = "inet",
	[TYPE_MAC] = "mac_address",
	[TYPE_TIMESTAMP] = "timestamp",
	[TYPE_KSYM] = "ksym",
	[TYPE_USERNAME] = "username",
	[TYPE_USYM] = "usym",
	[TYPE_KSTACK] = "kstack",
	[TYPE_USTACK] = "ustack",
	[TYPE_COUNT] = "count_t",
	[TYPE_SUM] = "sum_t",
	[TYPE_MIN] = "min_t",
	[TYPE_MAX] = "max_t",
	[TYPE_AVG] = "avg_t",
	[TYPE_STATS] = "stats_t",
	[TYPE_HIST] = "hist_t",
	[TYPE_LHIST] = "lhist_t",
	[TYPE_TSERIES] = "tseries_t",
};

static void print_fields(struct strbuf *out, const struct type *t)
{
	strbuf_addc(out, '(');
	for (unsigned i = 0; i < t->nfields; i++) {
		if (i)
			strbuf_addc(out, ',');
		if (t->kind == TYPE_RECORD)
			strbuf_addf(out, "%s=", t->fields[i].name);
		type_print(out, t->fields[i].type);
	}
	strbuf_addc(out, ')');
}

void type_print(struct strbuf *out, const struct type *t)
{
	if (!t) {
		strbuf_adds(out, "unknown");
		return;
	}
	switch ((int)t->kind) {
	case TYPE_INT:
		strbuf_addf(out, "%sint%u", t->is_signed ? "" : "u", t->size * 8);
		break;
	case TYPE_STRING:
	case TYPE_BUFFER:
		strbuf_addf(out, "%s[%u]", kind_names[t->kind], t->size);
		break;
	case TYPE_PTR:
		type_print(out, t->elem);
		strbuf_adds(out, t->elem && t->elem->kind == TYPE_PTR ? "*" : " *");
		break;
	case TYPE_ARRAY:
		type_print(out, t->elem);
		strbuf_addf(out, "[%u]", t->count);
		break;
	case TYPE_STRUCT:
		strbuf_addf(
		        out, "%s %s", t->is_union ? "union" : "struct", t->name ? t->name : "(anonymous)");
		break;
	case TYPE_ENUM:
		strbuf_addf(out, "enum %s", t->name ? t->name : "(anonymous)");
		break;
	case TYPE_TUPLE:
	case TYPE_RECORD:
		print_fields(out, t);
		break;
	default:
		strbuf_adds(out, kind_names[t->kind]);
		break;
	}
}

const char *type_name(struct arena *a, const struct type *t)
{
	struct strbuf b = { 0 };
	const char *name;

	type_print(&b, t);
	name = arena_strdup(a, b.data);
	strbuf_free(&b);
	return name;
}
