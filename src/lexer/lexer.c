/* SPDX-License-Identifier: Apache-2.0 */
/* The lexer's state: where it is in the script, brackets, casts, and how to go on after a syntax error. */
#include "lexer/lexer.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "lang/errors.h"
#include "lexer/token.h"
#include "parser/prelude.h"

/* Enough for any table of constants, too little for definitions that double each other. */
#define MAX_EXPANSIONS 100000

void lexer_init(struct lexer *lx, struct arena *a, const struct source *s, struct diag *d, struct prelude *p)
{
	*lx = (struct lexer){ .arena = a, .source = s, .diag = d, .prelude = p, .place = PLACE_TOP };
	*vec_push(a, lx->texts, lx->ntexts, lx->texts_cap) =
	        (struct lexer_text){ .text = s->text, .len = s->len };
	scan_create(lx);
}

void lexer_destroy(struct lexer *lx)
{
	scan_destroy(lx);
}

int lexer_fail(struct lexer *lx)
{
	lx->stop = true;
	return TOK_END;
}

int lexer_end(struct lexer *lx)
{
	lx->loc = (struct loc){ lx->last_end, lx->last_end };
	prelude_end(lx->prelude);
	if (lx->nnest) {
		unsigned i = lx->nnest - 1;

		diag_error(lx->diag, lx->nest[i].loc, UNTERMINATED_BRACKET, lx->nest[i].open);
		lx->stop = true;
	} else if (lx->place == PLACE_PREDICATE) {
		diag_error(lx->diag, lx->predicate, UNTERMINATED_PREDICATE);
		lx->stop = true;
	}
	return TOK_END;
}

/* --- brackets --- */

int lexer_open(struct lexer *lx, char c, int token)
{
	if (lx->nnest == LEXER_MAX_NESTING) {
		diag_error(lx->diag, lx->loc, NESTED_TOO_DEEPLY);
		return lexer_fail(lx);
	}
	if (c == '{' && lx->place == PLACE_PREDICATE && !lx->nnest && token == '{') {
		diag_error(lx->diag, lx->predicate, UNTERMINATED_PREDICATE);
		return lexer_fail(lx);
	}
	lx->nest[lx->nnest].open = c;
	lx->nest[lx->nnest++].loc = lx->loc;
	if (c != '{')
		return token;
	lx->braces++;
	if (lx->place == PLACE_TOP || lx->place == PLACE_ATTACH)
		lx->place = PLACE_CODE;
	return token;
}

int lexer_close(struct lexer *lx, char c, int token)
{
	/* Only '}' closes what was left open: "f(a; }" is an error inside the braces alone. */
	if (c != '}') {
		if (lx->nnest && lx->nest[lx->nnest - 1].open == (c == ')' ? '(' : '['))
			lx->nnest--;
		return token;
	}
	if (lx->braces) {
		while (lx->nest[--lx->nnest].open != '{')
			;
		lx->braces--;
	}
	if (!lx->braces && lx->place == PLACE_CODE) {
		lx->place = PLACE_TOP;
		lx->nnest = 0;
	}
	return token;
}

/* '/' in a predicate that '{' follows is its end; otherwise it divides. */
int lexer_slash(struct lexer *lx)
{
	const char *rest, *bad;
	size_t left, blanks;

	if (lx->place != PLACE_PREDICATE || lx->nnest)
		return '/';
	rest = lexer_rest(lx, &left);
	blanks = skip_blanks(rest, left, &bad);
	if (blanks >= left || rest[blanks] != '{')
		return '/';
	lx->place = PLACE_ATTACH;
	return TOK_PREDICATE_END;
}

/* Behind an operator or an opening bracket: '{' then opens a block expression. */
bool lexer_expects_operand(const struct lexer *lx)
{
	switch (lx->last) {
	case '=':
		return lx->before_last != TOK_CONFIG;
	case '(':
	case '[':
	case ',':
	case '?':
	case ':':
	case '+':
	case '-':
	case '*':
	case '/':
	case '%':
	case '&':
	case '|':
	case '^':
	case '<':
	case '>':
	case '!':
	case '~':
	case TOK_LE:
	case TOK_GE:
	case TOK_EQ:
	case TOK_NE:
	case TOK_LAND:
	case TOK_LOR:
	case TOK_SHL:
	case TOK_SHR:
	case TOK_ASSIGN_OP:
	case TOK_DOTDOT:
	case TOK_RETURN:
	case TOK_PREDICATE:
		return true;
	}
	return false;
}

/* --- words --- */

