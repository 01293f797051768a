/* SPDX-License-Identifier: Apache-2.0 */
/* Expands the .def files into the tables that every layer asks. */
#include "lang/catalog.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

const struct probe_row probe_rows[PROBE_TYPE_COUNT] = {
#define PROBE(id, name, short_name, context, space, forms, doc)                                              \
	[PROBE_##id] = { PROBE_##id, #id, name, short_name, context, space, forms, doc },
#include "lang/probes.def"
};

const struct builtin_row builtin_rows[BUILTIN_COUNT] = {
#define BUILTIN(id, name, type, contexts, flags, doc) [BUILTIN_##id] = { name, type, doc, contexts, flags },
#include "lang/builtins.def"
};

const struct func_row func_rows[FUNC_TOTAL] = {
#define FUNC(id, name, proto, contexts, flags, doc) [FUNC_##id] = { name, proto, doc, contexts, flags },
#include "lang/functions.def"
};

const struct config_row config_rows[] = {
#define CONFIG_U64(id, name, def, min, max, doc)                                                             \
	{ name, CONFIG_KIND_U64, offsetof(struct config, id), def, min, max, NULL, NULL, doc },
#define CONFIG_BOOL(id, name, def, doc)                                                                      \
	{ name, CONFIG_KIND_BOOL, offsetof(struct config, id), def, 0, 1, NULL, NULL, doc },
#define CONFIG_STR(id, name, def, doc)                                                                       \
	{ name, CONFIG_KIND_STR, offsetof(struct config, id), 0, 0, 0, def, NULL, doc },
#define CONFIG_ENUM(id, name, def, values, doc)                                                              \
	{ name, CONFIG_KIND_ENUM, offsetof(struct config, id), 0, 0, 0, def, values, doc },
#include "lang/config.def"
};
const unsigned config_nrows = sizeof(config_rows) / sizeof(config_rows[0]);

static bool equal_nocase(const char *a, const char *b)
{
	while (*a && tolower((unsigned char)*a) == tolower((unsigned char)*b))
		a++, b++;
	return *a == *b;
}

const struct probe_row *probe_row_by_name(const char *name)
{
	for (unsigned i = 0; i < PROBE_TYPE_COUNT; i++) {
		const struct probe_row *r = &probe_rows[i];

		if (strcmp(r->name, name) == 0 || (*r->short_name && strcmp(r->short_name, name) == 0))
			return r;
	}
	if (strcmp(name, "BEGIN") == 0)
		return &probe_rows[PROBE_BEGIN];
	if (strcmp(name, "END") == 0)
		return &probe_rows[PROBE_END];
	return NULL;
}

const char *probe_nearest(const char *name)
{
	struct nearest n = { 0 };

	for (unsigned i = 0; i < PROBE_TYPE_COUNT; i++)
		nearest_offer(&n, name, probe_rows[i].name);
	return n.best;
}

int builtin_by_name(const char *name)
{
	for (int i = 0; i < BUILTIN_COUNT; i++) {
		if (strcmp(builtin_rows[i].name, name) == 0)
			return i;
	}
	/* arg1, arg2, … share arg0's row. */
	if (strncmp(name, "arg", 3) == 0 && isdigit((unsigned char)name[3])) {
		char *end;
		unsigned long n = strtoul(name + 3, &end, 10);

		if (*end == '\0' && n < 32)
			return BUILTIN_ARGN;
	}
	return -1;
}

int func_by_name(const char *name)
{
	for (int i = 0; i < FUNC_TOTAL; i++) {
		if (strcmp(func_rows[i].name, name) == 0)
			return i;
	}
	return -1;
}

const char *builtin_nearest(const char *name)
{
	struct nearest n = { 0 };

	for (int i = 0; i < BUILTIN_COUNT; i++)
		nearest_offer(&n, name, builtin_rows[i].name);
	return n.best;
}

const char *func_nearest(const char *name)
{
	struct nearest n = { 0 };

	for (int i = 0; i < FUNC_TOTAL; i++)
		nearest_offer(&n, name, func_rows[i].name);
	return n.best;
}

void config_defaults(struct config *c)
{
	for (unsigned i = 0; i < config_nrows; i++) {
		const struct config_row *r = &config_rows[i];
		char *at = (char *)c + r->offset;

		switch (r->kind) {
		case CONFIG_KIND_U64:
			*(uint64_t *)at = r->def;
			break;
		case CONFIG_KIND_BOOL:
			*(bool *)at = r->def;
			break;
		case CONFIG_KIND_STR:
		case CONFIG_KIND_ENUM:
			*(const char **)at = r->def_str;
			break;
		}
	}
}

const struct config_row *config_row_by_name(const char *name)
{
	/* Names of older dialects. */
	static const struct {
		const char *old, *now;
	} old_names[] = {
		{ "strlen", "max_strlen" },
		{ "cat_bytes_max", "max_cat_bytes" },
		{ "map_keys_max", "max_map_keys" },
	};

	if (strncmp(name, "BPFTRACE_", 9) == 0)
		name += 9;
	else if (strncmp(name, "KSCOPE_", 7) == 0)
		name += 7;
	for (unsigned i = 0; i < sizeof(old_names) / sizeof(old_names[0]); i++) {
		if (equal_nocase(old_names[i].old, name))
			name = old_names[i].now;
	}
	for (unsigned i = 0; i < config_nrows; i++) {
		if (equal_nocase(config_rows[i].name, name))
			return &config_rows[i];
	}
	return NULL;
}
