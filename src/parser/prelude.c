/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directives of the C prelude: conditions, object-like #define, #undef. An #include
 * is stepped over: kernel types come from BTF. Replacing names by their values is the
 * lexer's part.
 */
#include "parser/prelude.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "lang/errors.h"
#include "lexer/lexer.h"

#define BUCKETS         64
#define MAX_CONDITIONS  64
#define MAX_PARENTHESES 100

struct condition {
	struct loc loc;
	bool taken; /* one of its branches was, so the others are not */
	bool had_else;
};

struct prelude {
	struct arena *arena;
	const struct source *source;
	struct diag *diag;
	struct define *buckets[BUCKETS];
	struct condition conditions[MAX_CONDITIONS];
	unsigned nconditions;
};

/* A directive's line while it is read. */
struct line {
	struct prelude *prelude;
	const char *start; /* the '#' */
	const char *p, *end;
	const char *word; /* "ifdef" */
	size_t word_len;
	unsigned depth; /* of parentheses and signs in an #if */
	bool bad;
};

static unsigned hash(const char *s, size_t len)
{
	unsigned h = 5381;

	while (len--)
		h = h * 33 + (unsigned char)*s++;
	return h % BUCKETS;
}

struct define *prelude_find(struct prelude *p, const char *name, size_t len)
{
	for (struct define *d = p->buckets[hash(name, len)]; d; d = d->next)
		if (strlen(d->name) == len && !memcmp(d->name, name, len))
			return d->gone ? NULL : d;
	return NULL;
}

static void define(struct prelude *p, const char *name, size_t len, const char *value, size_t value_len)
{
	struct define *d = arena_new(p->arena, struct define);
	struct define **bucket = &p->buckets[hash(name, len)];

	d->name = arena_strndup(p->arena, name, len);
	d->value = value;
	d->len = value_len;
	d->next = *bucket;
	*bucket = d;
}

struct prelude *prelude_create(struct arena *a, const struct source *s, struct diag *d, const char **names)
{
	struct prelude *p = arena_new(a, struct prelude);

	p->arena = a;
	p->source = s;
	p->diag = d;
	for (; names && *names; names++)
		define(p, *names, strlen(*names), "1", 1);
	return p;
}

static bool is_name(char c, bool first)
{
	return isalpha((unsigned char)c) || c == '_' || (!first && isdigit((unsigned char)c));
}

static void skip_spaces(struct line *l)
{
	for (; l->p < l->end; l->p++)
		if (!isspace((unsigned char)*l->p) && *l->p != '\\')
			break;
}

static const char *read_name(struct line *l, size_t *len)
{
	const char *start;

	skip_spaces(l);
	start = l->p;
	while (l->p < l->end && is_name(*l->p, l->p == start))
		l->p++;
	*len = (size_t)(l->p - start);
	return start;
}

/* The line from its '#' on, continued over "\\\n", without a comment at its end. */
static struct line read_line(struct prelude *p, size_t at)
{
	const char *text = p->source->text, *limit = text + p->source->len;
	struct line l = { .prelude = p, .start = text + at, .p = text + at + 1 };
	const char *end = l.p;

	while (end < limit && *end != '\n') {
		if (*end == '\\' && end + 1 < limit && end[1] == '\n')
			end++;
		end++;
	}
	l.end = end;
	for (const char *c = l.p; c + 1 < end; c++) {
		if (*c == '"') {
			const char *close = memchr(c + 1, '"', (size_t)(end - c - 1));

			c = close ? close : c;
		} else if (c[0] == '/' && c[1] == '/') {
			l.end = c;
			break;
		}
	}
	l.word = read_name(&l, &l.word_len);
	return l;
}

static bool word_is(const struct line *l, const char *word)
{
	return strlen(word) == l->word_len && !memcmp(word, l->word, l->word_len);
}

static struct loc line_loc(const struct line *l)
{
	const char *text = l->prelude->source->text, *end = l->end;

	while (end > l->start && isspace((unsigned char)end[-1]))
		end--;
	return (struct loc){ (uint32_t)(l->start - text), (uint32_t)(end - text) };
}

/* --- the expression of #if --- */

static long expr(struct line *l, unsigned level);

static bool take(struct line *l, const char *op)
{
	size_t n = strlen(op);

	skip_spaces(l);
	if ((size_t)(l->end - l->p) < n || memcmp(l->p, op, n))
		return false;
	l->p += n;
	return true;
}

