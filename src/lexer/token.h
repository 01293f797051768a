/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens and their values, as bison numbers them. */
#ifndef KSCOPE_LEXER_TOKEN_H
#define KSCOPE_LEXER_TOKEN_H

#include "grammar.h"

/* Given back inside the lexer when a word leaves no token. */
#define TOK_NOTHING (-1)

#endif
