/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of functions, a function per row of functions.def; private to the room. */
#ifndef KSCOPE_CHECK_CALLS_H
#define KSCOPE_CHECK_CALLS_H

#include "check/pass.h"

/* Called when number and classes of the arguments are right, and their types are known. */
#define FUNC(id, ...) struct type *call_##id(struct check *c, struct node *n);
#include "lang/functions.def"

const char *calls_type_text(struct check *c, const struct node *n);
/* kstack, ustack: the arguments after the name, or NULL. */
struct type *calls_stack_type(struct check *c, enum type_kind kind, struct node *args);

#endif
