/* SPDX-License-Identifier: Apache-2.0 */
/* system/tracefs: event formats as the kernel writes them. */
#include "unit.h"

#include "base/arena.h"
#include "system/tracefs.h"

#define COMMON                                                                                               \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"                               \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"                               \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"                       \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

static const char openat[] = "name: sys_enter_openat\nID: 633\nformat:\n" COMMON
                             "\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n"
                             "\tfield:int dfd;\toffset:16;\tsize:8;\tsigned:0;\n"
                             "\tfield:const char * filename;\toffset:24;\tsize:8;\tsigned:0;\n"
                             "\tfield:int flags;\toffset:32;\tsize:8;\tsigned:0;\n"
                             "\tfield:umode_t mode;\toffset:40;\tsize:8;\tsigned:0;\n\n"
                             "print fmt: \"dfd: 0x%08lx\", ((unsigned long)(REC->dfd))\n";

static const char sched_exec[] = "name: sched_process_exec\nID: 311\nformat:\n" COMMON
                                 "\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;\n"
                                 "\tfield:pid_t pid;\toffset:12;\tsize:4;\tsigned:1;\n"
                                 "\tfield:char oldcomm[16];\toffset:16;\tsize:16;\tsigned:0;\n\n"
                                 "print fmt: \"filename=%s\", __get_str(filename)\n";

static const struct field *field(const struct type *t, const char *name)
{
	for (unsigned i = 0; i < t->nfields; i++)
		if (!strcmp(t->fields[i].name, name))
			return &t->fields[i];
	fail_msg("no field %s", name);
	return NULL;
}

static void syscall(void **state)
{
	struct arena *a = arena_create();
	int64_t id = 0;
	struct type *t = tracefs_parse_format(a, "syscalls", "sys_enter_openat", openat, &id);
	const struct field *f;

	(void)state;
	assert_non_null(t);
	assert_int_equal(id, 633);
	f = field(t, "filename");
	assert_int_equal(f->offset, 24);
	assert_int_equal(f->type->kind, TYPE_PTR);
	assert_int_equal(f->type->space, AS_USER);
	f = field(t, "common_pid");
	assert_int_equal(f->offset, 4);
	assert_int_equal(f->type->size, 4);
	assert_true(f->type->is_signed);
	assert_int_equal(field(t, "mode")->offset, 40);
	arena_destroy(a);
}

static void strings(void **state)
{
	struct arena *a = arena_create();
	struct type *t = tracefs_parse_format(a, "sched", "sched_process_exec", sched_exec, NULL);
	const struct field *f;

	(void)state;
	assert_non_null(t);
	f = field(t, "filename");
	assert_int_equal(f->kind, FIELD_DATA_LOC);
	assert_int_equal(f->offset, 8);
	f = field(t, "oldcomm");
	assert_int_equal(f->kind, FIELD_PLAIN);
	assert_int_equal(f->type->kind, TYPE_STRING);
	assert_int_equal(f->type->size, 16);
	assert_int_equal(field(t, "pid")->type->size, 4);
	arena_destroy(a);
}

/* Cut anywhere, it is refused or yields fewer fields; nothing is read behind its end. */
static void damaged(void **state)
{
	struct arena *a = arena_create();

	(void)state;
	assert_null(tracefs_parse_format(a, "x", "y", "", NULL));
	assert_null(tracefs_parse_format(a, "x", "y", "name: y\n", NULL));
	for (size_t n = 0; n < sizeof(sched_exec); n++) {
		char *part = strndup(sched_exec, n);

		tracefs_parse_format(a, "sched", "sched_process_exec", part, NULL);
		free(part);
	}
	arena_destroy(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syscall),
		cmocka_unit_test(strings),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
