/* SPDX-License-Identifier: Apache-2.0 */
/* Prints messages with the place in the script and an excerpt of its line. */
#include "base/diag.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"

#define MAX_ERRORS    20
#define EXCERPT_WIDTH 120 /* columns of a line that are shown at most */
#define EXCERPT_LEFT  50  /* columns before the place when a line is clipped */
#define TAB_WIDTH     8
#define ELLIPSIS      "…"

void diag_init(struct diag *d, const struct source *source, FILE *out, bool colour)
{
	*d = (struct diag){ .source = source, .out = out, .colour = colour, .max_errors = MAX_ERRORS };
}

/* Bytes of the character at p, and whether it can be shown as it is. */
static unsigned char_length(const char *p, size_t left, bool *printable)
{
	unsigned char c = (unsigned char)*p;
	unsigned n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

	*printable = c >= 0x20 && c < 0x7f;
	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4 || n > left)
		return 1;
	for (unsigned i = 1; i < n; i++)
		if (((unsigned char)p[i] & 0xc0) != 0x80)
			return 1;
	/* U+0080 … U+009F are control characters. */
	*printable = !(c == 0xc2 && (unsigned char)p[1] < 0xa0);
	return n;
}

/* A line on its way through tab expansion; column counts from 0. */
struct cursor {
	const char *p, *end;
	unsigned column;
};

/* Takes one character; appends to out what of it lies in the window [from, to). */
static void cursor_step(struct cursor *c, struct strbuf *out, unsigned from, unsigned to)
{
	bool printable;
	unsigned n = char_length(c->p, (size_t)(c->end - c->p), &printable);
	unsigned width = *c->p == '\t' ? TAB_WIDTH - c->column % TAB_WIDTH : 1;

	for (unsigned i = 0; i < width; i++, c->column++) {
		if (!out || c->column < from || c->column >= to)
			continue;
		if (*c->p == '\t')
			strbuf_addc(out, ' ');
		else if (printable)
			strbuf_add(out, c->p, n);
		else
			strbuf_addc(out, '?');
	}
	c->p += n;
}

static unsigned cursor_column(struct cursor *c, const char *until)
{
	while (c->p < until && c->p < c->end)
		cursor_step(c, NULL, 0, 0);
	return c->column;
}

static const char *colour_on(bool colour, const char *code)
{
	return colour ? code : "";
}

static void excerpt(struct strbuf *out, const struct source *s, struct loc loc, bool colour)
{
	unsigned line, col, first, last, width, from = 0, to;
	size_t len;
	const char *text;
	struct cursor c;

	if (loc.start == 0 && loc.end == 0)
		return;
	source_position(s, loc.start, &line, &col);
	text = source_line(s, line, &len);
	while (len && (text[len - 1] == '\r'))
		len--;
	c = (struct cursor){ text, text + len, 0 };
	first = cursor_column(&c, text + col - 1);
	last = cursor_column(&c, s->text + (loc.end < s->len ? loc.end : s->len));
	if (last <= first)
		last = first + 1;
	width = cursor_column(&c, text + len);
	to = width;
	if (width > EXCERPT_WIDTH) {
		from = first > EXCERPT_LEFT ? first - EXCERPT_LEFT : 0;
		to = from + EXCERPT_WIDTH;
	}

	strbuf_adds(out, from ? "  " ELLIPSIS : "  ");
	for (c = (struct cursor){ text, text + len, 0 }; c.p < c.end && c.column < to;)
		cursor_step(&c, out, from, to);
	strbuf_adds(out, to < width ? ELLIPSIS "\n  " : "\n  ");
	if (width > EXCERPT_WIDTH && last > to)
		last = to;
	for (unsigned i = from ? from - 1 : 0; i < first; i++)
		strbuf_addc(out, ' ');
	strbuf_adds(out, colour_on(colour, "\033[1;32m"));
	for (unsigned i = first; i < last; i++)
		strbuf_addc(out, '~');
	strbuf_adds(out, colour_on(colour, "\033[0m"));
	strbuf_addc(out, '\n');
}

void diag_excerpt(struct strbuf *out, const struct source *s, struct loc loc)
{
	excerpt(out, s, loc, false);
}

