/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attach points and searches, as far as they are the same for all probe types: cutting the text, finding
 * the type, limits, the things that are opened on first use. The rest is in a file per
 * family, found by the table below.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "probes/ops.h"
#include "system/kbtf.h"
#include "system/machine.h"
#include "system/tracefs.h"

static const struct probe_ops *const ops[PROBE_TYPE_COUNT] = {
#define PROBE(id, ...) [PROBE_##id] = &probe_ops_##id,
#include "lang/probes.def"
};

/* Probe types of the language that have no row yet. */
static const struct {
	const char *name, *short_name;
} planned[] = {
	{ "fentry", "f" },
	{ "fexit", "fr" },
	{ "kfunc", "" },
	{ "kretfunc", "" },
	{ "usdt", "U" },
	{ "hardware", "h" },
	{ "iter", "it" },
	{ "watchpoint", "w" },
	{ "asyncwatchpoint", "aw" },
	{ "test", "" },
	{ "bench", "" },
};

#define NPLANNED (sizeof(planned) / sizeof(planned[0]))

static const char *planned_name(const char *type)
{
	for (size_t i = 0; i < NPLANNED; i++) {
		if (strcmp(planned[i].name, type) == 0 || (*type && strcmp(planned[i].short_name, type) == 0))
			return planned[i].name;
	}
	return NULL;
}

const char *probes_suggestion(struct probes *env, const char *what)
{
	return what ? arena_printf(env->arena, "did you mean %s?", what) : NULL;
}

/* The type that a word names, wildcards allowed when they leave one type. NULL after an error. */
static const struct probe_row *find_row(struct probes *env, const char *type, struct loc loc)
{
	const struct probe_row *row = probe_row_by_name(type);
	struct nearest near = { 0 };
	unsigned matches = 0;
	const char *later;

	if (row)
		return row;
	later = planned_name(type);
	if (later) {
		diag_error(env->diag, loc, PROBE_TYPE_PLANNED, later);
		return NULL;
	}
	for (unsigned i = 0; str_has_glob(type) && i < PROBE_TYPE_COUNT; i++) {
		if (str_glob(type, probe_rows[i].name)) {
			row = &probe_rows[i];
			matches++;
		}
	}
	if (matches == 1)
		return row;
	if (matches > 1) {
		diag_error(env->diag, loc, PROBE_TYPE_AMBIGUOUS, type);
		return NULL;
	}
	for (unsigned i = 0; i < PROBE_TYPE_COUNT; i++)
		nearest_offer(&near, type, probe_rows[i].name);
	for (size_t i = 0; i < NPLANNED; i++)
		nearest_offer(&near, type, planned[i].name);
	diag_error_hint(env->diag, loc, probes_suggestion(env, near.best), PROBE_TYPE_UNKNOWN, type);
	return NULL;
}

/* Appends the value of the parameter at *p ("$1", "$#") and moves *p behind it. */
static bool add_param(struct probes *env, struct strbuf *out, const char **p, struct loc loc)
{
	const char *start = *p;
	unsigned long n;
	char *end;

	if (start[1] == '#') {
		strbuf_addf(out, "%u", env->nparams);
		*p = start + 2;
		return true;
	}
	if (!isdigit((unsigned char)start[1])) {
		strbuf_addc(out, *(*p)++);
		return true;
	}
	n = strtoul(start + 1, &end, 10);
	*p = end;
	if (n < 1 || n > env->nparams) {
		diag_error(env->diag, loc, PROBE_PARAM, (int)(end - start), start);
		return false;
	}
	strbuf_adds(out, env->params[n - 1]);
	return true;
}

/* One part, up to the next colon outside of quotes. A parameter's value is not cut again. */
static bool read_part(struct probes *env, const char **p, struct loc loc, const char **part)
{
	struct strbuf b = { 0 };
	bool quoted = false, ok = true;

	strbuf_adds(&b, "");
	while (**p && ok && (quoted || **p != ':')) {
		if (**p == '"') {
			quoted = !quoted;
			(*p)++;
		} else if (**p == '$' && !quoted) {
			ok = add_param(env, &b, p, loc);
		} else {
			strbuf_addc(&b, *(*p)++);
		}
	}
	*part = arena_strdup(env->arena, b.data);
	strbuf_free(&b);
	return ok;
}

static bool split(struct probes *env, const char *text, struct attach *at)
{
	/* The text may have lost something against the script; then all parts are at the whole place. */
	bool exact = strlen(text) == at->loc.end - at->loc.start;
	const char *p = text;
	bool overflow = false;

	for (;;) {
		const char *start = p, *part;
		struct loc loc = at->loc;

		if (!read_part(env, &p, at->loc, &part))
			return false;
		if (exact && p > start) {
			loc.start = at->loc.start + (uint32_t)(start - text);
			loc.end = at->loc.start + (uint32_t)(p - text);
		}
		overflow = at->nparts == ATTACH_MAX_PARTS;
		if (overflow)
			break;
		at->parts[at->nparts] = part;
		at->locs[at->nparts++] = loc;
		if (!*p)
			break;
		p++;
	}
	at->row = find_row(env, at->parts[0], at->locs[0]);
	if (!at->row)
		return false;
	return overflow ? probes_form_error(env, at) : true;
}

