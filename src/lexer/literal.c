/* SPDX-License-Identifier: Apache-2.0 */
/* Values of number and string literals. */
#include "lexer/lexer.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "lang/errors.h"

/* A number on its way through the reader. */
struct digits {
	const char *p, *end;
	uint64_t value;
	bool overflow;
};

static void scale(struct digits *d, uint64_t by, uint64_t plus)
{
	if (__builtin_mul_overflow(d->value, by, &d->value) ||
	        __builtin_add_overflow(d->value, plus, &d->value))
		d->overflow = true;
}

/* Reads digits of a base and the separators between them. */
static void read_digits(struct digits *d, unsigned base)
{
	for (; d->p < d->end; d->p++) {
		unsigned digit;

		if (*d->p == '_')
			continue;
		if (isdigit((unsigned char)*d->p))
			digit = (unsigned)(*d->p - '0');
		else if (isxdigit((unsigned char)*d->p))
			digit = (unsigned)(tolower((unsigned char)*d->p) - 'a' + 10);
		else
			break;
		if (digit >= base)
			break;
		scale(d, base, digit);
	}
}

static void read_exponent(struct digits *d)
{
	struct digits exponent = { .p = d->p, .end = d->end };

	read_digits(&exponent, 10);
	d->p = exponent.p;
	if (d->value && exponent.value > 19)
		d->overflow = true;
	else if (d->value)
		for (uint64_t i = 0; i < exponent.value; i++)
			scale(d, 10, 0);
}

static const struct {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", 60000000000 },
	{ "h", 3600000000000 },
	{ "d", 86400000000000 },
};

static bool read_unit(struct digits *d)
{
	size_t len = (size_t)(d->end - d->p);

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strlen(units[i].name) != len || memcmp(units[i].name, d->p, len))
			continue;
		scale(d, units[i].ns, 0);
		return true;
	}
	return false;
}

/* C's suffixes, in any case: u, l, ul, lu, ll, ull, llu. They change nothing. */
static bool is_c_suffix(const char *p, const char *end)
{
	static const char *const suffixes[] = { "u", "l", "ul", "lu", "ll", "ull", "llu" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
		if (strlen(suffixes[i]) == (size_t)(end - p) &&
		        !strncasecmp(suffixes[i], p, (size_t)(end - p)))
			return true;
	return false;
}

bool literal_number(struct lexer *lx, const char *text, size_t len, uint64_t *value)
{
	struct digits d = { .p = text, .end = text + len };
	bool decimal = false, ok;

	if (memchr(text, '.', len) || memchr(text, '-', len) || memchr(text, '+', len)) {
		diag_error(lx->diag, lx->loc, FLOAT_LITERAL);
		return false;
	}
	if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
	        isxdigit((unsigned char)text[2])) {
		d.p += 2;
		read_digits(&d, 16);
	} else if (len > 1 && text[0] == '0' && (isdigit((unsigned char)text[1]) || text[1] == '_')) {
		read_digits(&d, 8);
	} else {
		decimal = true;
		read_digits(&d, 10);
		if (d.p + 1 < d.end && (*d.p == 'e' || *d.p == 'E') && isdigit((unsigned char)d.p[1])) {
			d.p++;
			read_exponent(&d);
		}
	}
	ok = d.p == d.end || is_c_suffix(d.p, d.end) || (decimal && read_unit(&d));
	if (!ok)
		diag_error(lx->diag, lx->loc, BAD_NUMBER, (int)(len < 40 ? len : 40), text);
	else if (d.overflow)
		diag_error(lx->diag, lx->loc, NUMBER_TOO_LARGE);
	*value = d.value;
	return ok && !d.overflow;
}

/* A place inside the token at hand, which starts `back` bytes before s; in a #define's value, the whole use.
 */
static struct loc inside(struct lexer *lx, size_t from, size_t to)
{
	if (lexer_text(lx)->define)
		return lx->loc;
	return (struct loc){ lx->loc.start + (uint32_t)from, lx->loc.start + (uint32_t)to };
}

/* The escape at s, behind the backslash; returns its bytes, 0 when there is none such. */
static size_t read_escape(const char *s, size_t left, char *out)
{
	static const char names[] = "nrtab\"\\'fv", values[] = "\n\r\ta\b\"\\'\f\v";
	const char *name;
	unsigned value = 0;
	size_t n = 0;

	if (!left)
		return 0;
	if (*s >= '0' && *s <= '7') {
		for (; n < 3 && n < left && s[n] >= '0' && s[n] <= '7'; n++)
			value = value * 8 + (unsigned)(s[n] - '0');
		*out = (char)value;
		return value < 256 ? n : 0;
	}
	if (*s == 'x') {
		struct digits d = { .p = s + 1, .end = s + (left < 3 ? left : 3) };

		if (d.p < d.end && !isxdigit((unsigned char)*d.p))
			return 0;
		read_digits(&d, 16);
		*out = (char)d.value;
		return d.p > s + 1 ? (size_t)(d.p - s) : 0;
	}
	name = memchr(names, *s, sizeof(names) - 1);
	if (!name)
		return 0;
	*out = *s == 'a' ? '\a' : values[name - names];
	return 1;
}

char *literal_string(struct lexer *lx, const char *s, size_t left, size_t *used, size_t *out_len)
{
	size_t i = 0, n = 0, end = 0;
	char *out;

	while (end < left && s[end] != '"' && s[end] != '\n')
		end += s[end] == '\\' && end + 1 < left ? 2 : 1;
	if (end >= left || s[end] != '"') {
		const char *line = memchr(s, '\n', left);

		*used = line ? (size_t)(line - s) : left;
		if (!lexer_text(lx)->define)
			lx->loc.end = lx->loc.start + 1 + (uint32_t)*used;
		diag_error(lx->diag, lx->loc, UNTERMINATED_STRING);
		return NULL;
	}
	*used = end + 1;
	out = arena_alloc(lx->arena, end + 1);
	while (i < end) {
		size_t step;

		if (s[i] != '\\') {
			out[n++] = s[i++];
			continue;
		}
		step = read_escape(s + i + 1, end - i - 1, &out[n]);
		if (!step) {
			/* In the string's own place: 1 is for the opening quote. */
			diag_error(lx->diag, inside(lx, i + 1, i + 3), BAD_ESCAPE, s[i + 1]);
			step = 1;
		}
		n++;
		i += 1 + step;
	}
	out[n] = '\0';
	*out_len = n;
	return out;
}