/* "script.bt:3:12-18: ", "script.bt:3:12: " for one character, "script.bt:3-5: " for several lines. */
static void add_place(struct strbuf *out, const struct source *s, struct loc loc)
{
	unsigned line, col, end_line, end_col;

	source_position(s, loc.start, &line, &col);
	source_position(s, loc.end > loc.start ? loc.end - 1 : loc.start, &end_line, &end_col);
	if (end_line > line)
		strbuf_addf(out, "%s:%u-%u: ", s->name, line, end_line);
	else if (end_col > col)
		strbuf_addf(out, "%s:%u:%u-%u: ", s->name, line, col, end_col);
	else
		strbuf_addf(out, "%s:%u:%u: ", s->name, line, col);
}

/* A message may quote the script: keep control characters off the terminal. */
static void add_message(struct strbuf *out, const char *fmt, va_list ap)
{
	size_t start = out->len;

	strbuf_addv(out, fmt, ap);
	for (size_t i = start; i < out->len; i++) {
		unsigned char c = (unsigned char)out->data[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			out->data[i] = '?';
	}
}

static const char *const severity_words[] = {
	[SEV_ERROR] = "error",
	[SEV_WARNING] = "warning",
	[SEV_NOTE] = "note",
};

static const char *const severity_colours[] = {
	[SEV_ERROR] = "\033[1;31m",
	[SEV_WARNING] = "\033[1;35m",
	[SEV_NOTE] = "\033[1;36m",
};

/* Counts the message; false when it is not to be printed. */
static bool wanted(struct diag *d, enum severity sev, struct loc loc, bool has_place)
{
	if (sev == SEV_WARNING) {
		if (d->no_warnings)
			return false;
		d->warnings++;
	}
	if (sev != SEV_ERROR)
		return true;
	if (has_place && d->have_last && d->last_start == loc.start && d->errors)
		return false;
	d->have_last = has_place;
	d->last_start = loc.start;
	d->errors++;
	return !d->max_errors || d->errors <= d->max_errors;
}

/* , "file": "x.bt", "line": 3, "column": 12, "end_line": 3, "end_column": 18 */
static void add_place_json(struct strbuf *out, const struct source *s, struct loc loc)
{
	unsigned line, col, end_line, end_col;

	source_position(s, loc.start, &line, &col);
	source_position(s, loc.end > loc.start ? loc.end - 1 : loc.start, &end_line, &end_col);
	strbuf_adds(out, ", \"file\": ");
	json_string(out, s->name, strlen(s->name));
	strbuf_addf(out, ", \"line\": %u, \"column\": %u, \"end_line\": %u, \"end_column\": %u", line, col,
	        end_line, end_col);
}

/* {"type": "error", "data": {"message": "…", "file": …, "hint": "…"}} */
static void emit_json(struct diag *d, enum severity sev, struct loc loc, bool has_place, const char *hint,
        const char *message, size_t len)
{
	struct strbuf out = { 0 };

	strbuf_addf(&out, "{\"type\": \"%s\", \"data\": {\"message\": ", severity_words[sev]);
	json_string(&out, message, len);
	if (has_place)
		add_place_json(&out, d->source, loc);
	if (hint) {
		strbuf_adds(&out, ", \"hint\": ");
		json_string(&out, hint, strlen(hint));
	}
	strbuf_adds(&out, "}}\n");
	fwrite(out.data, 1, out.len, d->out);
	strbuf_free(&out);
}

void diag_vemit(
        struct diag *d, enum severity sev, struct loc loc, const char *hint, const char *fmt, va_list ap)
{
	bool has_place = d->source && (loc.start || loc.end);
	struct strbuf out = { 0 };

	if (!wanted(d, sev, loc, has_place))
		return;
	if (d->json) {
		strbuf_addv(&out, fmt, ap);
		emit_json(d, sev, loc, has_place, hint, out.data, out.len);
		strbuf_free(&out);
		return;
	}
	if (has_place)
		add_place(&out, d->source, loc);
	strbuf_addf(&out, "%s%s:%s ", colour_on(d->colour, severity_colours[sev]), severity_words[sev],
	        colour_on(d->colour, "\033[0m"));
	add_message(&out, fmt, ap);
	strbuf_addc(&out, '\n');
	if (has_place)
		excerpt(&out, d->source, loc, d->colour);
	if (hint)
		strbuf_addf(&out, "  %shint:%s %s\n", colour_on(d->colour, "\033[1m"),
		        colour_on(d->colour, "\033[0m"), hint);
	fwrite(out.data, 1, out.len, d->out);
	strbuf_free(&out);
}
