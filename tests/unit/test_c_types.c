/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check/c_types, lang/c_layout: the definitions below are compiled by this file's compiler, and read from
 * their text by the script parser. Sizes, alignments, offsets and bits must be the same.
 */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"
#include "check/check.h"
#include "parser/parser.h"
#include "probes/probes.h"

/* Once as they are, once as text. */
#define IN_C_AND_AS_TEXT(...)                                                                                \
	__VA_ARGS__                                                                                          \
	static const char definitions[] = #__VA_ARGS__;

/* clang-format off */
IN_C_AND_AS_TEXT(
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long long u64;
typedef u32 odd_int __attribute__((aligned(16)));
typedef int row[3];
typedef struct named { u8 a; row r[2]; } named_t, *named_p;
enum number { ZERO, ONE, SEVEN = 7, EIGHT, BIT = 1 << 4, ALL = BIT | SEVEN, LESS = -3 };
enum wide { WIDE = 0x100000000 };
enum small { SMALL = 200 } __attribute__((packed));
enum { ROWS = 3, COLUMNS = (ROWS + 1) * 2 - sizeof(int) / 4 };

struct integers {
	char c; short s; int i; signed char sc; long l; unsigned short int us; long long ll; unsigned char uc;
	unsigned long long int ull; short unsigned su; bool b; _Bool b2; long int unsigned lu; unsigned u; signed sg;
};
struct floats { char c; float f; char d; double g; char e; long double h; char i; };
struct pointers { char c; void *p; char **pp; int (*f)(void *, int); char d; int *a[3]; int (*pa)[3]; struct pointers *self;
	const volatile char *const *q; int (*(*ff)(int))(long); };
struct arrays { char name[5]; int m[2][3]; char names[ROWS][COLUMNS]; u8 b[sizeof(struct pointers) / 16]; u16 t[]; };
struct nested { char c; struct integers i; char d; struct { char x; long y; } in; struct { int deep; union { u8 one; u64 two; }; };
	struct named n[2]; named_t m; named_p p; };
union mixed { char c[9]; int i; long l; struct { short s; char t; } st; unsigned bits : 5; };
struct enums { char a; enum number n; char b; enum wide w; char c; enum small s; char d; enum { INNER = 11 } e; char t[INNER]; };
struct bits { unsigned a : 3; unsigned b : 5; int c : 9; u8 d : 4; u8 e : 5; u64 f : 33; u64 g : 31; bool h : 1; u16 i : 15;
	u16 j : 2; int : 0; char k; int : 5; int l : 1; enum number m : 6; };
struct bits_after { char c; int a : 7; short s; long b : 40; char d; long e : 20; char f; long g : 3; u8 h : 1; };
struct unnamed_bits { char c; int : 4; char d; long : 0; char e; short : 9; char f; };
struct packed { char c; int i; short s; u64 l; struct bits b; char t; } __attribute__((packed));
struct packed_bits { u8 a : 3; u32 b : 20; u16 c : 12; u64 d : 29; char e; u16 f : 9; int : 0; u8 g; } __attribute__((packed));
struct __attribute__((packed)) packed_in_front { char c; named_t n; long l; };
struct aligned { char c; } __attribute__((aligned(32)));
struct aligned_members { char a; int b __attribute__((aligned(16))); char c; odd_int d; char e; struct aligned f; char g; };
struct packed_members { char a; int b __attribute__((packed)); char c; long d; char e; u32 f : 9 __attribute__((packed)); };
struct packed_aligned { char a; long b; char c; } __attribute__((packed, aligned(4)));
struct packed_odd { char a; odd_int b; char c; short d __attribute__((aligned(2))); } __attribute__((packed));
struct alignas { char a; _Alignas(8) char b; char c; };
typedef struct later later_t; typedef int function(void);
struct before { later_t *p; function *f; }; struct later { char c; long l; }; struct behind { char c; later_t l; char d; };
struct empty { };
struct with_empty { char a; struct empty e; int b; };
struct flexible { int n; char data[]; };
union bit_union { u64 a : 40; int b : 3; char c; };
struct deep { struct { struct { struct { int x; char y; } c; char z; } b[2]; } a; char end; };
)
/* clang-format on */

