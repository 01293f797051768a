/* SPDX-License-Identifier: Apache-2.0 */
/* JSON strings. What is between them is the writers' business. */
#ifndef KSCOPE_BASE_JSON_H
#define KSCOPE_BASE_JSON_H

#include <stddef.h>

struct strbuf;

/* Bytes of the UTF-8 character at p, of which `left` bytes are there; 0 if they are none. */
size_t json_char_len(const char *p, size_t left);

/*
 * Appends the text as a JSON string with its quotes. UTF-8 stays as it is; a byte that is no part of
 * a character becomes \u00XX, so the result is always valid and no byte is lost.
 */
void json_string(struct strbuf *out, const char *text, size_t len);

/* The same without quotes, for strings that are made of several parts. */
void json_escape(struct strbuf *out, const char *text, size_t len);

#endif
