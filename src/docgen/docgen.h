/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docgen fills templates (src/docgen/templates) from the tables of the language and of the options. A
 * section is what stands for one @NAME@ in a template; each format has its sections in a file.
 */
#ifndef KSCOPE_DOCGEN_DOCGEN_H
#define KSCOPE_DOCGEN_DOCGEN_H

#include <stdio.h>

#include "kscope/options.h"
#include "lang/catalog.h"

struct section {
	const char *name;
	void (*print)(FILE *out);
};

/* Each table ends with a row without a name. */
extern const struct section markdown_sections[], man_sections[], completion_sections[];

/* words.c: what the formats share. A printer writes a text as its format spells it. */
typedef void text_printer(FILE *out, const char *text);

/* "string(pointer, ?int)" of str as "string str(pointer [, int])"; with_result: with the "string " */
void words_prototype(char *buf, size_t size, const char *name, const char *proto, bool with_result);
/* The probe types of a row's contexts, "kprobe, uprobe"; "" when it is allowed everywhere. */
void words_contexts(char *buf, size_t size, unsigned contexts);
/* The range and default of a config variable: "64 to 65536", "error, warn or ignore", "true or false". */
void words_range(char *buf, size_t size, const struct config_row *r);
void words_default(char *buf, size_t size, const struct config_row *r);
/* "a|b" with another text between its parts. */
void words_values(FILE *out, const char *values, const char *between, text_printer *print);
/* Writes the text, and a backslash before each of the characters. */
void words_escaped(FILE *out, const char *text, const char *characters);

#endif
