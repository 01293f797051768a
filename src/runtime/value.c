/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as text, from their bytes and type. Aggregations are maps.c's business,
 * printf's conversions format.c's.
 */
#include "runtime/value.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <arpa/inet.h>

#include "base/str.h"
#include "lang/layout.h"
#include "system/users.h"

int64_t value_int(const struct type *t, const void *data)
{
	uint64_t v = 0;
	uint32_t size = layout_size(t);

	if (size > sizeof(v))
		return 0;
	memcpy(&v, data, size);
	if (value_int_is_signed(t) && size < 8) {
		unsigned shift = 64 - size * 8;

		return size ? (int64_t)(v << shift) >> shift : 0;
	}
	return (int64_t)v;
}

bool value_int_is_signed(const struct type *t)
{
	return (t->kind == TYPE_INT || t->kind == TYPE_ENUM) && t->is_signed;
}

int64_t value_bits(const struct field *f, const void *data)
{
	uint32_t bytes = (f->bit_offset + f->bit_size + 7) / 8;
	uint64_t bits = 0;

	memcpy(&bits, (const char *)data + f->offset, bytes < 8 ? bytes : 8);
	bits <<= 64 - f->bit_offset - f->bit_size;
	return value_int_is_signed(f->type) ? (int64_t)bits >> (64 - f->bit_size)
	                                    : (int64_t)(bits >> (64 - f->bit_size));
}

uint32_t value_string_len(const void *data, uint32_t size, bool *cut)
{
	const char *s = data;
	uint32_t len = strnlen(s, size);

	*cut = false;
	if (size && len == size) {
		*cut = s[size - 1] == STRING_CUT_MARK;
		if (*cut)
			len--;
	}
	return len;
}

static void string_text(struct strbuf *out, const struct value_env *env, const struct type *t, const char *s)
{
	bool cut;
	uint32_t len = value_string_len(s, t->size, &cut);

	strbuf_add(out, s, len);
	if (cut && env->trailer)
		strbuf_adds(out, env->trailer);
}

/* "%f" is not strftime's: microseconds, as bpftrace has it. */
static void expand_micros(struct strbuf *out, const char *format, uint64_t ns)
{
	for (const char *p = format; *p; p++) {
		if (p[0] == '%' && p[1] == 'f') {
			strbuf_addf(out, "%06" PRIu64, ns / 1000 % 1000000);
			p++;
		} else if (p[0] == '%' && p[1]) {
			strbuf_add(out, p++, 2);
		} else {
			strbuf_addc(out, *p);
		}
	}
}

void value_time_text(struct strbuf *out, const struct value_env *env, const char *format, uint64_t ns)
{
	uint64_t wall = ns + (uint64_t)env->realtime_offset;
	time_t seconds = (time_t)(wall / 1000000000);
	struct strbuf expanded = { 0 };
	struct tm tm;
	char text[512];

	expand_micros(&expanded, format, wall);
	if (expanded.len && localtime_r(&seconds, &tm))
		strbuf_add(out, text, strftime(text, sizeof(text), expanded.data, &tm));
	strbuf_free(&expanded);
}

/* The timestamp's clock: 0 is CLOCK_BOOTTIME and the others differ from the wall clock by nothing we add. */
static void timestamp_text(struct strbuf *out, const struct value_env *env, const struct type *t, uint64_t ns)
{
	struct value_env wall = *env;

	if (t->count != 0)
		wall.realtime_offset = 0;
	value_time_text(out, &wall, t->name ? t->name : "%H:%M:%S", ns);
}

/* (1, a)   { .a = 1, .b = x } */
static void fields_text(
        struct strbuf *out, const struct value_env *env, const struct type *t, const char *data)
{
	for (unsigned i = 0; i < t->nfields; i++) {
		const struct field *f = &t->fields[i];

		if (i)
			strbuf_adds(out, ", ");
		if (t->kind != TYPE_TUPLE)
			strbuf_addf(out, ".%s = ", f->name ? f->name : "");
		if (f->bit_size) {
			strbuf_addf(out, value_int_is_signed(f->type) ? "%" PRId64 : "%" PRIu64,
			        value_bits(f, data));
		} else {
			value_text(out, env, f->type, data + f->offset);
		}
	}
}

/* [1,2,3] */
static void array_text(
        struct strbuf *out, const struct value_env *env, const struct type *t, const char *data)
{
	uint32_t step = layout_c_size(t->elem);

	strbuf_addc(out, '[');
	for (uint32_t i = 0; i < t->count; i++) {
		if (i)
			strbuf_addc(out, ',');
		value_text(out, env, t->elem, data + (size_t)i * step);
	}
	strbuf_addc(out, ']');
}

/* Printable bytes as they are, others as \x01. */
static void buffer_text(struct strbuf *out, const struct type *t, const unsigned char *data)
{
	uint32_t len;

	memcpy(&len, data, sizeof(len));
	if (len > t->size)
		len = t->size;
	data += sizeof(len);
	for (uint32_t i = 0; i < len; i++) {
		if (data[i] >= 0x20 && data[i] < 0x7f)
			strbuf_addc(out, (char)data[i]);
		else
			strbuf_addf(out, "\\x%02x", data[i]);
	}
}

