/* SPDX-License-Identifier: Apache-2.0 */
/* Lowers a checked unit to a BPF object. The only room that knows LLVM. */
#ifndef KSCOPE_CODEGEN_CODEGEN_H
#define KSCOPE_CODEGEN_CODEGEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/diag.h"
#include "check/check.h"

struct codegen;

/* source_path: where LLVM can read the script's text, for the line info. */
struct codegen *codegen_create(struct arena *a, struct diag *d, struct unit *u, const char *source_path);
void codegen_destroy(struct codegen *g);

/* Generates IR for every action; sets the program's slot_size. */
void codegen_build(struct codegen *g);
/* LLVM's own verifier, then the pass pipeline. False: reported (an internal error). */
bool codegen_optimize(struct codegen *g);
/* Adds the program's description and emits the object, arena memory; NULL: reported. */
void *codegen_emit(struct codegen *g, size_t *len);

void codegen_print_ir(struct codegen *g, FILE *out);
/* The BPF code as assembly, with the script's lines. */
void codegen_print_asm(struct codegen *g, FILE *out);

/* "19.1.7" */
const char *codegen_llvm_version(void);

#endif
