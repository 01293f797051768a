/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The script's own C types: names, sizes, offsets, constants. Definitions are taken in
 * their order, as a C compiler takes them. A name that the script does not define is the kernel's:
 * looked up at once where its size matters, on first use behind a pointer.
 */
#include "check/c_types.h"

#include <string.h>

#include "lang/c_layout.h"
#include "lang/layout.h"
#include "system/kbtf.h"

#define MAX_SIZE      (1u << 26) /* bytes of a type, and */
#define MAX_ELEMENTS  (1u << 20) /* of an array: what an image can describe */
#define MAX_ALIGNMENT (1u << 16)

static const char *const tag_phrases[] = {
	[C_STRUCT] = "a struct", [C_UNION] = "a union", [C_ENUM] = "an enum"
};

/* --- names --- */

static struct c_name **bucket(struct c_names *names, const char *name)
{
	unsigned h = 5381;

	for (; *name; name++)
		h = h * 33 + (unsigned char)*name;
	return &names->buckets[h % C_NAME_BUCKETS];
}

struct c_name *c_names_find(struct c_names *names, enum c_name_kind kind, const char *name)
{
	if (!names)
		return NULL;
	for (struct c_name *n = *bucket(names, name); n; n = n->next) {
		if (n->kind == kind && strcmp(n->name, name) == 0)
			return n;
	}
	return NULL;
}

static struct c_name *add_name(struct check *c, enum c_name_kind kind, const char *name)
{
	struct c_name **b = bucket(c->c_names, name), *n = arena_new(c->arena, struct c_name);

	n->kind = kind;
	n->name = name;
	n->next = *b;
	*b = n;
	return n;
}

/* --- types --- */

static const char *full_name(struct check *c, enum c_tag tag, const char *name)
{
	return arena_printf(c->arena, "%s %s", c_tag_name(tag), name);
}

static struct c_resolved failed(void)
{
	return (struct c_resolved){ .type = &type_error, .align = 1, .complete = true };
}

static struct c_resolved incomplete(struct check *c, const struct c_type *t, struct type *type)
{
	diag_error(c->diag, t->loc, C_INCOMPLETE, type_name(c->arena, type));
	return failed();
}

/* A type of the kernel by its name, "struct path" or "pid_t"; type NULL when there is none. */
static struct c_resolved kernel_type(struct check *c, const char *name)
{
	struct kbtf *btf = probes_kbtf(c->probes);
	struct c_resolved r = { .type = btf ? kbtf_type(btf, name) : NULL, .complete = true };

	if (!r.type)
		return r;
	r.size = r.type->size;
	r.align = kbtf_align(btf, name);
	return r;
}

static struct type *shell(struct check *c, enum c_tag tag, const char *name)
{
	struct type *t = type_new(c->arena, tag == C_ENUM ? TYPE_ENUM : TYPE_STRUCT);

	t->name = name;
	t->is_union = tag == C_UNION;
	t->size = tag == C_ENUM ? 4 : 0;
	return t;
}

/* Of a struct that is defined further down the size is not known yet, but its type is. */
static struct c_resolved of_body(const struct c_body *b)
{
	return (struct c_resolved){
		.type = b->type, .size = b->type->size, .align = b->align, .complete = b->defined
	};
}

/* Of the script, or else the kernel's; behind a pointer, a name is enough until somebody follows it. */
static struct c_resolved resolve_tag_name(
        struct check *c, enum c_tag tag, const char *name, struct loc loc, bool by_value)
{
	struct c_name *n = c_names_find(c->c_names, C_NAME_TAG, name);
	struct c_resolved r;

	if (n && n->body->tag != tag) {
		diag_error(c->diag, loc, C_TAG, name, tag_phrases[n->body->tag], tag_phrases[tag]);
		return failed();
	}
	if (n)
		return of_body(n->body);
	if (by_value) {
		r = kernel_type(c, full_name(c, tag, name));
		if (r.type)
			return r;
	}
	return (struct c_resolved){ .type = shell(c, tag, name) };
}

/* `typedef struct foo foo_t;` in front of what foo is */
static struct c_resolved resolve_typedef(
        struct check *c, const struct c_type *t, const struct c_resolved *r, bool by_value)
{
	const struct type *to = r->type;
	enum c_tag tag = to->kind == TYPE_ENUM ? C_ENUM : to->is_union ? C_UNION : C_STRUCT;

