/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of docs/builtins.md. */
#include "docgen/docgen.h"

#include <string.h>

/* A cell ends at a bar. */
static void cell(FILE *out, const char *text)
{
	words_escaped(out, text, "|");
}

static void row(FILE *out, const char *const *cells, size_t n)
{
	putc('|', out);
	for (size_t i = 0; i < n; i++) {
		putc(' ', out);
		cell(out, cells[i]);
		fputs(*cells[i] ? " |" : "|", out);
	}
	putc('\n', out);
}

/* `text`, or nothing. */
static const char *code(char *buf, size_t size, const char *text)
{
	if (!*text)
		return "";
	snprintf(buf, size, "`%s`", text);
	return buf;
}

static void builtins(FILE *out)
{
	char name[64], type[64], where[256];

	for (int i = 0; i < BUILTIN_COUNT; i++) {
		const struct builtin_row *r = &builtin_rows[i];

		words_contexts(where, sizeof(where), r->contexts);
		row(out,
		        (const char *[]){ code(name, sizeof(name), r->name),
		                code(type, sizeof(type), r->type), where, r->doc },
		        4);
	}
}

static const char *remark(const struct func_row *r)
{
	if (r->flags & FLAG_UNSAFE)
		return r->flags & FLAG_ASYNC ? "async; needs `--unsafe`" : "needs `--unsafe`";
	return r->flags & FLAG_ASYNC ? "async" : "";
}

static void functions(FILE *out)
{
	char proto[256], call[260], where[256], doc[512];

	for (int i = 0; i < FUNC_TOTAL; i++) {
		const struct func_row *r = &func_rows[i];

		if (r->flags & FLAG_AGG)
			continue;
		words_prototype(proto, sizeof(proto), r->name, r->proto, true);
		words_contexts(where, sizeof(where), r->contexts);
		snprintf(doc, sizeof(doc), "%s%s%s", r->doc, *where ? "; in " : "", where);
		row(out, (const char *[]){ code(call, sizeof(call), proto), doc, remark(r) }, 3);
	}
}

static void aggregations(FILE *out)
{
	char proto[256], call[260];

	for (int i = 0; i < FUNC_TOTAL; i++) {
		const struct func_row *r = &func_rows[i];

		if (!(r->flags & FLAG_AGG))
			continue;
		words_prototype(proto, sizeof(proto), r->name, r->proto, false);
		row(out, (const char *[]){ code(call, sizeof(call), proto), r->doc }, 2);
	}
}

static void probes(FILE *out)
{
	char name[64], short_name[64], forms[256];

	for (unsigned i = 0; i < PROBE_TYPE_COUNT; i++) {
		const struct probe_row *r = &probe_rows[i];

		row(out,
		        (const char *[]){ code(name, sizeof(name), r->name),
		                code(short_name, sizeof(short_name), r->short_name),
		                code(forms, sizeof(forms), r->forms), r->doc },
		        4);
	}
}

static void config(FILE *out)
{
	char name[64], range[256], def[256], def_code[260];

	for (unsigned i = 0; i < config_nrows; i++) {
		const struct config_row *r = &config_rows[i];

		words_range(range, sizeof(range), r);
		words_default(def, sizeof(def), r);
		row(out,
		        (const char *[]){ code(name, sizeof(name), r->name),
		                code(def_code, sizeof(def_code), def), range, r->doc },
		        4);
	}
}

const struct section markdown_sections[] = {
	{ "MD_BUILTINS", builtins },
	{ "MD_FUNCTIONS", functions },
	{ "MD_AGGREGATIONS", aggregations },
	{ "MD_PROBES", probes },
	{ "MD_CONFIG", config },
	{ NULL, NULL },
};
