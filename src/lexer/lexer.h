/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lexer. It knows by itself where it is (between probes, in an attach point,
 * in a predicate, in code, in a C definition), so the parser's lookahead never matters to it, and it
 * brings the parser back into step after a syntax error.
 *
 * lexer.c holds the state, scan.l the patterns, attach_text.c and literal.c what
 * patterns cannot say, parser/prelude.c the lines that begin with '#'.
 */
#ifndef KSCOPE_LEXER_LEXER_H
#define KSCOPE_LEXER_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

struct arena;
struct prelude;
struct define;

/* Open brackets; each is a level of nesting in the script. */
#define LEXER_MAX_NESTING 200

/* Where the next token is; the patterns' start conditions follow it. */
enum lexer_place {
	PLACE_TOP,    /* between probes: an attach point or a keyword comes */
	PLACE_ATTACH, /* behind an attach point */
	PLACE_PREDICATE,
	PLACE_CODE,
	PLACE_C, /* in a C definition, up to its ';' */
};

/* A text that tokens come from: the script, or the value of a #define. */
struct lexer_text {
	const char *text;
	size_t len, pos;
	struct define *define; /* NULL: the script */
};

struct lexer {
	struct arena *arena;
	const struct source *source;
	struct diag *diag;
	struct prelude *prelude;
	void *scanner; /* flex's state */

	enum lexer_place place;
	struct lexer_text *texts;
	unsigned ntexts, texts_cap;
	unsigned expansions;
	struct loc use; /* of the name whose #define is being read */
	struct loc loc; /* of the token at hand */

	struct {
		char open;
		struct loc loc;
	} nest[LEXER_MAX_NESTING];
	unsigned nnest;
	unsigned braces; /* of which '{' */

	int last, before_last; /* the tokens given out last; 0 at first */
	uint32_t last_end;     /* where the last one ended */
	struct loc good;       /* the token before the last: at a syntax error, the last that was right */
	struct loc predicate;  /* the '/' that opened the predicate */

	unsigned depth_before; /* braces open in front of the last token */
	bool recovering;       /* a syntax error was reported: skip to the end of the statement */
	bool stop;             /* nothing more makes sense: the rest is as if the script ended */
	int pending;           /* given out next, behind TOK_SYNC */
	struct loc pending_loc;
};

union KPARSE_STYPE;

void lexer_init(struct lexer *lx, struct arena *a, const struct source *s, struct diag *d, struct prelude *p);
void lexer_destroy(struct lexer *lx);

/* The parser's next token. */
int lexer_next(union KPARSE_STYPE *value, struct loc *loc, struct lexer *lx);

/* The parser reported an error at the last token. */
void lexer_recover(struct lexer *lx);

/* Is the token before the last one the first on its line? */
bool lexer_at_line_start(const struct lexer *lx);

/* --- between the lexer's files --- */

static inline struct lexer_text *lexer_text(struct lexer *lx)
{
	return &lx->texts[lx->ntexts - 1];
}

/* What follows the token at hand. */
static inline const char *lexer_rest(struct lexer *lx, size_t *left)
{
	struct lexer_text *t = lexer_text(lx);

	*left = t->len - t->pos;
	return t->text + t->pos;
}

/* scan.l */
void scan_create(struct lexer *lx);
void scan_destroy(struct lexer *lx);
int scan_token(struct lexer *lx, union KPARSE_STYPE *value);
void scan_push_text(struct lexer *lx, const char *text, size_t len);

/* lexer.c; the functions return the token to give out */
int lexer_open(struct lexer *lx, char c, int token);
int lexer_close(struct lexer *lx, char c, int token);
int lexer_fail(struct lexer *lx);
int lexer_end(struct lexer *lx);
int lexer_slash(struct lexer *lx);
bool lexer_expects_operand(const struct lexer *lx);
bool lexer_cast_follows(struct lexer *lx);
bool lexer_type_follows(struct lexer *lx);
int lexer_identifier(struct lexer *lx, const char *text, size_t len, union KPARSE_STYPE *value);

/* attach_text.c: bytes of the attach point at s, 0 if there is none; *bad points to an unclosed quote */
size_t attach_text_length(const char *s, size_t len, const char **bad);

/* literal.c; false: reported */
bool literal_number(struct lexer *lx, const char *text, size_t len, uint64_t *value);
/* s is behind the opening quote; *used receives the bytes up to behind the closing one. */
char *literal_string(struct lexer *lx, const char *s, size_t left, size_t *used, size_t *out_len);
/* Bytes of white space and comments at s; *bad points to a comment without an end. */
size_t skip_blanks(const char *s, size_t len, const char **bad);

#endif
