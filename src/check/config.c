/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration: config blocks, then the environment (BPFTRACE_X, KSCOPE_X), which
 * wins over them. Rows of config.def say what there is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "check/pass.h"

static const char *valid_keys(struct arena *a)
{
	struct strbuf b = { 0 };
	const char *text;

	strbuf_adds(&b, "valid names:");
	for (unsigned i = 0; i < config_nrows; i++)
		strbuf_addf(&b, " %s", config_rows[i].name);
	text = arena_strdup(a, b.data);
	strbuf_free(&b);
	return text;
}

/* Is v one of "a|b|c"? */
static bool enum_has(const char *values, const char *v)
{
	size_t n = strlen(v);

	for (const char *p = values; p; p = strchr(p, '|'), p = p ? p + 1 : NULL) {
		if (strncmp(p, v, n) == 0 && (p[n] == '|' || p[n] == '\0'))
			return true;
	}
	return false;
}

/* Sets one variable from text; what it must be on failure, else NULL. */
static const char *config_set(struct check *c, const struct config_row *r, const char *v)
{
	char *at = (char *)&c->program->config + r->offset;
	uint64_t n;

	switch (r->kind) {
	case CONFIG_KIND_U64:
		if (!str_to_u64(v, &n) || n < r->min || n > r->max)
			return arena_printf(c->arena, "a number from %llu to %llu",
			        (unsigned long long)r->min, (unsigned long long)r->max);
		*(uint64_t *)at = n;
		return NULL;
	case CONFIG_KIND_BOOL:
		if (strcmp(v, "1") == 0 || strcmp(v, "true") == 0)
			*(bool *)at = true;
		else if (strcmp(v, "0") == 0 || strcmp(v, "false") == 0)
			*(bool *)at = false;
		else
			return "true or false";
		return NULL;
	case CONFIG_KIND_ENUM:
		if (!enum_has(r->values, v))
			return arena_printf(c->arena, "one of %s", r->values);
		/* fall through */
	case CONFIG_KIND_STR:
		*(const char **)at = arena_strdup(c->arena, v);
		return NULL;
	}
	return NULL;
}

static void config_item(struct check *c, const struct node *item)
{
	const struct config_row *r = config_row_by_name(item->name);
	const struct node *v = item->a;
	const char *text, *expected;

	if (!r) {
		/* Scripts for newer kscopes and bpftraces may set what is experimental there. */
		if (strncmp(item->name, "unstable_", 9) == 0 || strncmp(item->name, "UNSTABLE_", 9) == 0)
			return;
		diag_error_hint(c->diag, item->loc, valid_keys(c->arena), CONFIG_UNKNOWN, item->name);
		return;
	}
	if (v->kind == NODE_INT)
		text = arena_printf(c->arena, "%llu", (unsigned long long)v->ival);
	else if (v->kind == NODE_BOOL)
		text = v->ival ? "true" : "false";
	else
		text = v->name ? v->name : "";
	expected = config_set(c, r, text);
	if (expected)
		diag_error(c->diag, v->loc, CONFIG_VALUE, r->name, expected);
}

static void config_environment(struct check *c, const struct config_row *r)
{
	static const char *const prefixes[] = { "BPFTRACE_", "KSCOPE_" };

	for (unsigned i = 0; i < 2; i++) {
		char name[64];
		const char *v, *expected;

		snprintf(name, sizeof(name), "%s%s", prefixes[i], r->name);
		for (char *p = name; *p; p++)
			*p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
		v = getenv(name);
		if (!v)
			continue;
		expected = config_set(c, r, v);
		if (expected)
			diag_error(c->diag, LOC_NONE, CONFIG_ENV, name, expected, v);
	}
}

void check_config(struct check *c, struct node *script)
{
	const char *old_strlen = getenv("BPFTRACE_STRLEN");

	config_defaults(&c->program->config);
	list_each (n, script->list) {
		if (n->kind != NODE_CONFIG)
			continue;
		list_each (item, n->list)
			config_item(c, item);
	}
	if (old_strlen)
		config_set(c, config_row_by_name("max_strlen"), old_strlen);
	for (unsigned i = 0; i < config_nrows; i++)
		config_environment(c, &config_rows[i]);
	c->probes->missing = c->program->config.missing_probes;
}
