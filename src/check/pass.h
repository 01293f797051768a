/* SPDX-License-Identifier: Apache-2.0 */
/* What the passes of check share; private to the room. */
#ifndef KSCOPE_CHECK_PASS_H
#define KSCOPE_CHECK_PASS_H

#include "base/arena.h"
#include "check/check.h"
#include "lang/errors.h"
#include "probes/probes.h"

struct check {
	struct arena *arena;
	struct diag *diag;
	const struct check_options *options;
	struct probes *probes;
	struct unit *unit;
	struct program *program;
	struct action *action;   /* whose block is walked */
	bool final;              /* types are settled: report, and make events */
	bool changed;            /* a variable's or map's type grew in this round */
	unsigned loops;          /* loops around the current statement */
	struct c_names *c_names; /* of C definitions: c_types.c */
};

/* Errors about types come in the last round only, when all types are known. */
#define infer_error(c, loc, tag, ...)                                                                        \
	do {                                                                                                 \
		if ((c)->final)                                                                              \
			diag_error((c)->diag, loc, tag, ##__VA_ARGS__);                                      \
	} while (0)

/* config.c: the script's config blocks and the environment, into program->config. */
void check_config(struct check *c, struct node *script);

/* actions.c: expands attach points and groups them into actions. */
void check_actions(struct check *c, struct node *script);
struct node *node_clone(struct arena *a, const struct node *n);

/* resolve.c: names of one action: variables by scope, maps, builtins, functions, parameters. */
void check_resolve(struct check *c, struct action *action);
void check_map_decls(struct check *c, struct node *script);

/* infer.c: the type of an expression; NULL while it depends on something not known yet, type_error once
 * reported. */
struct type *infer(struct check *c, struct node *n);
/* Of the integer literal that n is, or was folded to. */
struct type *infer_constant(const struct node *n);
/* As infer(), as an integer: aggregations that read as a number become one. NULL, type_error or an INT/BOOL.
 */
struct type *infer_int(struct check *c, struct node *n, const char *what);
/* A condition: integer, boolean or pointer. */
void infer_condition(struct check *c, struct node *n);
struct type *check_type_name(struct check *c, struct type_name *tn);

/* c_types.c: the script's own C types. Before check_c_types() there are none. */
void check_c_types(struct check *c, struct node *script);
/* NULL when the script does not define it; type_error when it is of another kind, which is reported. */
struct type *check_c_type(struct check *c, const struct type_name *tn);
bool check_c_constant(struct check *c, const char *name, int64_t *value);
/* A STRUCT of which only the name is known gets the fields of the script's struct of that name. */
bool check_c_complete(struct check *c, struct type *t);

/* access.c: fields, elements, dereference. */
struct type *infer_field(struct check *c, struct node *n);
struct type *infer_tuple_at(struct check *c, struct node *n);
struct type *infer_index(struct check *c, struct node *n);
struct type *infer_deref(struct check *c, struct node *n);
struct type *infer_sizeof(struct check *c, struct node *n);
struct type *infer_offsetof(struct check *c, struct node *n);
const struct field *check_find_field(
        struct check *c, const struct type *t, const char *name, uint32_t *offset);

/* operators.c */
struct type *infer_unop(struct check *c, struct node *n);
struct type *infer_binop(struct check *c, struct node *n);
struct type *infer_ternary(struct check *c, struct node *n);
struct type *infer_cast(struct check *c, struct node *n);
struct type *infer_incdec(struct check *c, struct node *n);
/* The integer that a type reads as (itself, or what an aggregation or pointer holds), or NULL. */
struct type *type_as_int(struct type *t);

/* unify.c: types_join() */
struct type *unify(struct check *c, struct type *a, struct type *b);
/* As a variable's or map's value: integers take 64 bits. */
struct type *widen(struct check *c, struct type *t);

/* maps.c */
struct type *infer_map(struct check *c, struct node *n); /* a read */
void infer_map_key(struct check *c, struct node *n);
void infer_map_value(struct check *c, struct node *n, struct type *value, struct loc loc);
void check_map_key_types(struct check *c, struct node *map, struct type *key, struct loc loc);
void check_finish_maps(struct check *c);

/* stmt.c */
void infer_stmt(struct check *c, struct node *n);
void infer_block(struct check *c, struct node *block);

/* calls.c */
struct type *infer_call(struct check *c, struct node *n);
struct type *infer_builtin(struct check *c, struct node *n);

/* format.c: checks a printf format against the arguments that follow it. */
void check_format(struct check *c, struct node *call, struct node *format, struct node *args);

/* events.c: the event that a call sends; sets n->event. Call it in the final round only. */
struct event *check_event(struct check *c, struct node *n, enum event_kind kind);
void check_event_args(struct check *c, struct event *e, struct type **types, unsigned n);

#endif
