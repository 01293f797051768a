/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The printf engine. It parses each conversion and hands it to the C library
 * with one well-known argument type, so flags, widths and precisions are C's.
 *
 * A conversion without length modifier takes the argument at its own width, at
 * least 32 bits: 64-bit values print whole where C would cut them.
 */
#include "runtime/format.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

struct directive {
	char flags[8];
	int width, precision; /* -1: none */
	unsigned bits;        /* of the length modifier; 0: none */
	char conversion;
	char variant; /* of %r: x or h; else 0 */
};

static const char *parse_number(const char *p, int *out)
{
	int n = 0;

	while (*p >= '0' && *p <= '9') {
		if (n < 65536)
			n = n * 10 + (*p - '0');
		p++;
	}
	*out = n;
	return p;
}

static const char *parse_length(const char *p, unsigned *bits)
{
	*bits = 0;
	if (p[0] == 'h' && p[1] == 'h') {
		*bits = 8;
		return p + 2;
	}
	if (p[0] == 'h') {
		*bits = 16;
		return p + 1;
	}
	while (*p && strchr("ljztq", *p)) {
		*bits = 64;
		p++;
	}
	return p;
}

/* From behind the '%'; returns what follows the directive. */
static const char *parse_directive(const char *p, struct directive *d)
{
	unsigned n = 0;

	memset(d, 0, sizeof(*d));
	d->width = d->precision = -1;
	for (; *p && strchr("-+ #0'", *p); p++)
		if (n < sizeof(d->flags) - 1 && !strchr(d->flags, *p))
			d->flags[n++] = *p;
	if (*p >= '1' && *p <= '9')
		p = parse_number(p, &d->width);
	if (*p == '.')
		p = parse_number(p + 1, &d->precision);
	p = parse_length(p, &d->bits);
	d->conversion = *p;
	if (!*p)
		return p;
	p++;
	if (d->conversion == 'r' && (*p == 'x' || *p == 'h'))
		d->variant = *p++;
	return p;
}

/* The directive again, for the C library, with a fixed length modifier. */
static void libc_format(
        char *out, size_t size, const struct directive *d, const char *length, char conversion)
{
	char width[16] = "", precision[16] = "";

	if (d->width >= 0)
		snprintf(width, sizeof(width), "%d", d->width);
	if (d->precision >= 0)
		snprintf(precision, sizeof(precision), ".%d", d->precision);
	snprintf(out, size, "%%%s%s%s%s%c", d->flags, width, precision, length, conversion);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static uint64_t cut_bits(uint64_t v, unsigned bits, bool is_signed)
{
	unsigned shift = 64 - bits;

	return is_signed ? (uint64_t)((int64_t)(v << shift) >> shift) : (v << shift) >> shift;
}

/*
 * The width of a conversion without length modifier: the argument's own, at least
 * C's int. Two kinds of 64-bit values are 32 bits wide as in C, since they came from
 * there: small negative numbers under %x and %u, and under %d the
 * unsigned form of an error or of "no user", as syscall tracepoints widen it.
 */
static unsigned plain_bits(const struct type *t, uint64_t v, bool wants_signed)
{
	if (t->kind == TYPE_INT && t->size < 8)
		return 32;
	if (wants_signed)
		return v <= UINT32_MAX && v > UINT32_MAX - 4096 ? 32 : 64;
	return value_int_is_signed(t) && (int64_t)v < 0 && (int64_t)v >= INT32_MIN ? 32 : 64;
}

static void int_text(struct strbuf *out, const struct directive *d, const struct format_arg *arg)
{
	bool wants_signed = d->conversion == 'd' || d->conversion == 'i';
	uint64_t v = (uint64_t)value_int(arg->type, arg->data);
	unsigned bits = d->bits;
	char format[64];

	if (!bits)
		bits = plain_bits(arg->type, v, wants_signed);
	v = cut_bits(v, bits, wants_signed);
	libc_format(format, sizeof(format), d, "ll", d->conversion);
	strbuf_addf(out, format, (unsigned long long)v);
}

static void padded_text(struct strbuf *out, const struct directive *d, const char *s, size_t len)
{
	size_t width = d->width > 0 ? (size_t)d->width : 0;
	bool left = strchr(d->flags, '-');

	if (d->precision >= 0 && len > (size_t)d->precision)
		len = (size_t)d->precision;
	for (size_t i = len; i < width && !left; i++)
		strbuf_addc(out, ' ');
	strbuf_add(out, s, len);
	for (size_t i = len; i < width && left; i++)
		strbuf_addc(out, ' ');
}

static void pointer_text(struct strbuf *out, const struct directive *d, const struct format_arg *arg)
{
	uint64_t v = (uint64_t)value_int(arg->type, arg->data);
	struct strbuf text = { 0 };

	strbuf_addf(&text, v ? "0x%llx" : "(nil)", (unsigned long long)v);
	padded_text(out, d, text.data, text.len);
	strbuf_free(&text);
}

static void char_text(struct strbuf *out, const struct directive *d, const struct format_arg *arg)
{
	char c = (char)value_int(arg->type, arg->data);

	/* A NUL prints as nothing, as in bpftrace, where it ends the converted text. */
	padded_text(out, d, &c, c != 0);
}

#pragma GCC diagnostic pop

/* A buffer: %r "ab\x0a", %rx "\x61\x62\x0a", %rh "61 62 0a". */
static void buffer_text(struct strbuf *out, const struct directive *d, const struct value_env *env,
        const struct format_arg *arg)
{
	const unsigned char *data = arg->data;
	uint32_t len;

	if (!d->variant || arg->type->kind != TYPE_BUFFER) {
		format_arg_text(out, env, arg);
		return;
	}
	memcpy(&len, data, sizeof(len));
	if (len > arg->type->size)
		len = arg->type->size;
	data += sizeof(len);
	for (uint32_t i = 0; i < len; i++)
		strbuf_addf(out, d->variant == 'x' ? "\\x%02x" : i ? " %02x" : "%02x", data[i]);
}

void format_arg_text(struct strbuf *out, const struct value_env *env, const struct format_arg *arg)
{
	if (!arg->tail) {
		value_text(out, env, arg->type, arg->data);
		return;
	}
	strbuf_add(out, arg->data, strnlen(arg->data, arg->len));
	if (arg->cut && env->trailer)
		strbuf_adds(out, env->trailer);
}

static void conversion_text(struct strbuf *out, const struct directive *d, const struct value_env *env,
        const struct format_arg *arg)
{
	struct strbuf text = { 0 };

	switch (d->conversion) {
	case 'd':
	case 'i':
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		int_text(out, d, arg);
		break;
	case 'c':
		char_text(out, d, arg);
		break;
	case 'p':
		pointer_text(out, d, arg);
		break;
	case 'r':
		buffer_text(out, d, env, arg);
		break;
	default: /* %s, and what check lets through in its place */
		format_arg_text(&text, env, arg);
		padded_text(out, d, text.data ? text.data : "", text.len);
		strbuf_free(&text);
		break;
	}
}

void format_text(struct strbuf *out, const struct value_env *env, const char *format,
        const struct format_arg *args, unsigned nargs)
{
	struct directive d;
	unsigned next = 0;

	while (*format) {
		size_t plain = strcspn(format, "%");

		strbuf_add(out, format, plain);
		format += plain;
		if (!*format)
			break;
		format = parse_directive(format + 1, &d);
		if (d.conversion == '%')
			strbuf_addc(out, '%');
		else if (d.conversion && next < nargs)
			conversion_text(out, &d, env, &args[next++]);
	}
}