static const struct {
	const char *word;
	int token;
} keywords[] = {
	{ "break", TOK_BREAK },
	{ "config", TOK_CONFIG },
	{ "continue", TOK_CONTINUE },
	{ "else", TOK_ELSE },
	{ "enum", TOK_ENUM },
	{ "false", TOK_BOOL },
	{ "for", TOK_FOR },
	{ "if", TOK_IF },
	{ "import", TOK_IMPORT },
	{ "let", TOK_LET },
	{ "macro", TOK_MACRO },
	{ "offsetof", TOK_OFFSETOF },
	{ "return", TOK_RETURN },
	{ "sizeof", TOK_SIZEOF },
	{ "struct", TOK_STRUCT },
	{ "true", TOK_BOOL },
	{ "typeof", TOK_TYPEOF },
	{ "union", TOK_UNION },
	{ "unroll", TOK_UNROLL },
	{ "while", TOK_WHILE },
};

/* Names that are always a type; typedefs are known only to check. */
static const char *const type_words[] = {
	"bool",
	"buffer",
	"char",
	"inet",
	"int",
	"int16",
	"int32",
	"int64",
	"int8",
	"long",
	"short",
	"signed",
	"string",
	"uint16",
	"uint32",
	"uint64",
	"uint8",
	"unsigned",
	"void",
};

static bool is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && !memcmp(text, word, len);
}

static bool is_type_word(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(type_words) / sizeof(*type_words); i++)
		if (is_word(text, len, type_words[i]))
			return true;
	return false;
}

static size_t word_length(const char *s, const char *end)
{
	size_t n = 0;

	while (s + n < end && (isalnum((unsigned char)s[n]) || s[n] == '_'))
		n++;
	return n && isdigit((unsigned char)*s) ? 0 : n;
}

/* Reads the value of a #define in the name's place; 0 stands for "no token here". */
static int expand(struct lexer *lx, struct define *d)
{
	if (++lx->expansions > MAX_EXPANSIONS) {
		diag_error(lx->diag, lx->loc, DEFINE_TOO_LONG);
		return lexer_fail(lx);
	}
	if (lx->ntexts == 1)
		lx->use = lx->loc;
	d->active = true;
	*vec_push(lx->arena, lx->texts, lx->ntexts, lx->texts_cap) =
	        (struct lexer_text){ .text = d->value, .len = d->len, .define = d };
	scan_push_text(lx, d->value, d->len);
	return TOK_NOTHING;
}

int lexer_identifier(struct lexer *lx, const char *text, size_t len, union KPARSE_STYPE *value)
{
	struct define *d = prelude_find(lx->prelude, text, len);

	if (d && !d->active)
		return expand(lx, d);
	if (is_word(text, len, "const"))
		return TOK_NOTHING; /* says nothing about a value that is read */
	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++) {
		if (!is_word(text, len, keywords[i].word))
			continue;
		value->string.text = keywords[i].word;
		value->string.len = len;
		if (keywords[i].token == TOK_BOOL)
			value->number = *text == 't';
		return keywords[i].token;
	}
	value->string.text = arena_strndup(lx->arena, text, len);
	value->string.len = len;
	return is_type_word(text, len) ? TOK_TYPE : TOK_IDENT;
}

/* --- casts --- */

enum typeness { NO_TYPE, MAYBE_TYPE, SURELY_TYPE };

static const char *blanks(const char *s, const char *end)
{
	const char *bad;

	return s + skip_blanks(s, (size_t)(end - s), &bad);
}

/* Steps over '*' and '[4]'; *stars counts the former. */
static const char *suffixes(const char *s, const char *end, unsigned *stars)
{
	*stars = 0;
	for (;;) {
		s = blanks(s, end);
		if (s < end && *s == '*') {
			++*stars;
			s++;
		} else if (s < end && *s == '[') {
			for (s++; s < end && isalnum((unsigned char)*s); s++)
				;
			if (s >= end || *s++ != ']')
				return end;
		} else {
			return s;
		}
	}
}

/*
 * Looks at what follows "(": a type and ")" (or a comma, as in offsetof). A name
 * alone may be a typedef or a value; then what comes behind ")" decides.
 */
static enum typeness type_behind(struct lexer *lx, const char *s, const char *end, const char **behind)
{
	bool surely = false, tag;
	unsigned stars;
	size_t n;

