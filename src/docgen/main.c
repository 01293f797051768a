/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docgen TEMPLATE [OUTPUT]: copies the template and puts in the place of each @NAME@ what the section NAME
 * prints. It runs while kscope is built, and is not installed.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "docgen/docgen.h"

static void print_version(FILE *out)
{
	fputs(KSCOPE_VERSION, out);
}

static const struct section general_sections[] = {
	{ "VERSION", print_version },
	{ NULL, NULL },
};

static const struct section *const tables[] = { general_sections, markdown_sections, man_sections,
	completion_sections };

static const struct section *find_section(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct section *s = tables[i]; s->name; s++)
			if (strlen(s->name) == len && strncmp(s->name, name, len) == 0)
				return s;
	return NULL;
}

/* The length of NAME when the text begins with @NAME@, else 0. */
static size_t section_name(const char *text)
{
	size_t n = 1;

	while (isupper((unsigned char)text[n]) || text[n] == '_')
		n++;
	return text[n] == '@' ? n - 1 : 0;
}

static bool fill_line(const char *line, FILE *out)
{
	size_t n;

	for (const char *p = line; *p; p += n) {
		const struct section *s;

		n = *p == '@' ? section_name(p) : 0;
		if (!n) {
			putc(*p, out);
			n = 1;
			continue;
		}
		s = find_section(p + 1, n);
		if (!s) {
			fprintf(stderr, "docgen: there is no section %.*s\n", (int)n, p + 1);
			return false;
		}
		s->print(out);
		n += 2;
		/* A section that stands alone in its line ends its lines itself. */
		if (p == line && p[n] == '\n')
			n++;
	}
	return true;
}

int main(int argc, char **argv)
{
	FILE *in = argc > 1 ? fopen(argv[1], "r") : NULL, *out = argc > 2 ? fopen(argv[2], "w") : stdout;
	char line[4096];
	bool ok = true;

	if (!in || !out) {
		fprintf(stderr, "usage: docgen TEMPLATE [OUTPUT]: %s\n", strerror(errno));
		return 1;
	}
	while (ok && fgets(line, sizeof(line), in))
		ok = fill_line(line, out);
	fclose(in);
	if (ferror(out) || fclose(out) != 0)
		ok = false;
	return ok ? 0 : 1;
}
