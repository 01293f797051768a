/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel types from BTF. Loaded on first use only (a whole parse costs 12 ms and
 * 11 MiB), and turned into our types one by one, when a script names them.
 */
#ifndef KSCOPE_SYSTEM_KBTF_H
#define KSCOPE_SYSTEM_KBTF_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/types.h"

struct arena;
struct btf;
struct kbtf;

/* Loads the running kernel's BTF, or the file named by KSCOPE_BTF / BPFTRACE_BTF. NULL with errno. */
struct kbtf *kbtf_load(struct arena *a);
void kbtf_free(struct kbtf *b);

/* A struct, union, enum, typedef or integer by name ("task_struct", "struct task_struct", "unsigned long",
 * "pid_t"); NULL if there is none. Fields of structs are read by kbtf_complete(). */
struct type *kbtf_type(struct kbtf *b, const char *name);

/* The alignment that C gives the type of that name, as its members let see it; 1 if there is none. */
uint32_t kbtf_align(struct kbtf *b, const char *name);

/* The value of an enumerator (TCP_ESTABLISHED) of any enum; false when there is none of that name. */
bool kbtf_enumerator(struct kbtf *b, const char *name, int64_t *value);

/* Reads the fields of a STRUCT with a btf_id, once, and clears the id; pointers in it point to AS_KERNEL
 * (AS_USER where BTF has the tag). char[N] becomes a string. A STRUCT without fields that has only a name, as
 * tracefs formats give, is looked up by it. */
void kbtf_complete(struct kbtf *b, struct type *t);

/* The arguments of a raw tracepoint as a STRUCT of FIELD_BTF_ARG fields (offset = index * 8); NULL if the
 * kernel has no BTF for that event. */
struct type *kbtf_rawtracepoint(struct kbtf *b, const char *event);

/* libbpf's reader, for other files of this room. */
struct btf *kbtf_reader(struct kbtf *b);

/* Calls fn for every raw tracepoint in BTF, sorted by name; stops at the first non-zero result and returns
 * it. */
int kbtf_each_rawtracepoint(struct kbtf *b, int (*fn)(void *arg, const char *event), void *arg);

#endif
