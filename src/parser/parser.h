/* SPDX-License-Identifier: Apache-2.0 */
/* From a script's text to its AST. */
#ifndef KSCOPE_PARSER_PARSER_H
#define KSCOPE_PARSER_PARSER_H

#include "base/diag.h"
#include "parser/ast.h"

struct parse_options {
	const char **defines; /* names that #ifdef knows, NULL-terminated; values are 1 */
};

/*
 * Lexes and parses the whole source, its C prelude (#ifdef … #define … #endif)
 * included. Returns a SCRIPT node in the arena, also after errors that the grammar
 * could step over (they are counted in diag); NULL when nothing could be built.
 */
struct node *parse_script(
        struct arena *a, const struct source *s, struct diag *d, const struct parse_options *o);

#endif
