/* SPDX-License-Identifier: Apache-2.0 */
/* Types and declarators of C, with their attributes and qualifiers. */
#include <string.h>

#include "base/arena.h"
#include "lang/errors.h"
#include "parser/build.h"
#include "parser/c_parse.h"

/* --- attributes and qualifiers --- */

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

/* aligned without a number is the machine's largest alignment: 16 on x86-64 and arm64 */
static struct node *parse_alignment(struct c_parser *p)
{
	struct node *n = build_number(p->ps, NODE_INT, p->loc, 16);

	if (c_at_paren(p)) {
		c_advance(p);
		n = c_parse_constant(p);
		c_expect(p, ')', "')'");
	}
	return n;
}

/* Attributes with layouts that we do not have; all others change nothing about them. */
static const char *const foreign_layouts[] = { "mode", "__mode__", "vector_size", "__vector_size__",
	"scalar_storage_order", "__scalar_storage_order__", "ms_struct", NULL };

/* ((packed, aligned(8), others)) */
static void parse_attribute(struct c_parser *p, struct c_attributes *a)
{
	unsigned open = 0;

	for (; c_at_paren(p) && open < 2; open++)
		c_advance(p);
	if (open < 2)
		c_unexpected(p, "'(('");
	while (!p->failed && p->token != ')') {
		bool packed = c_word_is(p, "packed") || c_word_is(p, "__packed__");
		bool aligned = c_word_is(p, "aligned") || c_word_is(p, "__aligned__");

		if (c_word(p) && is_one_of(c_word(p), foreign_layouts)) {
			diag_error(p->ps->diag, p->loc, C_ATTRIBUTE, c_word(p));
			p->failed = true;
		}
		if (!c_word(p) && p->token != ',')
			c_unexpected(p, "an attribute");
		else
			c_advance(p);
		a->packed |= packed;
		if (aligned)
			a->aligned = parse_alignment(p);
		else if (c_at_paren(p))
			c_skip_parentheses(p);
	}
	while (open--)
		c_expect(p, ')', "')'");
}

/* Words that change nothing about where a value lies. */
static const char *const qualifiers[] = { "volatile", "__volatile__", "restrict", "__restrict",
	"__restrict__", "__const", "__extension__", "register", "__kernel", "__rcu", "__percpu", "__iomem",
	"__force", "__bitwise", "__nocast", "__randomize_layout", NULL };

/* At an attribute: takes it. __user and _Atomic's kin are left to who knows what they mean. */
static bool parse_one_attribute(struct c_parser *p, struct c_attributes *a)
{
	const char *word = c_word(p);

	if (!word || p->failed)
		return false;
	if (strcmp(word, "__attribute__") == 0 || strcmp(word, "__attribute") == 0) {
		c_advance(p);
		parse_attribute(p, a);
	} else if (strcmp(word, "__packed") == 0) {
		a->packed = true;
		c_advance(p);
	} else if (strcmp(word, "_Alignas") == 0 || strcmp(word, "__aligned") == 0) {
		c_advance(p);
		a->aligned = parse_alignment(p);
	} else if (is_one_of(word, qualifiers)) {
		c_advance(p);
	} else {
		return false;
	}
	return true;
}

void c_parse_attributes(struct c_parser *p, struct c_attributes *a)
{
	while (parse_one_attribute(p, a))
		;
}

/* --- specifiers --- */

/* The words of a basic type, in any order and counted. */
struct words {
	unsigned is_signed, is_unsigned, is_char, is_short, is_int, is_long, is_void, is_bool, is_float,
	        is_double, is_int128;
	unsigned count;
	struct type *fixed; /* uint32: one of ours */
};

static bool count_word(struct words *w, const char *word)
{
	const struct {
		const char *word;
		unsigned *count;
	} counted[] = {
		{ "signed", &w->is_signed },
		{ "__signed__", &w->is_signed },
		{ "__signed", &w->is_signed },
		{ "unsigned", &w->is_unsigned },
		{ "char", &w->is_char },
		{ "short", &w->is_short },
		{ "int", &w->is_int },
		{ "long", &w->is_long },
		{ "void", &w->is_void },
		{ "bool", &w->is_bool },
		{ "_Bool", &w->is_bool },
		{ "float", &w->is_float },
		{ "double", &w->is_double },
		{ "__int128", &w->is_int128 },
	};

	for (size_t i = 0; i < sizeof(counted) / sizeof(*counted); i++) {
		if (strcmp(counted[i].word, word) != 0)
			continue;
		++*counted[i].count;
		w->count++;
		return true;
	}
	return false;
}

/* There are no such numbers in the language: their bytes. */
static struct type *opaque(struct c_parser *p, uint32_t size)
{
	struct type *t = type_array(p->ps->arena, &type_uint8, size);

	t->size = size;
	return t;
}

/* The type that the words name, NULL when C has none such. */
static struct type *type_of_words(struct c_parser *p, const struct words *w)
{
	unsigned sign = w->is_signed + w->is_unsigned, wide = w->is_long;
	unsigned size = w->is_char ? 1 : w->is_short ? 2 : wide ? 8 : 4;

	if (w->fixed)
		return w->count == 1 ? w->fixed : NULL;
	if (w->is_void || w->is_bool || w->is_float)
		return w->count > 1 ? NULL : w->is_void ? &type_void : w->is_bool ? &type_bool : opaque(p, 4);
	if (w->is_double)
		return w->count - w->is_long > 1 || wide > 1 ? NULL : opaque(p, wide ? 16 : 8);
	if (w->is_int128)
		return w->count - sign > 1 || sign > 1 ? NULL : opaque(p, 16);
	if (sign > 1 || w->is_char > 1 || w->is_short > 1 || w->is_int > 1 || wide > 2)
		return NULL;
	if (w->is_char + w->is_short + (wide > 0) > 1 || (w->is_char && w->is_int))
		return NULL;
	return type_int(size, !w->is_unsigned);
}