bool probes_expand(struct probes *env, const char *text, struct loc loc, struct program *program)
{
	struct attach at = { .loc = loc };

	if (!split(env, text, &at))
		return false;
	return ops[at.row->type]->expand(env, &at, program);
}

bool probes_room(struct probes *env, const struct attach *at, const struct program *program, unsigned n)
{
	uint64_t max = program->config.max_probes;

	if (program->nprobes + (uint64_t)n <= max)
		return true;
	diag_error(env->diag, at->loc, PROBE_COUNT, program->nprobes + n, (unsigned long long)max);
	return false;
}

struct probe *probes_add(struct probes *env, const struct attach *at, struct program *program,
        const char *name, const char *group, const char *target)
{
	struct probe *p;

	if (!probes_room(env, at, program, 1))
		return NULL;
	p = program_add_probe(program, env->arena);
	p->type = at->row->type;
	p->name = arena_strdup(env->arena, name);
	p->group = group ? arena_strdup(env->arena, group) : NULL;
	p->target = target ? arena_strdup(env->arena, target) : NULL;
	p->loc = at->loc;
	return p;
}

const char *probes_text(struct probes *env, const struct attach *at)
{
	struct strbuf b = { 0 };
	const char *text;

	strbuf_adds(&b, at->row->name);
	for (unsigned i = 1; i < at->nparts; i++)
		strbuf_addf(&b, ":%s", at->parts[i]);
	text = arena_strdup(env->arena, b.data);
	strbuf_free(&b);
	return text;
}

bool probes_form_error(struct probes *env, const struct attach *at)
{
	diag_error(env->diag, at->loc, PROBE_FORM, at->row->name, at->row->forms);
	return false;
}

bool probes_count(const char *text, uint64_t max, uint64_t *out)
{
	char digits[32];
	uint64_t exponent = 0;
	size_t n = 0;
	char *e;

	for (; *text; text++) {
		if (*text == '_')
			continue;
		if (n + 1 >= sizeof(digits))
			return false;
		digits[n++] = *text;
	}
	digits[n] = '\0';
	e = strpbrk(digits, "eE");
	if (e && str_starts(digits, "0"))
		e = NULL; /* hex, or nothing */
	if (e) {
		*e = '\0';
		if (!str_to_u64(e + 1, &exponent) || exponent > 19)
			return false;
	}
	if (!str_to_u64(digits, out))
		return false;
	for (; exponent; exponent--) {
		if (__builtin_mul_overflow(*out, (uint64_t)10, out))
			return false;
	}
	return *out >= 1 && *out <= max;
}

struct tracefs *probes_try_tracefs(struct probes *env)
{
	if (!env->tracefs && !env->tracefs_failed) {
		env->tracefs = tracefs_open();
		env->tracefs_failed = !env->tracefs;
	}
	return env->tracefs;
}

struct tracefs *probes_tracefs(struct probes *env, struct loc loc)
{
	bool first = !env->tracefs_failed;
	struct tracefs *t = probes_try_tracefs(env);
	int err = errno;
	const char *missing;

	if (t || !first)
		return t;
	if (err == EPERM || err == EACCES) {
		missing = machine_missing_caps(env->arena);
		/* Mounting it needs this one; a mounted one belongs to root. */
		diag_error(env->diag, loc, PROBE_PRIVILEGES, missing ? missing : "CAP_SYS_ADMIN");
	} else {
		diag_error(env->diag, loc, PROBE_NO_TRACEFS, strerror(err));
	}
	return NULL;
}

struct kbtf *probes_kbtf(struct probes *env)
{
	if (!env->kbtf && !env->kbtf_failed) {
		env->kbtf = kbtf_load(env->arena);
		env->kbtf_failed = !env->kbtf;
	}
	return env->kbtf;
}

void probes_release(struct probes *env)
{
	tracefs_close(env->tracefs);
	kbtf_free(env->kbtf);
	env->tracefs = NULL;
	env->kbtf = NULL;
}

bool probes_missing_is_error(struct probes *env, const struct attach *at)
{
	if (env->missing && strcmp(env->missing, "ignore") == 0)
		return false;
	if (env->missing && strcmp(env->missing, "warn") == 0) {
		diag_warning(env->diag, at->loc, PROBE_MISSING, probes_text(env, at));
		return false;
	}
	return true;
}

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash_bytes(uint64_t h, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 0x100000001b3ull;
	return h;
}