	s = blanks(s, end);
	n = word_length(s, end);
	while (is_word(s, n, "const")) {
		s = blanks(s + n, end);
		n = word_length(s, end);
	}
	if (is_word(s, n, "typeof")) {
		s = blanks(s + n, end);
		return s < end && *s == '(' ? SURELY_TYPE : NO_TYPE;
	}
	tag = is_word(s, n, "struct") || is_word(s, n, "union") || is_word(s, n, "enum");
	if (tag) {
		s = blanks(s + n, end);
		n = word_length(s, end);
	} else {
		for (; is_type_word(s, n); n = word_length(s, end)) {
			surely = true;
			s = blanks(s + n, end);
		}
	}
	if (!surely && (!n || (!tag && prelude_find(lx->prelude, s, n))))
		return NO_TYPE;
	s = suffixes(surely ? s : s + n, end, &stars);
	if (s >= end || (*s != ')' && *s != ','))
		return NO_TYPE;
	*behind = s + 1;
	return surely || tag || stars ? SURELY_TYPE : *s == ')' ? MAYBE_TYPE : NO_TYPE;
}

bool lexer_type_follows(struct lexer *lx)
{
	size_t left;
	const char *behind, *rest = lexer_rest(lx, &left);

	return type_behind(lx, rest, rest + left, &behind) == SURELY_TYPE;
}

bool lexer_cast_follows(struct lexer *lx)
{
	size_t left;
	const char *behind, *rest = lexer_rest(lx, &left), *end = rest + left;

	switch (lx->last) {
	case TOK_IDENT: /* a call */
	case TOK_CONFIG:
	case TOK_FOR:
		return false;
	case '!':
		if (lx->before_last == TOK_IDENT) /* name!(…) */
			return false;
		break;
	}
	switch (type_behind(lx, rest, end, &behind)) {
	case NO_TYPE:
		return false;
	case SURELY_TYPE:
		return true;
	case MAYBE_TYPE:
		break;
	}
	if (lx->last == TOK_IF || lx->last == TOK_WHILE || lx->last == TOK_UNROLL)
		return false;
	behind = blanks(behind, end);
	if (behind >= end)
		return false;
	if (*behind == '!')
		return behind + 1 < end && behind[1] != '=';
	return isalnum((unsigned char)*behind) || strchr("_\"$@(~", *behind);
}

/* --- the parser's side --- */

bool lexer_at_line_start(const struct lexer *lx)
{
	const char *text = lx->source->text;
	uint32_t i = lx->good.start;

	while (i && (text[i - 1] == ' ' || text[i - 1] == '\t'))
		i--;
	return !i || text[i - 1] == '\n';
}

void lexer_recover(struct lexer *lx)
{
	/* The parser takes these as the end of what it could not read. */
	if (lx->last == '}' || lx->last == TOK_PREDICATE_END)
		return;
	lx->recovering = true;
}

static int scan(struct lexer *lx, union KPARSE_STYPE *value)
{
	int token;

	lx->good = lx->loc;
	token = lx->stop ? TOK_END : scan_token(lx, value);
	if (lx->stop)
		token = TOK_END;
	lx->before_last = lx->last;
	lx->last = token;
	if (token != TOK_END)
		lx->last_end = lx->loc.end;
	return token;
}

/* Behind a nested block that was skipped: does the statement go on? */
static bool statement_goes_on(struct lexer *lx)
{
	size_t left;
	const char *rest = lexer_rest(lx, &left), *p = blanks(rest, rest + left), *end = rest + left;

	if (p >= end)
		return false;
	return strchr(";),.]", *p) || is_word(p, word_length(p, end), "else");
}

/*
 * Skips to the end of the statement that the parser could not read: its ';', or the
 * block that belongs to it, or the end of the block around it.
 */
static int skip_statement(struct lexer *lx, union KPARSE_STYPE *value, struct loc *loc)
{
	unsigned depth = lx->depth_before;
	bool predicate = lx->place == PLACE_PREDICATE;
	int token = lx->last;

	lx->recovering = false;
	if (!depth && !predicate)
		return lexer_fail(lx);
	for (;;) {
		*loc = lx->loc;
		if (token == TOK_END)
			return token;
		if (predicate && !depth) {
			if (token == TOK_PREDICATE_END)
				return token;
		} else if (lx->braces < depth) {
			lx->pending = token;
			lx->pending_loc = lx->loc;
			return TOK_SYNC;
		} else if (lx->braces == depth &&
		           (token == ';' || (token == '}' && !statement_goes_on(lx)))) {
			return TOK_SYNC;
		}
		token = scan(lx, value);
	}
}

int lexer_next(union KPARSE_STYPE *value, struct loc *loc, struct lexer *lx)
{
	int token = lx->pending;

	if (token) {
		lx->pending = 0;
		*loc = lx->pending_loc;
		return token;
	}
	if (lx->recovering)
		return skip_statement(lx, value, loc);
	lx->depth_before = lx->braces;
	token = scan(lx, value);
	*loc = lx->loc;
	return token;
}