	if (r->complete || r->is_function || !to->name || (to->kind != TYPE_STRUCT && to->kind != TYPE_ENUM))
		return *r;
	return resolve_tag_name(c, tag, to->name, t->loc, by_value);
}

static struct c_resolved resolve_name(struct check *c, const struct c_type *t, bool by_value)
{
	struct c_name *n = c_names_find(c->c_names, C_NAME_TYPEDEF, t->name);
	struct c_resolved r;

	if (n)
		return resolve_typedef(c, t, &n->resolved, by_value);
	r = (struct c_resolved){ .type = type_by_name(t->name), .complete = true };
	if (r.type) {
		r.size = r.align = r.type->size;
		return r;
	}
	r = kernel_type(c, t->name);
	if (r.type)
		return r;
	diag_error(c->diag, t->loc, UNKNOWN_TYPE, t->name);
	return failed();
}

static struct c_resolved resolve_array(struct check *c, const struct c_type *t)
{
	struct c_resolved elem = c_resolve(c, t->of, true), r = { .align = elem.align, .complete = true };
	int64_t count = 0;

	r.depth = elem.depth + 1;
	if (elem.type->kind == TYPE_ERROR || (t->count && !c_constant(c, t->count, &count)))
		return failed();
	if (count < 0 || count > MAX_ELEMENTS) {
		diag_error(c->diag, t->count->loc, C_ARRAY_SIZE, MAX_ELEMENTS, (long long)count);
		return failed();
	}
	r.size = elem.size * (uint64_t)count;
	if (r.size > MAX_SIZE) {
		diag_error(c->diag, t->count->loc, C_TOO_LARGE, "an array", MAX_SIZE);
		return failed();
	}
	r.type = elem.is_char && count ? type_string(c->arena, (uint32_t)count)
	                               : type_array(c->arena, elem.type, (uint32_t)count);
	r.type->size = (uint32_t)r.size;
	return r;
}

static struct c_resolved resolve_kind(struct check *c, const struct c_type *t, bool by_value)
{
	struct c_resolved r = { .complete = true };

	switch (t->kind) {
	case C_BASE:
		r.type = t->base;
		r.size = t->base->size;
		r.align = t->base_align ? t->base_align : t->base->size;
		r.is_char = t->is_char;
		r.complete = t->base->kind != TYPE_VOID;
		break;
	case C_NAMED:
		return resolve_name(c, t, by_value);
	case C_TAG:
		return t->body ? of_body(t->body) : resolve_tag_name(c, t->tag, t->name, t->loc, by_value);
	case C_PTR:
		r = c_resolve(c, t->of, false);
		r.type = type_ptr(c->arena, r.is_function ? &type_void : r.type, t->user ? AS_USER : AS_NONE);
		return (struct c_resolved){
			.type = r.type, .size = 8, .align = 8, .complete = true, .depth = r.depth + 1
		};
	case C_ARRAY:
		return resolve_array(c, t);
	case C_FUNC:
		return (struct c_resolved){ .type = &type_void, .is_function = true };
	}
	return r;
}

struct c_resolved c_resolve(struct check *c, const struct c_type *t, bool by_value)
{
	struct c_resolved r = resolve_kind(c, t, by_value);

	if (by_value && r.is_function) {
		diag_error(c->diag, t->loc, C_FUNCTION);
		return failed();
	}
	if (by_value && !r.complete)
		return incomplete(c, t, r.type);
	if (r.depth > C_MAX_DERIVED) {
		diag_error(c->diag, t->loc, NESTED_TOO_DEEPLY);
		return failed();
	}
	return r;
}

/* --- members --- */

/* The number of aligned(), 0 without one. */
static uint32_t alignment(struct check *c, const struct c_attributes *a)
{
	int64_t n;

	if (!a->aligned || !c_constant(c, a->aligned, &n))
		return 0;
	if (n >= 1 && n <= MAX_ALIGNMENT && (n & (n - 1)) == 0)
		return (uint32_t)n;
	diag_error(c->diag, a->aligned->loc, C_ALIGNMENT, MAX_ALIGNMENT, (long long)n);
	return 0;
}