static uint64_t hash_type(uint64_t h, const struct type *t)
{
	for (; t; t = t->elem) {
		uint32_t words[] = { t->kind, t->size, t->count, t->is_signed, t->is_union, t->space };

		h = hash_bytes(h, words, sizeof(words));
		if (t->name)
			h = hash_bytes(h, t->name, strlen(t->name) + 1);
	}
	return h;
}

/* A number that structs share when their fields have the same names, types and places. */
static uint64_t hash_struct(const struct type *t)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (unsigned i = 0; i < t->nfields; i++) {
		const struct field *f = &t->fields[i];
		uint32_t words[] = { f->offset, f->bit_offset, f->bit_size, f->kind };

		h = hash_bytes(h, words, sizeof(words));
		h = hash_bytes(h, f->name, strlen(f->name) + 1);
		h = hash_type(h, f->type);
	}
	return h;
}

const struct type *probes_args(struct probes *env, struct probe *probe, struct loc loc)
{
	const struct probe_ops *o = ops[probe->type];

	if (!probe->args && o->args) {
		probe->args = o->args(env, probe, loc);
		if (probe->args)
			probe->args_id = hash_struct(probe->args);
	}
	return probe->args;
}

bool listing_line(struct listing *l, const char *text)
{
	if (!str_glob(l->pattern, text))
		return false;
	fprintf(l->out, "%s\n", text);
	l->found++;
	return true;
}

/*
 * The rest of a search behind a type's name. Empty parts match anything, and so does what is not
 * written; the types with a number at the end are listed without it ("software:page-faults:").
 */
static void add_rest(struct strbuf *b, const char *rest, const struct probe_row *row)
{
	bool is_uprobe = row->type == PROBE_UPROBE || row->type == PROBE_URETPROBE;
	unsigned nparts = 0, max = row->type == PROBE_TRACEPOINT || is_uprobe ? 2 : 1;
	bool has_number = row->context == CTX_TIMER;
	bool glob = false;

	while (*rest == ':' && !(has_number && nparts == max)) {
		size_t n = strcspn(rest + 1, ":");

		strbuf_addc(b, ':');
		strbuf_add(b, n ? rest + 1 : "*", n ? n : 1);
		glob = str_has_glob(b->data);
		rest += 1 + n;
		nparts++;
	}
	if (nparts == 0)
		strbuf_adds(b, ":*");
	else if (has_number)
		strbuf_adds(b, ":");
	else if (nparts < max && !glob)
		strbuf_adds(b, ":*");
}

/* The search as a pattern of whole lines. Without a type in front: of the whole line, or a word in it. */
static const char *search_pattern(struct probes *env, const char *search, const struct probe_row **row)
{
	size_t type_len = strcspn(search, ":");
	const char *type = arena_strndup(env->arena, search, type_len);
	struct strbuf b = { 0 };
	const char *pattern;

	*row = probe_row_by_name(type);
	if (!*row && !planned_name(type) && !search[type_len])
		return str_has_glob(search) ? search : arena_printf(env->arena, "*%s*", search);
	if (!*row && str_has_glob(type))
		return search;
	if (!*row) {
		find_row(env, type, LOC_NONE);
		return NULL;
	}
	strbuf_adds(&b, (*row)->name);
	if ((*row)->context != CTX_NONE)
		add_rest(&b, search + type_len, *row);
	pattern = arena_strdup(env->arena, b.data);
	strbuf_free(&b);
	return pattern;
}

bool probes_list(struct probes *env, const char *search, bool verbose, FILE *out)
{
	/* By name. */
	static const enum probe_type order[] = { PROBE_BEGIN, PROBE_END, PROBE_INTERVAL, PROBE_KPROBE,
		PROBE_KRETPROBE, PROBE_PROFILE, PROBE_RAWTRACEPOINT, PROBE_SELF, PROBE_SOFTWARE,
		PROBE_TRACEPOINT, PROBE_UPROBE, PROBE_URETPROBE };
	struct listing l = { .verbose = verbose, .out = out };
	const struct probe_row *row = NULL;

	_Static_assert(sizeof(order) / sizeof(order[0]) == PROBE_TYPE_COUNT, "all types are listed");
	l.pattern = search ? search_pattern(env, search, &row) : "*";
	if (!l.pattern)
		return false;
	for (unsigned i = 0; i < PROBE_TYPE_COUNT; i++) {
		const struct probe_ops *o = ops[order[i]];

		if (row ? row->type != order[i] : o->only_by_name)
			continue;
		if (!o->list(env, &l))
			return false;
	}
	if (l.found)
		return true;
	diag_error(env->diag, LOC_NONE, PROBE_LIST_NONE, search ? search : "*");
	return false;
}
