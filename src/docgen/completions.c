/* SPDX-License-Identifier: Apache-2.0 */
/* What bash, zsh and fish are told about the options, and the words that begin a probe. */
#include "docgen/docgen.h"

#include <string.h>

static bool shown(const struct option_row *r)
{
	return r->doc != NULL;
}

static void plain(FILE *out, const char *text)
{
	fputs(text, out);
}

/* "-d ast,types": the name of an argument that is a list is a plural. */
static bool takes_list(const struct option_row *r)
{
	return r->values && r->argument[strlen(r->argument) - 1] == 'S';
}

/* -e -q --quiet … */
static void option_words(FILE *out)
{
	const char *space = "";

	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *r = &option_rows[i];

		if (!shown(r))
			continue;
		if (r->short_name) {
			fprintf(out, "%s-%c", space, r->short_name);
			space = " ";
		}
		if (r->long_name) {
			fprintf(out, "%s--%s", space, r->long_name);
			space = " ";
		}
	}
}

/* begin end interval: profile: … */
static void probe_words(FILE *out)
{
	for (unsigned i = 0; i < PROBE_TYPE_COUNT; i++) {
		const struct probe_row *r = &probe_rows[i];

		fprintf(out, "%s%s%s", i ? " " : "", r->name, strchr(r->forms, ':') ? ":" : "");
	}
}

/* -B) argument=MODE values='line full none' ;; */
static void bash_arguments(FILE *out)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *r = &option_rows[i];

		if (!shown(r) || !r->argument)
			continue;
		putc('\t', out);
		if (r->short_name)
			fprintf(out, "-%c", r->short_name);
		if (r->long_name)
			fprintf(out, "%s--%s", r->short_name ? " | " : "", r->long_name);
		fprintf(out, ") argument=%s", r->argument);
		if (r->values) {
			fputs(" values='", out);
			words_values(out, r->values, " ", plain);
			putc('\'', out);
		}
		fputs(" ;;\n", out);
	}
}

/* Between single quotes; '\'' is one in all these shells but fish, which takes it too. */
static void quoted(FILE *out, const char *text, const char *escape)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else {
			if (strchr(escape, *text))
				putc('\\', out);
			putc(*text, out);
		}
	}
}

/* '(-q --quiet)'{-q,--quiet}'[do not say …]', '-B[buffering …]:MODE:(line full none)' */
static void zsh_options(FILE *out)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *r = &option_rows[i];

		if (!shown(r))
			continue;
		putc('\t', out);
		if (r->short_name && r->long_name)
			fprintf(out, "'(-%c --%s)'{-%c,--%s}'", r->short_name, r->long_name, r->short_name,
			        r->long_name);
		else if (r->short_name)
			fprintf(out, "'-%c", r->short_name);
		else
			fprintf(out, "'--%s%s", r->long_name, r->argument ? "=" : "");
		putc('[', out);
		quoted(out, r->doc, "[]\\");
		putc(']', out);
		if (r->argument)
			fprintf(out, ":%s:_kscope_%s", r->argument, r->argument);
		fputs("' \\\n", out);
	}
}

/* What stands for an argument that has values: _kscope_MODE() */
static void zsh_values(FILE *out)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *r = &option_rows[i];

		if (!shown(r) || !r->values)
			continue;
		fprintf(out, "_kscope_%s()\n{\n\t%scompadd - ", r->argument,
		        takes_list(r) ? "_sequence " : "");
		words_values(out, r->values, " ", plain);
		fputs("\n}\n\n", out);
	}
}

static void fish_option(FILE *out, const struct option_row *r)
{
	fputs("complete -c kscope", out);
	if (r->short_name)
		fprintf(out, " -s %c", r->short_name);
	if (r->long_name)
		fprintf(out, " -l %s", r->long_name);
}

/* complete -c kscope -s B -d 'buffering …', complete -c kscope -s B -x -a 'line full none' */
static void fish_options(FILE *out)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *r = &option_rows[i];

		if (!shown(r))
			continue;
		fish_option(out, r);
		fputs(" -d '", out);
		quoted(out, r->doc, "");
		fputs("'\n", out);
		if (!r->argument)
			continue;
		fish_option(out, r);
		if (takes_list(r)) {
			fputs(" -x -a '(__fish_append , ", out);
			words_values(out, r->values, " ", plain);
			fputs(")'\n", out);
		} else if (r->values) {
			fputs(" -x -a '", out);
			words_values(out, r->values, " ", plain);
			fputs("'\n", out);
		} else if (strcmp(r->argument, "FILE") == 0) {
			fputs(" -r -F\n", out);
		} else {
			fprintf(out, " -x -a '(__kscope_%s)'\n", r->argument);
		}
	}
}

const struct section completion_sections[] = {
	{ "OPTION_WORDS", option_words },
	{ "PROBE_WORDS", probe_words },
	{ "BASH_ARGUMENTS", bash_arguments },
	{ "ZSH_OPTIONS", zsh_options },
	{ "ZSH_VALUES", zsh_values },
	{ "FISH_OPTIONS", fish_options },
	{ NULL, NULL },
};