static long number(const char *s, size_t len)
{
	char digits[24];
	uint64_t value;

	while (len && isspace((unsigned char)s[len - 1]))
		len--;
	while (len && strchr("uUlL", s[len - 1]))
		len--;
	if (!len || len >= sizeof(digits))
		return 0;
	memcpy(digits, s, len);
	digits[len] = '\0';
	return str_to_u64(digits, &value) ? (long)value : 0;
}

static long defined(struct line *l)
{
	bool paren = take(l, "(");
	size_t len;
	const char *name = read_name(l, &len);

	if (!len || (paren && !take(l, ")")))
		l->bad = true;
	return prelude_find(l->prelude, name, len) != NULL;
}

static long operand(struct line *l)
{
	const char *name;
	size_t len;
	long value;

	if (++l->depth > MAX_PARENTHESES)
		l->bad = true;
	if (l->bad)
		return 0;
	if (take(l, "!")) {
		value = !operand(l);
	} else if (take(l, "-")) {
		value = (long)(0 - (unsigned long)operand(l));
	} else if (take(l, "(")) {
		value = expr(l, 0);
		if (!take(l, ")"))
			l->bad = true;
	} else if (skip_spaces(l), l->p < l->end && isdigit((unsigned char)*l->p)) {
		name = l->p;
		while (l->p < l->end && isalnum((unsigned char)*l->p))
			l->p++;
		value = number(name, (size_t)(l->p - name));
	} else {
		struct define *d;

		name = read_name(l, &len);
		if (!len)
			l->bad = true;
		if (len == 7 && !memcmp(name, "defined", 7))
			value = defined(l);
		else if ((d = prelude_find(l->prelude, name, len)))
			value = number(d->value, d->len);
		else
			value = 0;
	}
	l->depth--;
	return value;
}

/* Operators from loose to tight; within a level, a longer spelling before its beginning. */
static const struct {
	unsigned level;
	const char *op;
} operators[] = {
	{ 0, "||" },
	{ 1, "&&" },
	{ 2, "==" },
	{ 2, "!=" },
	{ 3, "<=" },
	{ 3, ">=" },
	{ 3, "<" },
	{ 3, ">" },
};

static long apply(unsigned op, long a, long b)
{
	switch (op) {
	case 0:
		return a || b;
	case 1:
		return a && b;
	case 2:
		return a == b;
	case 3:
		return a != b;
	case 4:
		return a <= b;
	case 5:
		return a >= b;
	case 6:
		return a < b;
	}
	return a > b;
}

static long expr(struct line *l, unsigned level)
{
	long value;

	if (level > 3)
		return operand(l);
	value = expr(l, level + 1);
	for (unsigned i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		if (operators[i].level != level || !take(l, operators[i].op))
			continue;
		value = apply(i, value, expr(l, level + 1));
		i = (unsigned)-1;
	}
	return value;
}

static bool condition_holds(struct line *l)
{
	size_t len;
	const char *name;
	bool value;

	if (word_is(l, "ifdef") || word_is(l, "ifndef")) {
		name = read_name(l, &len);
		l->bad = !len;
		return (prelude_find(l->prelude, name, len) != NULL) == word_is(l, "ifdef");
	}
	value = expr(l, 0);
	skip_spaces(l);
	if (l->p < l->end && !str_starts(l->p, "/*"))
		l->bad = true;
	return value;
}

/* --- conditions --- */

static size_t offset(const struct line *l, const char *p)
{
	return (size_t)(p - l->prelude->source->text);
}

static bool next_directive(struct prelude *p, size_t *at)
{
	const char *text = p->source->text;
	size_t len = p->source->len, i = *at;

	for (;;) {
		const char *newline = memchr(text + i, '\n', len - i);

		if (!newline)
			break;
		i = (size_t)(newline - text) + 1;
		while (i < len && (text[i] == ' ' || text[i] == '\t'))
			i++;
		if (i < len && text[i] == '#') {
			*at = i;
			return true;
		}
	}
	*at = len;
	return false;
}

