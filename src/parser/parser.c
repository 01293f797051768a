/* SPDX-License-Identifier: Apache-2.0 */
/* One parse: prelude, lexer and grammar put together. */
#include "parser/parser.h"

#include <string.h>

#include "base/arena.h"
#include "lang/errors.h"
#include "lexer/token.h"
#include "parser/build.h"
#include "parser/prelude.h"

/* Nothing that could run. */
static bool only_definitions(const struct node *script)
{
	list_each (n, script->list)
		if (n->kind != NODE_CDEF)
			return false;
	return true;
}

struct node *parse_script(
        struct arena *a, const struct source *s, struct diag *d, const struct parse_options *o)
{
	struct parser *ps = arena_new(a, struct parser);
	const char *nul = memchr(s->text, '\0', s->len);
	unsigned errors = d->errors;

	if (nul) {
		uint32_t at = (uint32_t)(nul - s->text);

		diag_error(d, ((struct loc){ at, at + 1 }), NUL_BYTE);
		return NULL;
	}
	ps->arena = a;
	ps->diag = d;
	lexer_init(&ps->lexer, a, s, d, prelude_create(a, s, d, o ? o->defines : NULL));
	if (kparse_parse(ps))
		ps->script = NULL;
	lexer_destroy(&ps->lexer);
	if (ps->script && only_definitions(ps->script) && d->errors == errors)
		diag_error(d, LOC_NONE, EMPTY_PROGRAM);
	return ps->script;
}
