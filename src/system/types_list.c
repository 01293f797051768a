/* SPDX-License-Identifier: Apache-2.0 */
/* Structs, unions and enums of the kernel as C, from BTF; libbpf writes a member's declaration. */
#include "system/types_list.h"

#include <bpf/btf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "system/kbtf.h"

enum tag { TAG_STRUCT, TAG_UNION, TAG_ENUM, TAG_NONE };

static const char *const tag_words[] = { "struct", "union", "enum" };

static enum tag tag_of(const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
		return TAG_STRUCT;
	case BTF_KIND_UNION:
		return TAG_UNION;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return TAG_ENUM;
	}
	return TAG_NONE;
}

/* The tag that a search begins with, and in *name what follows it. */
static enum tag search_tag(const char *search, const char **name)
{
	for (unsigned i = 0; i < TAG_NONE; i++) {
		size_t len = strlen(tag_words[i]);

		if (strncmp(search, tag_words[i], len) == 0 && search[len] == ' ') {
			*name = search + len + strspn(search + len, " ");
			return (enum tag)i;
		}
	}
	return TAG_NONE;
}

bool types_is_search(const char *search)
{
	const char *name;

	return search_tag(search, &name) != TAG_NONE;
}

static void print_to_file(void *out, const char *format, va_list args)
{
	vfprintf(out, format, args);
}

/* "\tstruct vfsmount *mnt;\n" */
static void print_member(
        struct btf *btf, struct btf_dump *dump, const struct btf_type *t, unsigned i, FILE *out)
{
	const struct btf_member *m = &btf_members(t)[i];
	unsigned bits = btf_member_bitfield_size(t, i);
	LIBBPF_OPTS(btf_dump_emit_type_decl_opts, opts, .field_name = btf__name_by_offset(btf, m->name_off),
	        .indent_level = 1);

	fputc('\t', out);
	btf_dump__emit_type_decl(dump, m->type, &opts);
	if (bits)
		fprintf(out, ": %u", bits);
	fputs(";\n", out);
}

static void print_constants(struct btf *btf, const struct btf_type *t, FILE *out)
{
	for (unsigned i = 0; i < btf_vlen(t); i++) {
		bool wide = btf_kind(t) == BTF_KIND_ENUM64;
		const struct btf_enum *small = &btf_enum(t)[i];
		const struct btf_enum64 *large = &btf_enum64(t)[i];
		const char *name = btf__name_by_offset(btf, wide ? large->name_off : small->name_off);

		if (btf_kflag(t))
			fprintf(out, "\t%s = %" PRId64 ",\n", name,
			        wide ? (int64_t)btf_enum64_value(large) : small->val);
		else
			fprintf(out, "\t%s = %" PRIu64 ",\n", name,
			        wide ? (uint64_t)btf_enum64_value(large) : (uint32_t)small->val);
	}
}

static void print_type(struct btf *btf, struct btf_dump *dump, uint32_t id, FILE *out)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	fprintf(out, "%s %s {\n", tag_words[tag_of(t)], btf__name_by_offset(btf, t->name_off));
	if (tag_of(t) == TAG_ENUM)
		print_constants(btf, t, out);
	else
		for (unsigned i = 0; i < btf_vlen(t); i++)
			print_member(btf, dump, t, i, out);
	fputs("};\n\n", out);
}

struct found {
	const char *name;
	uint32_t id;
};

static int compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : x->id < y->id ? -1 : x->id > y->id;
}

/* The matching types in the order of their names; *n receives their number. */
static struct found *find(struct btf *btf, enum tag tag, const char *pattern, unsigned *n)
{
	struct found *all = mem_alloc(btf__type_cnt(btf) * sizeof(*all));

	*n = 0;
	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		const char *name = t && t->name_off ? btf__name_by_offset(btf, t->name_off) : NULL;

		if (name && *name && tag_of(t) == tag && str_glob(pattern, name))
			all[(*n)++] = (struct found){ name, id };
	}
	qsort(all, *n, sizeof(*all), compare_found);
	return all;
}

unsigned types_list(struct kbtf *b, const char *search, bool verbose, FILE *out)
{
	struct btf *btf = kbtf_reader(b);
	const char *pattern = "";
	enum tag tag = search_tag(search, &pattern);
	struct btf_dump *dump;
	struct found *all;
	unsigned n;

	all = find(btf, tag, pattern, &n);
	dump = verbose ? btf_dump__new(btf, print_to_file, out, NULL) : NULL;
	for (unsigned i = 0; i < n; i++) {
		/* Several types may have one name: as a name it is listed once. */
		if (dump)
			print_type(btf, dump, all[i].id, out);
		else if (!i || strcmp(all[i].name, all[i - 1].name) != 0)
			fprintf(out, "%s %s\n", tag_words[tag], all[i].name);
	}
	btf_dump__free(dump);
	free(all);
	return n;
}