struct expected {
	const char *of, *path;
	size_t offset, size;
	const unsigned char *mask; /* of a bit field, in a struct of `size` bytes */
};

#define EACH_STRUCT(X)                                                                                       \
	X(struct, named)                                                                                     \
	X(struct, integers)                                                                                  \
	X(struct, floats)                                                                                    \
	X(struct, pointers)                                                                                  \
	X(struct, arrays)                                                                                    \
	X(struct, nested)                                                                                    \
	X(union, mixed)                                                                                      \
	X(struct, enums)                                                                                     \
	X(struct, bits)                                                                                      \
	X(struct, bits_after)                                                                                \
	X(struct, unnamed_bits)                                                                              \
	X(struct, packed)                                                                                    \
	X(struct, packed_bits)                                                                               \
	X(struct, packed_in_front)                                                                           \
	X(struct, aligned)                                                                                   \
	X(struct, aligned_members)                                                                           \
	X(struct, packed_members)                                                                            \
	X(struct, packed_aligned)                                                                            \
	X(struct, packed_odd)                                                                                \
	X(struct, alignas)                                                                                   \
	X(struct, before)                                                                                    \
	X(struct, behind)                                                                                    \
	X(struct, empty)                                                                                     \
	X(struct, with_empty)                                                                                \
	X(struct, flexible)                                                                                  \
	X(union, bit_union)                                                                                  \
	X(struct, deep)

#define AT(tag, type, path)                                                                                  \
	{                                                                                                    \
#type, #path, offsetof(tag type, path), sizeof(((tag type *)0)->path), NULL                  \
	}

static const struct expected fields[] = {
	AT(struct, integers, s),
	AT(struct, integers, i),
	AT(struct, integers, sc),
	AT(struct, integers, l),
	AT(struct, integers, us),
	AT(struct, integers, ll),
	AT(struct, integers, ull),
	AT(struct, integers, su),
	AT(struct, integers, b2),
	AT(struct, integers, lu),
	AT(struct, integers, sg),
	AT(struct, floats, f),
	AT(struct, floats, g),
	AT(struct, floats, h),
	AT(struct, pointers, f),
	AT(struct, pointers, a),
	AT(struct, pointers, pa),
	AT(struct, pointers, self),
	AT(struct, pointers, q),
	AT(struct, pointers, ff),
	AT(struct, arrays, name),
	AT(struct, arrays, m),
	AT(struct, arrays, names),
	AT(struct, arrays, b),
	AT(struct, nested, i),
	AT(struct, nested, i.lu),
	AT(struct, nested, in.y),
	AT(struct, nested, deep),
	AT(struct, nested, two),
	AT(struct, nested, n),
	AT(struct, nested, m.r),
	AT(struct, nested, p),
	AT(union, mixed, l),
	AT(union, mixed, st.t),
	AT(struct, enums, n),
	AT(struct, enums, w),
	AT(struct, enums, s),
	AT(struct, enums, e),
	AT(struct, enums, t),
	AT(struct, bits, k),
	AT(struct, bits_after, s),
	AT(struct, bits_after, d),
	AT(struct, bits_after, f),
	AT(struct, unnamed_bits, d),
	AT(struct, unnamed_bits, e),
	AT(struct, unnamed_bits, f),
	AT(struct, packed, i),
	AT(struct, packed, l),
	AT(struct, packed, b),
	AT(struct, packed, t),
	AT(struct, packed_bits, e),
	AT(struct, packed_bits, g),
	AT(struct, packed_in_front, n.r),
	AT(struct, packed_in_front, l),
	AT(struct, aligned_members, b),
	AT(struct, aligned_members, d),
	AT(struct, aligned_members, f),
	AT(struct, aligned_members, g),
	AT(struct, packed_members, b),
	AT(struct, packed_members, d),
	AT(struct, packed_aligned, b),
	AT(struct, packed_odd, b),
	AT(struct, packed_odd, d),
	AT(struct, alignas, b),
	AT(struct, behind, l.l),
	AT(struct, with_empty, b),
	AT(struct, deep, a.b),
	AT(struct, deep, end),
};