/* Skips a false branch that starts behind offset `at`, up to a branch that is to be read, or the #endif. */
static size_t skip_branch(struct prelude *p, size_t at)
{
	unsigned depth = 0;

	while (next_directive(p, &at)) {
		struct line l = read_line(p, at);
		struct condition *c = &p->conditions[p->nconditions - 1];

		if (word_is(&l, "if") || word_is(&l, "ifdef") || word_is(&l, "ifndef")) {
			depth++;
		} else if (word_is(&l, "endif")) {
			if (!depth) {
				p->nconditions--;
				return offset(&l, l.end);
			}
			depth--;
		} else if (!depth && (word_is(&l, "else") || word_is(&l, "elif"))) {
			bool read = !c->taken && (word_is(&l, "else") || condition_holds(&l));

			if (c->had_else)
				diag_error(p->diag, line_loc(&l), PRELUDE_UNBALANCED, (int)l.word_len, l.word,
				        "#if");
			c->had_else |= word_is(&l, "else");
			if (l.bad)
				diag_error(p->diag, line_loc(&l), PRELUDE_CONDITION);
			if (read) {
				c->taken = true;
				return offset(&l, l.end);
			}
		}
	}
	return at;
}

static size_t open_condition(struct prelude *p, struct line *l)
{
	bool holds = condition_holds(l);
	struct condition *c;

	if (l->bad)
		diag_error(p->diag, line_loc(l), PRELUDE_CONDITION);
	if (p->nconditions == MAX_CONDITIONS) {
		diag_error(p->diag, line_loc(l), NESTED_TOO_DEEPLY);
		p->nconditions = 0;
		return p->source->len;
	}
	c = &p->conditions[p->nconditions++];
	*c = (struct condition){ .loc = line_loc(l), .taken = holds };
	return holds ? offset(l, l->end) : skip_branch(p, offset(l, l->end));
}

/* A branch that was read has come to its end. */
static size_t close_branch(struct prelude *p, struct line *l)
{
	struct condition *c;

	if (!p->nconditions) {
		diag_error(p->diag, line_loc(l), PRELUDE_UNBALANCED, (int)l->word_len, l->word, "#if");
		return offset(l, l->end);
	}
	c = &p->conditions[p->nconditions - 1];
	if (word_is(l, "endif")) {
		p->nconditions--;
		return offset(l, l->end);
	}
	if (c->had_else)
		diag_error(p->diag, line_loc(l), PRELUDE_UNBALANCED, (int)l->word_len, l->word, "#if");
	c->had_else |= word_is(l, "else");
	return skip_branch(p, offset(l, l->end));
}

static void read_define(struct prelude *p, struct line *l)
{
	size_t len, n;
	const char *name = read_name(l, &len);
	char *value;

	if (!len) {
		diag_error(p->diag, line_loc(l), PRELUDE_DIRECTIVE, "#define needs a name");
		return;
	}
	if (l->p < l->end && *l->p == '(') {
		diag_error(p->diag, line_loc(l), DEFINE_FUNCTION, (int)len, name);
		return;
	}
	skip_spaces(l);
	n = (size_t)(l->end - l->p);
	value = arena_memdup(p->arena, l->p, n);
	for (size_t i = 0; i + 1 < n; i++) /* continued lines are one line */
		if (value[i] == '\\' && value[i + 1] == '\n')
			value[i] = ' ';
	define(p, name, len, value, n);
}

size_t prelude_directive(struct prelude *p, size_t at)
{
	struct line l = read_line(p, at);
	size_t end = offset(&l, l.end);

	if (at == 0 && p->source->len > 1 && p->source->text[1] == '!') {
		const char *newline = strchr(p->source->text, '\n');

		return newline ? (size_t)(newline - p->source->text) : p->source->len;
	}
	if (word_is(&l, "include") || word_is(&l, "pragma") || word_is(&l, "line"))
		return end;
	if (word_is(&l, "if") || word_is(&l, "ifdef") || word_is(&l, "ifndef"))
		return open_condition(p, &l);
	if (word_is(&l, "else") || word_is(&l, "elif") || word_is(&l, "endif"))
		return close_branch(p, &l);
	if (word_is(&l, "define")) {
		read_define(p, &l);
	} else if (word_is(&l, "undef")) {
		size_t len;
		const char *name = read_name(&l, &len);
		struct define *d = prelude_find(p, name, len);

		if (d)
			d->gone = true;
	} else if (word_is(&l, "error")) {
		skip_spaces(&l);
		diag_error(p->diag, line_loc(&l), PRELUDE_ERROR, (int)(l.end - l.p), l.p);
	} else if (l.word_len) {
		diag_error(p->diag, line_loc(&l), PRELUDE_DIRECTIVE,
		        arena_printf(p->arena, "there is no directive #%.*s", (int)l.word_len, l.word));
	}
	return end;
}

void prelude_end(struct prelude *p)
{
	if (p->nconditions)
		diag_error(p->diag, p->conditions[p->nconditions - 1].loc, PRELUDE_UNTERMINATED);
}
