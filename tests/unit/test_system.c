/* SPDX-License-Identifier: Apache-2.0 */
/* system/machine and the less common declarations of system/tracefs' formats; nothing of the machine is read.
 */
#include "unit.h"

#include "base/arena.h"
#include "system/machine.h"
#include "system/tracefs.h"

static void assert_cpus(const char *text, const int *expected, unsigned n)
{
	int *cpus;

	assert_int_equal(machine_parse_cpu_list(text, &cpus), n);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(cpus[i], expected[i]);
	free(cpus);
}

static void cpu_lists(void **state)
{
	(void)state;
	assert_cpus("0\n", (const int[]){ 0 }, 1);
	assert_cpus("0-3\n", (const int[]){ 0, 1, 2, 3 }, 4);
	assert_cpus("0-1,4,6-7\n", (const int[]){ 0, 1, 4, 6, 7 }, 5);
	assert_cpus("", NULL, 0);
	assert_cpus("\n", NULL, 0);
	assert_cpus("x", NULL, 0);
	/* What cannot be a list of CPUs ends it. */
	assert_cpus("1,3-2", (const int[]){ 1 }, 1);
	assert_cpus("2,0-99999999999", (const int[]){ 2 }, 1);
}

static void versions(void **state)
{
	(void)state;
	assert_int_equal(machine_parse_version("6.1.0"), 0x060100);
	assert_int_equal(machine_parse_version("6.18.44-rc1"), 0x06122c);
	assert_int_equal(machine_parse_version("5.15"), 0x050f00);
	assert_int_equal(machine_parse_version("4.14.300"), 0x040eff);
	assert_int_equal(machine_parse_version("next"), 0);
}

static void build_ids(void **state)
{
	/* A note of another name, padded to 4, in front of the build id. */
	static const uint8_t notes[] = { 6, 0, 0, 0, 4, 0, 0, 0, 1, 1, 0, 0, 'L', 'i', 'n', 'u', 'x', 0, 0, 0,
		0, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0, 0x0a, 0xbc, 0xff, 0 };
	struct arena *a = arena_create();

	(void)state;
	assert_string_equal(machine_parse_build_id(a, notes, sizeof(notes)), "0abcff");
	for (size_t cut = 0; cut < sizeof(notes); cut++)
		assert_null(machine_parse_build_id(a, notes, cut));
	arena_destroy(a);
}

static void capabilities(void **state)
{
	const uint64_t admin = 1ull << 21, perfmon = 1ull << 38, bpf = 1ull << 39;

	(void)state;
	assert_null(machine_caps_missing_from(admin));
	assert_null(machine_caps_missing_from(bpf | perfmon));
	assert_string_equal(machine_caps_missing_from(bpf), "CAP_PERFMON");
	assert_string_equal(machine_caps_missing_from(perfmon), "CAP_BPF");
	assert_string_equal(machine_caps_missing_from(0), "CAP_BPF, CAP_PERFMON");
}

/* The type of the one field that a format of our own declares. */
static const struct field *parse_field(struct arena *a, const char *group, const char *line)
{
	const char *text = arena_printf(a, "name: x\nID: 7\nformat:\n\tfield:%s\n\nprint fmt: \"\"\n", line);
	struct type *t = tracefs_parse_format(a, group, "x", text, NULL);

	return t ? &t->fields[0] : NULL;
}

static void integers(void **state)
{
	struct arena *a = arena_create();
	const struct field *f;

	(void)state;
	f = parse_field(a, "g", "unsigned long long v;\toffset:8;\tsize:8;\tsigned:0;");
	assert_string_equal(f->name, "v");
	assert_ptr_equal(f->type, &type_uint64);
	f = parse_field(a, "g", "pid_t v;\toffset:8;\tsize:4;\tsigned:1;");
	assert_ptr_equal(f->type, &type_int32);
	f = parse_field(a, "g", "bool v;\toffset:8;\tsize:1;\tsigned:0;");
	assert_ptr_equal(f->type, &type_bool);
	f = parse_field(a, "g", "enum zone_type v;\toffset:8;\tsize:4;\tsigned:0;");
	assert_int_equal(f->type->kind, TYPE_ENUM);
	assert_string_equal(f->type->name, "zone_type");
	/* A system call's arguments are whole registers, all marked signed:0. */
	f = parse_field(a, "syscalls", "int fd;\toffset:16;\tsize:8;\tsigned:0;");
	assert_ptr_equal(f->type, &type_int64);
	f = parse_field(a, "syscalls", "unsigned int n;\toffset:16;\tsize:8;\tsigned:0;");
	assert_ptr_equal(f->type, &type_uint64);
	f = parse_field(a, "g", "int v;\toffset:16;\tsize:8;\tsigned:0;");
	assert_ptr_equal(f->type, &type_uint64);
	arena_destroy(a);
}