static void inet_text(struct strbuf *out, const char *data)
{
	char text[INET6_ADDRSTRLEN];
	uint32_t family;

	memcpy(&family, data, sizeof(family));
	if (inet_ntop((int)family, data + 4, text, sizeof(text)))
		strbuf_adds(out, text);
}

static void mac_text(struct strbuf *out, const unsigned char *d)
{
	strbuf_addf(out, "%02X:%02X:%02X:%02X:%02X:%02X", d[0], d[1], d[2], d[3], d[4], d[5]);
}

/* The number of a user who has no name. */
static void username_text(struct strbuf *out, const void *data)
{
	uint64_t uid;
	const char *name;

	memcpy(&uid, data, sizeof(uid));
	name = user_name((uid_t)uid);
	if (name)
		strbuf_adds(out, name);
	else
		strbuf_addf(out, "%" PRIu64, uid);
}

void value_text(struct strbuf *out, const struct value_env *env, const struct type *t, const void *data)
{
	uint64_t word = 0;

	switch (t->kind) {
	case TYPE_BOOL:
		strbuf_adds(out, value_int(t, data) ? "true" : "false");
		break;
	case TYPE_INT:
	case TYPE_ENUM:
		if (value_int_is_signed(t))
			strbuf_addf(out, "%" PRId64, value_int(t, data));
		else
			strbuf_addf(out, "%" PRIu64, (uint64_t)value_int(t, data));
		break;
	case TYPE_STRING:
		string_text(out, env, t, data);
		break;
	case TYPE_BUFFER:
		buffer_text(out, t, data);
		break;
	case TYPE_USERNAME:
		username_text(out, data);
		break;
	case TYPE_KSYM:
	case TYPE_USYM:
		symbol_text(out, &env->stacks, t, data);
		break;
	case TYPE_KSTACK:
	case TYPE_USTACK:
		stack_text(out, &env->stacks, t, data, env->stack_indent ? env->stack_indent : 8);
		break;
	case TYPE_PTR:
		memcpy(&word, data, sizeof(word));
		strbuf_addf(out, "0x%" PRIx64, word);
		break;
	case TYPE_ARRAY:
		array_text(out, env, t, data);
		break;
	case TYPE_TUPLE:
		strbuf_addc(out, '(');
		fields_text(out, env, t, data);
		strbuf_adds(out, t->nfields == 1 ? ",)" : ")");
		break;
	case TYPE_RECORD:
	case TYPE_STRUCT:
		strbuf_adds(out, "{ ");
		fields_text(out, env, t, data);
		strbuf_adds(out, " }");
		break;
	case TYPE_INET:
		inet_text(out, data);
		break;
	case TYPE_MAC:
		mac_text(out, data);
		break;
	case TYPE_TIMESTAMP:
		memcpy(&word, data, sizeof(word));
		timestamp_text(out, env, t, word);
		break;
	case TYPE_ERROR:
	case TYPE_VOID:
	case TYPE_COUNT:
	case TYPE_SUM:
	case TYPE_MIN:
	case TYPE_MAX:
	case TYPE_AVG:
	case TYPE_STATS:
	case TYPE_HIST:
	case TYPE_LHIST:
	case TYPE_TSERIES:
	case TYPE_KIND_COUNT:
		break;
	}
}

void value_key_text(
        struct strbuf *out, const struct value_env *values, const struct type *t, const void *data)
{
	struct value_env keys = *values;
	const struct value_env *env = &keys;

	keys.stack_indent = 4;
	if (t->kind == TYPE_TUPLE)
		fields_text(out, env, t, data);
	else
		value_text(out, env, t, data);
}

static int compare_ints(const struct type *t, const void *a, const void *b)
{
	int64_t x = value_int(t, a), y = value_int(t, b);

	if (value_int_is_signed(t))
		return x < y ? -1 : x > y;
	return (uint64_t)x < (uint64_t)y ? -1 : (uint64_t)x > (uint64_t)y;
}

int value_compare(const struct type *t, const void *a, const void *b)
{
	const char *x = a, *y = b;
	int order = 0;

	if (type_is_integer(t) || t->kind == TYPE_PTR || t->kind == TYPE_TIMESTAMP || t->kind == TYPE_KSYM)
		return compare_ints(t, a, b);
	if (t->kind == TYPE_STRING)
		return strncmp(a, b, t->size);
	if (t->kind == TYPE_TUPLE || t->kind == TYPE_RECORD) {
		for (unsigned i = 0; i < t->nfields && !order; i++)
			order = value_compare(
			        t->fields[i].type, x + t->fields[i].offset, y + t->fields[i].offset);
		return order;
	}
	return memcmp(a, b, layout_size(t));
}
