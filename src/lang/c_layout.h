/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How C lays out structs and unions: the rules of the System V ABI for x86-64 and of
 * AAPCS64, as gcc has them with packed and aligned. Values of the language itself are
 * lang/layout's.
 */
#ifndef KSCOPE_LANG_C_LAYOUT_H
#define KSCOPE_LANG_C_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/types.h"

/* A struct or union while it grows; start with is_union, packed and align = 1. */
struct c_layout {
	bool is_union, packed;
	uint32_t align;
	uint64_t bits; /* where the next member could begin */
	uint64_t most; /* the union's longest member, in bits */
};

struct c_member_layout {
	uint64_t size;
	uint32_t align;   /* its type's */
	uint32_t aligned; /* attribute, 0: none */
	bool packed;      /* attribute, of the member itself */
	bool is_bits, has_name;
	uint32_t width; /* of bits */
};

/* Where the member begins, in bits from the struct's start. */
uint64_t c_layout_add(struct c_layout *l, const struct c_member_layout *m);

/* The size in bytes; `aligned` is the struct's own attribute, or 0. Sets l->align. */
uint64_t c_layout_end(struct c_layout *l, uint32_t aligned);

/*
 * A bit field's place as we read it: the naturally aligned unit of its type that holds it, where
 * the struct has one, or else (packed structs) bits from its first byte. Needs type and bit_size.
 */
void c_layout_place_bits(struct field *f, uint64_t bits, uint32_t struct_size);

#endif