static struct c_type *base_type(struct c_parser *p, const struct words *w, struct loc loc)
{
	struct c_type *t = arena_new(p->ps->arena, struct c_type);

	t->kind = C_BASE;
	t->loc = loc;
	t->base = type_of_words(p, w);
	if (!t->base) {
		diag_error(p->ps->diag, loc, C_TYPE_WORDS);
		p->failed = true;
		return t;
	}
	t->is_char = w->is_char && !w->is_signed && !w->is_unsigned;
	if (t->base->kind == TYPE_ARRAY)
		t->base_align = t->base->size;
	return t;
}

/* Takes a word that belongs to a basic type: "unsigned", "uint32". */
static bool take_basic_word(struct c_parser *p, struct words *w)
{
	const char *word = c_word(p);

	if (!word || (p->token != TOK_TYPE && p->token != TOK_IDENT))
		return false;
	if (!count_word(w, word)) {
		if (p->token != TOK_TYPE || w->count || !type_by_name(word))
			return false;
		w->fixed = type_by_name(word);
		w->count++;
	}
	c_advance(p);
	return true;
}

struct c_type *c_parse_specifiers(struct c_parser *p, struct c_attributes *attributes)
{
	struct words w = { 0 };
	struct loc loc = p->loc;
	struct c_type *t = NULL;

	if (!c_enter(p))
		return arena_new(p->ps->arena, struct c_type);
	while (!p->failed) {
		if (parse_one_attribute(p, attributes))
			continue;
		if (!t && take_basic_word(p, &w)) {
			loc.end = p->before.end;
			continue;
		}
		if (t || w.count)
			break;
		if (p->token == TOK_STRUCT || p->token == TOK_UNION || p->token == TOK_ENUM) {
			t = c_parse_tag(p, attributes);
		} else if (p->token == TOK_IDENT) {
			t = arena_new(p->ps->arena, struct c_type);
			t->kind = C_NAMED;
			t->name = p->value.string.text;
			t->loc = p->loc;
			c_advance(p);
		} else {
			c_unexpected(p, "a type");
		}
	}
	p->depth--;
	if (t || p->failed)
		return t ? t : arena_new(p->ps->arena, struct c_type);
	return base_type(p, &w, loc);
}

/* --- declarators --- */

static struct c_type *derive(struct c_parser *p, enum c_type_kind kind, struct c_type *of)
{
	struct c_type *t = arena_new(p->ps->arena, struct c_type);

	t->kind = kind;
	t->of = of;
	t->loc = of->loc;
	return t;
}

static struct c_type *parse_pointers(struct c_parser *p, struct c_type *t, struct c_attributes *attributes)
{
	bool user = false;

	for (;;) {
		if (c_word_is(p, "__user")) {
			user = true;
			c_advance(p);
		} else if (c_take(p, '*')) {
			if (!c_enter(p))
				return t;
			t = derive(p, C_PTR, t);
			t->user = user;
			user = false;
		} else if (!parse_one_attribute(p, attributes)) {
			return t;
		}
	}
}

/* [2][3]: two arrays of three; ( … ): a function */
static struct c_type *parse_suffixes(struct c_parser *p, struct c_type *base)
{
	struct c_type *t;

	if (p->token == '[') {
		struct node *count = NULL;

		if (!c_enter(p))
			return base;
		c_advance(p);
		if (p->token != ']')
			count = c_parse_constant(p);
		c_expect(p, ']', "']'");
		t = derive(p, C_ARRAY, parse_suffixes(p, base));
		t->count = count;
		return t;
	}
	if (c_at_paren(p)) {
		c_skip_parentheses(p);
		return derive(p, C_FUNC, base);
	}
	return base;
}

/*
 * What is in parentheses, "(*f)" of "int (*f)(void *)", is made of a type that is known only
 * behind them: a placeholder, filled then.
 */
static struct c_type *parse_declarator(struct c_parser *p, struct c_type *base, const char **name,
        struct loc *loc, struct c_attributes *attributes)
{
	struct c_type *inner, *place;

	base = parse_pointers(p, base, attributes);
	if (c_at_paren(p)) {
		if (!c_enter(p))
			return base;
		place = arena_new(p->ps->arena, struct c_type);
		place->loc = base->loc;
		c_advance(p);
		inner = parse_declarator(p, place, name, loc, attributes);
		c_expect(p, ')', "')'");
		*place = *parse_suffixes(p, base);
		return inner;
	}
	if (c_word(p)) {
		*name = c_word(p);
		*loc = p->loc;
		c_advance(p);
	}
	return parse_suffixes(p, base);
}

struct c_type *c_parse_declarator(struct c_parser *p, struct c_type *base, const char **name, struct loc *loc,
        struct c_attributes *attributes)
{
	unsigned depth = p->depth, derived = 0;
	struct c_type *t = parse_declarator(p, base, name, loc, attributes);

	p->depth = depth;
	for (struct c_type *d = t; d && d != base; d = d->of)
		derived++;
	if (!p->failed && derived > C_MAX_DERIVED) {
		diag_error(p->ps->diag, *loc, NESTED_TOO_DEEPLY);
		p->failed = true;
	}
	return t;
}

struct c_type *c_parse_type_name(struct c_parser *p)
{
	struct c_attributes ignored = { 0 };
	struct c_type *t = c_parse_specifiers(p, &ignored);
	const char *name = NULL;
	struct loc loc = p->loc;

	if (p->failed)
		return t;
	t = c_parse_declarator(p, t, &name, &loc, &ignored);
	if (name)
		c_unexpected(p, "a type");
	return t;
}