static void arrays(void **state)
{
	struct arena *a = arena_create();
	const struct field *f;

	(void)state;
	f = parse_field(a, "g", "unsigned long args[6];\toffset:16;\tsize:48;\tsigned:0;");
	assert_int_equal(f->type->kind, TYPE_ARRAY);
	assert_int_equal(f->type->count, 6);
	assert_ptr_equal(f->type->elem, &type_uint64);
	/* A type that is not known takes the size of its part. */
	f = parse_field(a, "g", "strange_t v[3];\toffset:16;\tsize:12;\tsigned:0;");
	assert_int_equal(f->type->count, 3);
	assert_ptr_equal(f->type->elem, &type_uint32);
	f = parse_field(a, "g", "char name[TASK_COMM_LEN];\toffset:16;\tsize:16;\tsigned:0;");
	assert_string_equal(f->name, "name");
	assert_int_equal(f->type->kind, TYPE_STRING);
	assert_int_equal(f->type->size, 16);
	f = parse_field(a, "g", "u32 buf[];\toffset:24;\tsize:0;\tsigned:0;");
	assert_int_equal(f->type->kind, TYPE_ARRAY);
	assert_int_equal(f->type->count, 0);
	arena_destroy(a);
}

static void dynamic(void **state)
{
	struct arena *a = arena_create();
	const struct field *f;

	(void)state;
	f = parse_field(a, "g", "__data_loc char[] s;\toffset:8;\tsize:4;\tsigned:0;");
	assert_string_equal(f->name, "s");
	assert_int_equal(f->kind, FIELD_DATA_LOC);
	assert_int_equal(f->type->kind, TYPE_STRING);
	assert_int_equal(f->type->size, 0);
	f = parse_field(a, "g", "__rel_loc u64[] s;\toffset:8;\tsize:4;\tsigned:0;");
	assert_int_equal(f->kind, FIELD_REL_LOC);
	assert_int_equal(f->type->kind, TYPE_ARRAY);
	assert_int_equal(f->type->count, 0);
	assert_ptr_equal(f->type->elem, &type_uint64);
	f = parse_field(a, "g", "__data_loc cpumask_t mask;\toffset:8;\tsize:4;\tsigned:0;");
	assert_int_equal(f->type->kind, TYPE_ARRAY);
	assert_ptr_equal(f->type->elem, &type_uint64);
	arena_destroy(a);
}

static void pointers(void **state)
{
	struct arena *a = arena_create();
	const struct type *t;

	(void)state;
	t = parse_field(a, "syscalls", "const char *const * argv;\toffset:8;\tsize:8;\tsigned:0;")->type;
	assert_int_equal(t->kind, TYPE_PTR);
	assert_int_equal(t->space, AS_USER);
	assert_int_equal(t->elem->kind, TYPE_PTR);
	assert_ptr_equal(t->elem->elem, &type_int8);
	t = parse_field(a, "g", "struct page * p;\toffset:8;\tsize:8;\tsigned:0;")->type;
	assert_int_equal(t->space, AS_KERNEL);
	assert_int_equal(t->elem->kind, TYPE_STRUCT);
	assert_string_equal(t->elem->name, "page");
	t = parse_field(a, "g", "const void * p;\toffset:8;\tsize:8;\tsigned:0;")->type;
	assert_ptr_equal(t->elem, &type_void);
	arena_destroy(a);
}

static void wrong_lines(void **state)
{
	static const char *const lines[] = {
		"int v;\toffset:8;\tsize:4;",
		"int v;\toffset:x;\tsize:4;\tsigned:1;",
		"int v;\toffset:8;\tsize:99999999999;\tsigned:1;",
		"int v[4;\toffset:8;\tsize:16;\tsigned:1;",
		"int v",
		";",
	};
	struct arena *a = arena_create();

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_null(parse_field(a, "g", lines[i]));
	assert_null(tracefs_parse_format(a, "g", "x", "", NULL));
	assert_null(tracefs_parse_format(a, "g", "x", "name: x\nID: 7\nformat:\n", NULL));
	arena_destroy(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpu_lists),
		cmocka_unit_test(versions),
		cmocka_unit_test(build_ids),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(integers),
		cmocka_unit_test(arrays),
		cmocka_unit_test(dynamic),
		cmocka_unit_test(pointers),
		cmocka_unit_test(wrong_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
