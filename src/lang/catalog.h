/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalog: what builtins.def, aggregations.def, probes.def and config.def say, as tables.
 * Layers with code of their own for each row expand the same .def files into
 * designated initialisers, so a row that one of them lacks fails the build.
 */
#ifndef KSCOPE_LANG_CATALOG_H
#define KSCOPE_LANG_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "lang/program.h"

/* What a probe's program gets as its argument. */
enum context {
	CTX_NONE,        /* nothing of use */
	CTX_TIMER,       /* struct bpf_perf_event_data */
	CTX_TRACEPOINT,  /* the event's record */
	CTX_BTF_ARGS,    /* array of 64-bit arguments */
	CTX_REGS,        /* struct pt_regs at a function's entry */
	CTX_REGS_RETURN, /* struct pt_regs at its return */
};

struct probe_row {
	enum probe_type type;
	const char *id, *name, *short_name;
	enum context context;
	enum addr_space space; /* of addresses that have no type */
	const char *forms, *doc;
};

extern const struct probe_row probe_rows[PROBE_TYPE_COUNT];

/* By name, short name or old spelling (BEGIN, END); NULL if there is none. */
const struct probe_row *probe_row_by_name(const char *name);
/* The nearest probe type's name, or NULL. */
const char *probe_nearest(const char *name);

enum builtin {
#define BUILTIN(id, ...) BUILTIN_##id,
#include "lang/builtins.def"
	BUILTIN_COUNT,
};

enum func {
#define FUNC(id, ...) FUNC_##id,
#include "lang/functions.def"
	FUNC_TOTAL,
};

enum row_flags {
	FLAG_NONE = 0,
	FLAG_UNSAFE = 1 << 0, /* needs --unsafe */
	FLAG_ASYNC = 1 << 1,  /* carried out by the runtime */
	FLAG_CONST = 1 << 2,  /* known at compile time */
	FLAG_AGG = 1 << 3,    /* yields an aggregation, for assignment to a map */
};

struct builtin_row {
	const char *name, *type, *doc;
	unsigned contexts; /* bit per enum context; 0: all */
	unsigned flags;
};

struct func_row {
	const char *name;
	const char *proto; /* "ret(arg, ?arg, …)": see check/calls.c */
	const char *doc;
	unsigned contexts, flags;
};

extern const struct builtin_row builtin_rows[BUILTIN_COUNT];
extern const struct func_row func_rows[FUNC_TOTAL];

/* -1 if there is none. */
int builtin_by_name(const char *name);
int func_by_name(const char *name);
const char *builtin_nearest(const char *name);
const char *func_nearest(const char *name);

enum config_kind {
	CONFIG_KIND_U64,
	CONFIG_KIND_BOOL,
	CONFIG_KIND_STR,
	CONFIG_KIND_ENUM,
};

struct config_row {
	const char *name;
	enum config_kind kind;
	size_t offset; /* in struct config */
	uint64_t def, min, max;
	const char *def_str; /* STR, ENUM */
	const char *values;  /* ENUM: "a|b" */
	const char *doc;
};

extern const struct config_row config_rows[];
extern const unsigned config_nrows;

void config_defaults(struct config *c);
/* By any accepted form: max_strlen, MAX_STRLEN, BPFTRACE_MAX_STRLEN, KSCOPE_MAX_STRLEN, and old names; NULL
 * if none. */
const struct config_row *config_row_by_name(const char *name);

#endif