static bool check_bits(struct check *c, const struct c_member *m, const struct c_resolved *r, uint32_t *width)
{
	const char *name = m->name ? m->name : "this member";
	unsigned least = m->name ? 1 : 0, most = r->type->kind == TYPE_BOOL ? 1 : (unsigned)r->size * 8;
	int64_t n;

	if (!type_is_integer(r->type)) {
		diag_error(c->diag, m->loc, C_BITS_TYPE, type_name(c->arena, r->type));
		return false;
	}
	if (!c_constant(c, m->bits, &n))
		return false;
	if (n < least || n > most) {
		diag_error(c->diag, m->bits->loc, C_BITS_WIDTH, name, (long long)n,
		        type_name(c->arena, r->type), least, most);
		return false;
	}
	*width = (uint32_t)n;
	return true;
}

static void check_name(struct check *c, const struct c_body *b, const struct c_member *m)
{
	const struct type *t = b->type;

	for (unsigned i = 0; i < t->nfields; i++) {
		if (strcmp(t->fields[i].name, m->name) == 0) {
			diag_error(c->diag, m->loc, C_MEMBER_TWICE, type_name(c->arena, t), m->name);
			return;
		}
	}
}

/* Appends the member to the struct's fields; bit fields keep their bit's number in bit_offset until the
 * struct's size is known. */
static void add_member(struct check *c, struct c_body *b, struct c_layout *l, const struct c_member *m)
{
	struct c_resolved r = c_resolve(c, m->type, true);
	struct c_member_layout at = { .size = r.size, .align = r.align };
	struct field *f = &b->type->fields[b->type->nfields];

	if (r.type->kind == TYPE_ERROR)
		return;
	at.aligned = alignment(c, &m->attributes);
	at.packed = m->attributes.packed;
	at.is_bits = m->bits != NULL;
	at.has_name = m->name != NULL;
	if (m->bits && !check_bits(c, m, &r, &at.width))
		return;
	f->bit_offset = (uint32_t)c_layout_add(l, &at);
	if (m->bits && !m->name)
		return;
	if (m->name)
		check_name(c, b, m);
	f->name = m->name ? m->name : "";
	f->type = r.type;
	f->bit_size = at.width;
	f->offset = f->bit_offset / 8;
	if (!m->bits)
		f->bit_offset = 0;
	b->type->nfields++;
}

static void define_struct(struct check *c, struct c_body *b)
{
	struct c_layout l = { .is_union = b->tag == C_UNION, .packed = b->attributes.packed, .align = 1 };
	struct type *t = b->type;
	unsigned n = 0;
	uint64_t size;

	for (const struct c_member *m = b->members; m; m = m->next)
		n++;
	t->fields = arena_array(c->arena, struct field, n + 1);
	for (const struct c_member *m = b->members; m; m = m->next) {
		add_member(c, b, &l, m);
		if (l.most > MAX_SIZE * 8ULL) {
			diag_error(c->diag, m->loc, C_TOO_LARGE, type_name(c->arena, t), MAX_SIZE);
			break;
		}
	}
	size = c_layout_end(&l, alignment(c, &b->attributes));
	t->size = (uint32_t)size;
	b->align = l.align;
	for (unsigned i = 0; i < t->nfields; i++) {
		struct field *f = &t->fields[i];

		if (!f->bit_size)
			continue;
		c_layout_place_bits(f, f->bit_offset, t->size);
		if (f->bit_offset + f->bit_size > 64)
			diag_error(c->diag, b->loc, C_BITS_SPREAD, f->name);
	}
}

/* --- enums --- */

static void define_constant(struct check *c, const struct c_enumerator *e, int64_t number)
{
	if (c_names_find(c->c_names, C_NAME_CONSTANT, e->name))
		diag_error(c->diag, e->loc, C_REDEFINED, e->name);
	else
		add_name(c, C_NAME_CONSTANT, e->name)->number = number;
}

/* gcc's choice: unsigned int, int where there is a negative one, 64 bits where 32 do not do; packed: the
 * smallest. */
static void define_enum(struct check *c, struct c_body *b)
{
	int64_t number = -1, least = 0, most = 0;
	unsigned size = b->attributes.packed ? 1 : 4;

	for (const struct c_enumerator *e = b->enumerators; e; e = e->next) {
		number = (int64_t)((uint64_t)number + 1);
		if (e->value && !c_constant(c, e->value, &number))
			number = 0;
		define_constant(c, e, number);
		least = number < least ? number : least;
		most = number > most ? number : most;
	}
	b->type->is_signed = least < 0;
	for (; size < 8; size *= 2) {
		unsigned bits = size * 8 - b->type->is_signed;

		if (most < 1LL << bits && least >= -(1LL << bits))
			break;
	}
	b->type->size = b->align = size;
}

