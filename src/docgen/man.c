/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of the manual page, in man(7)'s macros. */
#include "docgen/docgen.h"

#include <string.h>

/* Text in which a hyphen stays a hyphen; a line's first dot or quote would be a request. */
static void roff(FILE *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", out);
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else
			putc(*text, out);
	}
}

static void item(FILE *out, const char *bold, const char *italic)
{
	fputs(".TP\n\\fB", out);
	roff(out, bold);
	fputs("\\fR", out);
	if (*italic) {
		fputs(" \\fI", out);
		roff(out, italic);
		fputs("\\fR", out);
	}
	putc('\n', out);
}

static void paragraph(FILE *out, const char *text)
{
	roff(out, text);
	putc('\n', out);
}

static void options(FILE *out)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *r = &option_rows[i];
		char name[64];

		if (!r->doc)
			continue;
		if (r->short_name && r->long_name)
			snprintf(name, sizeof(name), "-%c, --%s", r->short_name, r->long_name);
		else if (r->short_name)
			snprintf(name, sizeof(name), "-%c", r->short_name);
		else
			snprintf(name, sizeof(name), "--%s", r->long_name);
		item(out, name, r->argument ? r->argument : "");
		paragraph(out, r->doc);
	}
}

static void probes(FILE *out)
{
	for (unsigned i = 0; i < PROBE_TYPE_COUNT; i++) {
		const struct probe_row *r = &probe_rows[i];

		item(out, r->forms, "");
		roff(out, r->doc);
		if (*r->short_name) {
			fputs("; in short \\fB", out);
			roff(out, r->short_name);
			fputs("\\fR", out);
		}
		putc('\n', out);
	}
}

static void where(FILE *out, unsigned contexts)
{
	char names[256];

	words_contexts(names, sizeof(names), contexts);
	if (*names)
		fprintf(out, "; in %s", names);
}

static void builtins(FILE *out)
{
	for (int i = 0; i < BUILTIN_COUNT; i++) {
		const struct builtin_row *r = &builtin_rows[i];

		item(out, r->name, r->type);
		roff(out, r->doc);
		where(out, r->contexts);
		putc('\n', out);
	}
}

static void calls(FILE *out, bool aggregations)
{
	char proto[256];

	for (int i = 0; i < FUNC_TOTAL; i++) {
		const struct func_row *r = &func_rows[i];

		if (!(r->flags & FLAG_AGG) == aggregations)
			continue;
		words_prototype(proto, sizeof(proto), r->name, r->proto, !aggregations);
		item(out, proto, "");
		roff(out, r->doc);
		where(out, r->contexts);
		fputs(r->flags & FLAG_UNSAFE ? "; needs \\fB\\-\\-unsafe\\fR\n" : "\n", out);
	}
}

static void functions(FILE *out)
{
	calls(out, false);
}

static void aggregations(FILE *out)
{
	calls(out, true);
}

static void config(FILE *out)
{
	char range[256], def[256], text[640];

	for (unsigned i = 0; i < config_nrows; i++) {
		const struct config_row *r = &config_rows[i];

		words_range(range, sizeof(range), r);
		words_default(def, sizeof(def), r);
		item(out, r->name, "");
		snprintf(text, sizeof(text), "%s: %s; default %s", r->doc, range, def);
		paragraph(out, text);
	}
}

const struct section man_sections[] = {
	{ "MAN_OPTIONS", options },
	{ "MAN_PROBES", probes },
	{ "MAN_BUILTINS", builtins },
	{ "MAN_FUNCTIONS", functions },
	{ "MAN_AGGREGATIONS", aggregations },
	{ "MAN_CONFIG", config },
	{ NULL, NULL },
};
