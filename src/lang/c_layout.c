/* SPDX-License-Identifier: Apache-2.0 */
/* C's layout: see c_layout.h. */
#include "lang/c_layout.h"

static uint64_t round_up(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* Do bits without a name count for the struct's alignment? AAPCS64: as all members do; System V: no. */
#ifdef __aarch64__
#define UNNAMED_BITS_ALIGN true
#else
#define UNNAMED_BITS_ALIGN false
#endif

/* Bits stay within an aligned unit of their type, unless they are packed; ": 0" goes to the next unit. */
static uint64_t add_bits(struct c_layout *l, const struct c_member_layout *m)
{
	bool packed = l->packed || m->packed;
	uint64_t unit = m->align * 8ULL, at = l->is_union ? 0 : l->bits;
	uint32_t align = packed && m->width ? 1 : m->align;

	if (m->aligned)
		at = round_up(at, m->aligned * 8ULL);
	if (!m->width || (!packed && (at % unit + m->width + unit - 1) / unit > m->size * 8 / unit))
		at = round_up(at, unit);
	l->align = larger(l->align, m->aligned);
	if (m->has_name || UNNAMED_BITS_ALIGN)
		l->align = larger(l->align, align);
	return at;
}

uint64_t c_layout_add(struct c_layout *l, const struct c_member_layout *m)
{
	uint64_t at, end;

	if (m->is_bits) {
		at = add_bits(l, m);
		end = at + m->width;
	} else {
		uint32_t align = larger(l->packed || m->packed ? 1 : m->align, m->aligned);

		l->align = larger(l->align, align);
		at = l->is_union ? 0 : round_up(l->bits, align * 8ULL);
		end = at + m->size * 8;
	}
	l->bits = end;
	l->most = end > l->most ? end : l->most;
	return at;
}

uint64_t c_layout_end(struct c_layout *l, uint32_t aligned)
{
	l->align = larger(l->align, aligned);
	return round_up((l->most + 7) / 8, l->align);
}

void c_layout_place_bits(struct field *f, uint64_t bits, uint32_t struct_size)
{
	uint32_t unit = f->type->size;

	f->offset = (uint32_t)(unit ? bits / (unit * 8) * unit : bits / 8);
	if (!unit || f->offset + unit > struct_size || bits + f->bit_size > (f->offset + unit) * 8ULL)
		f->offset = (uint32_t)(bits / 8);
	f->bit_offset = (uint32_t)(bits - f->offset * 8ULL);
}