struct checked {
	struct arena *arena;
	struct unit *unit;
	struct probes probes;
	struct diag diag;
};

/* $NAME is a pointer to each struct; aligned_NAME shows its alignment. */
static struct checked check_definitions(void)
{
	struct checked c = { .arena = arena_create() };
	struct check_options o = { 0 };
	struct strbuf text = { 0 };
	struct source *source;
	struct node *script;

	strbuf_adds(&text, definitions);
#define ALIGNED(tag, name)                                                                                   \
	strbuf_adds(&text, "struct aligned_" #name " { char c; " #tag " " #name " x; };\n");
	EACH_STRUCT(ALIGNED)
	strbuf_adds(&text, "begin { ");
#define POINTER(tag, name)                                                                                   \
	strbuf_adds(&text, "$" #name " = (" #tag " " #name " *)0; "                                          \
	                   "$aligned_" #name " = (struct aligned_" #name " *)0; ");
	EACH_STRUCT(POINTER)
	strbuf_adds(&text, "}\n");
	source = source_create(c.arena, "definitions", text.data, text.len);
	strbuf_free(&text);
	diag_init(&c.diag, source, stderr, false);
	c.diag.no_warnings = true;
	c.probes = (struct probes){ .arena = c.arena, .diag = &c.diag };
	script = parse_script(c.arena, source, &c.diag, NULL);
	assert_non_null(script);
	c.unit = check_script(c.arena, &c.diag, script, source, &o, &c.probes);
	assert_int_equal(c.diag.errors, 0);
	return c;
}

static void release(struct checked *c)
{
	probes_release(&c->probes);
	arena_destroy(c->arena);
}

static const struct type *type_of(const struct checked *c, const char *name)
{
	for (const struct var *v = c->unit->actions[0].vars; v; v = v->next)
		if (strcmp(v->name, name) == 0)
			return v->type->elem;
	fail_msg("no struct %s", name);
	return NULL;
}

static const struct field *find(const struct type *t, const char *name, size_t len, uint32_t *offset)
{
	for (unsigned i = 0; i < t->nfields; i++) {
		const struct field *f = &t->fields[i], *inner;
		uint32_t at = *offset + f->offset;

		if (strlen(f->name) == len && strncmp(f->name, name, len) == 0) {
			*offset = at;
			return f;
		}
		if (!*f->name && (inner = find(f->type, name, len, &at))) {
			*offset = at;
			return inner;
		}
	}
	return NULL;
}

static const struct field *follow(const struct type *t, const char *path, uint32_t *offset)
{
	const struct field *f = NULL;

	*offset = 0;
	for (; *path; path += *path == '.') {
		size_t len = strcspn(path, ".");

		f = find(f ? f->type : t, path, len, offset);
		if (!f)
			fail_msg("no field %s", path);
		path += len;
	}
	return f;
}

static void offsets(void **state)
{
	struct checked c = check_definitions();

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		const struct expected *e = &fields[i];
		uint32_t offset;
		const struct field *f = follow(type_of(&c, e->of), e->path, &offset);

		if (offset != e->offset || f->type->size != e->size)
			fail_msg("%s.%s: at %u, %u bytes; the compiler: at %zu, %zu bytes", e->of, e->path,
			        offset, f->type->size, e->offset, e->size);
	}
	release(&c);
}

static void compare_size(const struct checked *c, const char *name, size_t size, size_t align)
{
	char aligned[64];

	snprintf(aligned, sizeof(aligned), "aligned_%s", name);
	if (type_of(c, name)->size != size || type_of(c, aligned)->fields[1].offset != align)
		fail_msg("%s: %u bytes, aligned to %u; the compiler: %zu, %zu", name, type_of(c, name)->size,
		        type_of(c, aligned)->fields[1].offset, size, align);
}

static void sizes_and_alignments(void **state)
{
	struct checked c = check_definitions();

	(void)state;
#define COMPARE(tag, name) compare_size(&c, #name, sizeof(tag name), _Alignof(tag name));
	EACH_STRUCT(COMPARE)
	release(&c);
}

/* Sets the field's bits to one, and compares which ones these are. */
static void compare_bits(
        const struct checked *c, const char *of, const char *name, const void *mask, size_t size)
{
	uint32_t offset, first;
	const struct field *f = follow(type_of(c, of), name, &offset);
	unsigned char ours[256] = { 0 };

	assert_true(f->bit_size > 0 && f->bit_offset + f->bit_size <= 64);
	first = offset * 8 + f->bit_offset;
	assert_true(first + f->bit_size <= size * 8);
	for (uint32_t bit = first; bit < first + f->bit_size; bit++)
		ours[bit / 8] |= (unsigned char)(1 << bit % 8);
	if (memcmp(ours, mask, size) != 0)
		fail_msg("%s.%s: bit %u is not its first, or %u not their number", of, name, first,
		        f->bit_size);
}

#define BITS(tag, type, field)                                                                               \
	do {                                                                                                 \
		union {                                                                                      \
			tag type s;                                                                          \
			unsigned char bytes[sizeof(tag type)];                                               \
		} u;                                                                                         \
                                                                                                             \
		memset(&u, 0, sizeof(u));                                                                    \
		u.s.field = -1;                                                                              \
		compare_bits(&c, #type, #field, u.bytes, sizeof(u));                                         \
	} while (0)

static void bit_fields(void **state)
{
	struct checked c = check_definitions();

	(void)state;
	BITS(struct, bits, a);
	BITS(struct, bits, b);
	BITS(struct, bits, c);
	BITS(struct, bits, d);
	BITS(struct, bits, e);
	BITS(struct, bits, f);
	BITS(struct, bits, g);
	BITS(struct, bits, h);
	BITS(struct, bits, i);
	BITS(struct, bits, j);
	BITS(struct, bits, l);
	BITS(struct, bits, m);
	BITS(struct, bits_after, a);
	BITS(struct, bits_after, b);
	BITS(struct, bits_after, e);
	BITS(struct, bits_after, g);
	BITS(struct, bits_after, h);
	BITS(struct, packed_bits, a);
	BITS(struct, packed_bits, b);
	BITS(struct, packed_bits, c);
	BITS(struct, packed_bits, d);
	BITS(struct, packed_bits, f);
	BITS(struct, packed_members, f);
	BITS(union, bit_union, a);
	BITS(union, bit_union, b);
	BITS(union, mixed, bits);
	release(&c);
}

static void strings_and_arrays(void **state)
{
	struct checked c = check_definitions();
	uint32_t offset;

	(void)state;
	assert_int_equal(follow(type_of(&c, "arrays"), "name", &offset)->type->kind, TYPE_STRING);
	assert_int_equal(follow(type_of(&c, "arrays"), "names", &offset)->type->kind, TYPE_ARRAY);
	assert_int_equal(follow(type_of(&c, "arrays"), "names", &offset)->type->elem->kind, TYPE_STRING);
	assert_int_equal(follow(type_of(&c, "arrays"), "m", &offset)->type->count, 2);
	assert_int_equal(follow(type_of(&c, "arrays"), "m", &offset)->type->elem->count, 3);
	assert_int_equal(follow(type_of(&c, "arrays"), "t", &offset)->type->count, 0);
	assert_int_equal(follow(type_of(&c, "arrays"), "b", &offset)->type->elem->kind, TYPE_INT);
	assert_int_equal(follow(type_of(&c, "pointers"), "a", &offset)->type->kind, TYPE_ARRAY);
	assert_int_equal(follow(type_of(&c, "pointers"), "pa", &offset)->type->kind, TYPE_PTR);
	assert_int_equal(follow(type_of(&c, "pointers"), "pa", &offset)->type->elem->count, 3);
	assert_int_equal(follow(type_of(&c, "pointers"), "ff", &offset)->type->elem->kind, TYPE_VOID);
	assert_ptr_equal(
	        follow(type_of(&c, "pointers"), "self", &offset)->type->elem, type_of(&c, "pointers"));
	release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets),
		cmocka_unit_test(sizes_and_alignments),
		cmocka_unit_test(bit_fields),
		cmocka_unit_test(strings_and_arrays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