/* --- definitions --- */

static void warn_of_kernel_type(struct check *c, const struct c_body *b)
{
	struct kbtf *btf = b->name && !c->diag->errors ? probes_kbtf(c->probes) : NULL;
	const char *name = btf ? full_name(c, b->tag, b->name) : NULL;

	if (btf && kbtf_type(btf, name))
		diag_warning(c->diag, b->loc, C_KERNEL_TYPE, name);
}

static void define_body(struct check *c, struct c_body *b)
{
	if (b->tag == C_ENUM)
		define_enum(c, b);
	else
		define_struct(c, b);
	b->defined = true;
	warn_of_kernel_type(c, b);
}

static void define_typedef(struct check *c, const struct c_member *m)
{
	/* `typedef struct later later_t;` names something that may be defined behind it. */
	struct c_resolved r = c_resolve(c, m->type, false);
	struct c_name *old = c_names_find(c->c_names, C_NAME_TYPEDEF, m->name);
	uint32_t aligned = alignment(c, &m->attributes);

	if (aligned)
		r.align = aligned;
	/* What has no other name goes by this one in messages. */
	if (!r.type->name && (r.type->kind == TYPE_STRUCT || r.type->kind == TYPE_ENUM))
		r.type->name = m->name;
	/* The same again is no mistake in C. */
	if (old && (!type_equal(old->resolved.type, r.type) || old->resolved.align != r.align))
		diag_error(c->diag, m->loc, C_REDEFINED, m->name);
	else if (!old)
		add_name(c, C_NAME_TYPEDEF, m->name)->resolved = r;
}

/* Every tag has its type, so that pointers can point to it. */
static void declare_bodies(struct check *c, struct c_body *b)
{
	for (; b; b = b->next) {
		b->type = shell(c, b->tag, b->name);
		if (!b->name)
			continue;
		if (c_names_find(c->c_names, C_NAME_TAG, b->name))
			diag_error(c->diag, b->loc, C_REDEFINED, full_name(c, b->tag, b->name));
		else
			add_name(c, C_NAME_TAG, b->name)->body = b;
	}
}

void check_c_types(struct check *c, struct node *script)
{
	c->c_names = arena_new(c->arena, struct c_names);
	list_each (n, script->list) {
		if (n->kind == NODE_CDEF)
			declare_bodies(c, n->c_definition->bodies);
	}
	list_each (n, script->list) {
		struct c_definition *d = n->c_definition;

		if (n->kind != NODE_CDEF)
			continue;
		for (struct c_body *b = d->bodies; b; b = b->next)
			define_body(c, b);
		for (struct c_member *m = d->names; m; m = m->next)
			define_typedef(c, m);
	}
}

/* --- what the other passes ask --- */

struct type *check_c_type(struct check *c, const struct type_name *tn)
{
	static const enum c_tag tags[] = { [TN_STRUCT] = C_STRUCT, [TN_UNION] = C_UNION, [TN_ENUM] = C_ENUM };
	struct c_name *n;

	if (tn->tag == TN_PLAIN) {
		n = c_names_find(c->c_names, C_NAME_TYPEDEF, tn->name);
		if (n)
			return n->resolved.type;
	}
	n = c_names_find(c->c_names, C_NAME_TAG, tn->name);
	if (!n)
		return NULL;
	if (tn->tag != TN_PLAIN && n->body->tag != tags[tn->tag]) {
		diag_error(c->diag, tn->loc, C_TAG, tn->name, tag_phrases[n->body->tag],
		        tag_phrases[tags[tn->tag]]);
		return &type_error;
	}
	return n->body->type;
}

bool check_c_constant(struct check *c, const char *name, int64_t *value)
{
	struct c_name *n = c_names_find(c->c_names, C_NAME_CONSTANT, name);

	if (n)
		*value = n->number;
	return n != NULL;
}

bool check_c_complete(struct check *c, struct type *t)
{
	struct c_name *n = t->name && !t->btf_id ? c_names_find(c->c_names, C_NAME_TAG, t->name) : NULL;

	if (!n || n->body->tag != (t->is_union ? C_UNION : C_STRUCT))
		return false;
	t->fields = n->body->type->fields;
	t->nfields = n->body->type->nfields;
	t->size = n->body->type->size;
	return true;
}
