/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses to names: the parsers on texts and blobs of our own, ELF symbols and process addresses on this
 * very program. Needs no root.
 */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "runtime/symbols.h"
#include "system/demangle.h"
#include "system/elf_symbols.h"
#include "system/kallsyms.h"
#include "system/libraries.h"
#include "system/perf_map.h"
#include "system/process_maps.h"

/* What is looked for in this program; not inlined, not merged with another. */
__attribute__((noinline)) int symbols_test_landmark(int x);
int symbols_test_landmark(int x)
{
	__asm__ volatile("" : "+r"(x));
	return x * 3 + 41;
}

/* process_maps */

static const char maps_text[] =
        "55d0c8a00000-55d0c8a2d000 r--p 00000000 fe:01 131    /usr/bin/bash\n"
        "55d0c8a2d000-55d0c8ade000 r-xp 0002d000 fe:01 131                        /usr/bin/bash\n"
        "garbage\n"
        "7f0000000000-7f0000001000 rwxp 00000000 00:00 0 \n"
        "7f0000002000-7f0000003000 r-xp 00001000 00:2a 18446744073709551615   /tmp/a\\012b c (deleted)\n"
        "7ffe00000000-7ffe00002000 r-xp 00000000 00:00 0                          [vdso]\n"
        "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]";

static void maps_parse(void **state)
{
	struct process_maps *m = process_maps_parse(maps_text, sizeof(maps_text) - 1, false);

	(void)state;
	assert_int_equal(m->n, 6);
	assert_int_equal(m->v[1].start, 0x55d0c8a2d000);
	assert_int_equal(m->v[1].end, 0x55d0c8ade000);
	assert_int_equal(m->v[1].offset, 0x2d000);
	assert_int_equal(m->v[1].major, 0xfe);
	assert_int_equal(m->v[1].minor, 1);
	assert_int_equal(m->v[1].inode, 131);
	assert_true(m->v[1].executable);
	assert_false(m->v[1].deleted);
	assert_string_equal(m->v[1].path, "/usr/bin/bash");
	assert_false(m->v[0].executable);
	assert_string_equal(m->v[2].path, "");
	assert_int_equal(m->v[2].inode, 0);
	assert_string_equal(m->v[3].path, "/tmp/a\nb c");
	assert_true(m->v[3].deleted);
	assert_true(m->v[3].inode == UINT64_MAX);
	assert_string_equal(m->v[4].path, "[vdso]");
	assert_string_equal(m->v[5].path, "[vsyscall]");
	process_maps_free(m);
	m = process_maps_parse(maps_text, sizeof(maps_text) - 1, true);
	assert_int_equal(m->n, 5);
	process_maps_free(m);
}

static void maps_damaged(void **state)
{
	static const char *const bad[] = { "", "\n", "-", "1000", "1000-2000", "1000-2000 r-x",
		"1000-2000 r-xp 0", "1000-2000 r-xp 0 8:1", "1000-2000 r-xp 0 8:1 x",
		"2000-1000 r-xp 0 8:1 5 /x" };

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct process_maps *m = process_maps_parse(bad[i], strlen(bad[i]), false);

		assert_int_equal(m->n, 0);
		process_maps_free(m);
	}
	/* Every beginning of a good text is read without harm. */
	for (size_t len = 0; len < sizeof(maps_text); len++) {
		char *copy = malloc(len ? len : 1);

		memcpy(copy, maps_text, len);
		process_maps_free(process_maps_parse(copy, len, false));
		free(copy);
	}
}

static void maps_own(void **state)
{
	struct process_maps *m = process_maps_read(getpid(), true);
	uint64_t at = (uint64_t)(uintptr_t)symbols_test_landmark;
	bool found = false;

	(void)state;
	assert_non_null(m);
	for (unsigned i = 0; i < m->n; i++)
		found |= m->v[i].start <= at && at < m->v[i].end && strstr(m->v[i].path, "test_symbols");
	assert_true(found);
	process_maps_free(m);
	assert_null(process_maps_read(0x7ffffff0, true));
}

/* ld.so.cache: a writer of the format */

struct cache {
	char bytes[4096];
	size_t strings, used;
	uint32_t n;
};

static void cache_begin(struct cache *c, uint32_t entries)
{
	memset(c, 0, sizeof(*c));
	memcpy(c->bytes, "glibc-ld.so.cache1.1", 20);
	memcpy(c->bytes + 20, &entries, 4);
	c->used = 48 + entries * 24;
}

static uint32_t cache_string(struct cache *c, const char *s)
{
	size_t at = c->used;

	memcpy(c->bytes + at, s, strlen(s) + 1);
	c->used += strlen(s) + 1;
	return (uint32_t)at;
}

static void cache_add(struct cache *c, uint32_t flags, uint64_t hwcap, const char *key, const char *value)
{
	uint32_t fields[4] = { flags, cache_string(c, key), cache_string(c, value), 0 };

	memcpy(c->bytes + 48 + c->n * 24, fields, 16);
	memcpy(c->bytes + 48 + c->n++ * 24 + 16, &hwcap, 8);
}

#if defined(__aarch64__)
#define NATIVE 0x0a03
#else
#define NATIVE 0x0303
#endif

static void make_cache(struct cache *c)
{
	cache_begin(c, 7);
	cache_add(c, NATIVE, 1ull << 62, "libz.so.1", "/lib/glibc-hwcaps/libz.so.1");
	cache_add(c, NATIVE, 0, "libz.so.1", "/lib/libz.so.1");
	cache_add(c, 0x0803, 0, "libc.so.6", "/lib32/libc.so.6");
	cache_add(c, NATIVE, 0, "libcrypt.so.1", "/lib/libcrypt.so.1");
	cache_add(c, NATIVE, 0, "libc.so.6", "/lib/libc.so.6");
	cache_add(c, NATIVE, 0, "libfoo-2.0.so.3", "/lib/libfoo-2.0.so.3");
	cache_add(c, NATIVE, 1ull << 62, "libv.so", "/lib/glibc-hwcaps/libv.so");
}

static void cache_lookup(void **state)
{
	struct cache c;

	(void)state;
	make_cache(&c);
	assert_string_equal(library_in_cache(c.bytes, c.used, "libc"), "/lib/libc.so.6");
	assert_string_equal(library_in_cache(c.bytes, c.used, "c"), "/lib/libc.so.6");
	assert_string_equal(library_in_cache(c.bytes, c.used, "libc.so.6"), "/lib/libc.so.6");
	assert_string_equal(library_in_cache(c.bytes, c.used, "z"), "/lib/libz.so.1");
	assert_string_equal(library_in_cache(c.bytes, c.used, "foo-2.0"), "/lib/libfoo-2.0.so.3");
	assert_string_equal(library_in_cache(c.bytes, c.used, "v"), "/lib/glibc-hwcaps/libv.so");
	assert_null(library_in_cache(c.bytes, c.used, "libfoo"));
	assert_null(library_in_cache(c.bytes, c.used, "libc.so.5"));
	assert_null(library_in_cache(c.bytes, c.used, "crypto"));
}

static void cache_old_in_front(void **state)
{
	struct cache c;
	char both[8192] = "ld.so-1.7.0";
	uint32_t one = 1;

	(void)state;
	make_cache(&c);
	memcpy(both + 12, &one, 4);
	memcpy(both + 32, c.bytes, c.used); /* 16 + 12, aligned to 8 */
	assert_string_equal(library_in_cache(both, 32 + c.used, "c"), "/lib/libc.so.6");
}

static void cache_damaged(void **state)
{
	struct cache c;

	(void)state;
	make_cache(&c);
	for (size_t len = 0; len < c.used; len++) {
		char *copy = malloc(len ? len : 1);

		memcpy(copy, c.bytes, len);
		library_in_cache(copy, len, "libv");
		free(copy);
	}
	for (size_t i = 0; i < c.used; i++) {
		char *copy = malloc(c.used);

		memcpy(copy, c.bytes, c.used);
		copy[i] ^= (char)0xff;
		library_in_cache(copy, c.used, "libv");
		free(copy);
	}
}

static void library_paths(void **state)
{
	struct arena *a = arena_create();
	const char *path;

	(void)state;
	path = library_find(a, "sh");
	assert_non_null(path);
	assert_int_equal(path[0], '/');
	assert_string_equal(library_find(a, path), path);
	assert_null(library_find(a, "/etc"));
	assert_null(library_find(a, "/no/such/file"));
	assert_null(library_find(a, "no_such_program_or_library"));
	assert_null(library_find(a, ""));
	path = library_find(a, "libc.so.6");
	if (path) /* not with musl */
		assert_string_equal(library_find(a, "c"), path);
	arena_destroy(a);
}

/* demangle */

static void assert_demangled(const char *name, const char *expected)
{
	char *s = demangle(name);

	assert_non_null(s);
	assert_string_equal(s, expected);
	free(s);
}

static void demangling(void **state)
{
	(void)state;
	assert_demangled("_ZN3foo3barEi", "foo::bar(int)");
	assert_demangled("_Z3addIiET_S0_S0_", "int add<int>(int, int)");
	assert_demangled("_ZNSt6vectorIiSaIiEE9push_backEOi",
	        "std::vector<int, std::allocator<int> >::push_back(int&&)");
	assert_demangled("_ZN3FooC1Ev", "Foo::Foo()");
	assert_demangled("_ZN3FoodlEPv", "Foo::operator delete(void*)");
	assert_demangled("_ZTV3Foo", "vtable for Foo");
	assert_demangled("_Z4hashv.cold", "hash() [clone .cold]");
	assert_demangled("_ZN4core3ops8function6FnOnce9call_once17h0123456789abcdefE",
	        "core::ops::function::FnOnce::call_once");
	assert_demangled("_ZN50_$LT$T$u20$as$u20$core..convert..Into$LT$U$GT$$GT$4into17h6d61747465722121E",
	        "<T as core::convert::Into<U>>::into");
	assert_demangled("_ZN3app4main28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE.llvm.77",
	        "app::main::{{closure}}");
	assert_null(demangle("main"));
	assert_null(demangle("_Z"));
	assert_null(demangle("_ZN3fooE3"));
	assert_null(demangle(""));
	assert_null(demangle("_R"));
}

/* elf_symbols */

static int count(void *arg, const char *name)
{
	(void)name;
	++*(int *)arg;
	return 0;
}

static int check_sorted(void *arg, const char *name)
{
	const char **last = arg;

	if (*last)
		assert_true(strcmp(*last, name) < 0);
	*last = name;
	return 0;
}

static int stop(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return 7;
}

static void elf_own(void **state)
{
	struct elf_symbols *e = elf_symbols_load("/proc/self/exe");
	uint64_t offset, size, distance;
	const char *name, *last = NULL;
	int n = 0;

	(void)state;
	assert_non_null(e);
	for (int i = 0; i < 20; i++) { /* at first by a scan, then by an index */
		offset = elf_symbols_offset(e, "symbols_test_landmark", &size);
		assert_int_not_equal(offset, 0);
		assert_int_not_equal(size, 0);
		assert_int_equal(elf_symbols_offset(e, "no_such_function", NULL), 0);
		assert_int_equal(elf_symbols_offset(e, "maps_text", NULL), 0); /* a variable */
	}
	assert_true(elf_symbols_find(e, offset, &name, &distance));
	assert_string_equal(name, "symbols_test_landmark");
	assert_int_equal(distance, 0);
	assert_true(elf_symbols_find(e, offset + size - 1, &name, &distance));
	assert_string_equal(name, "symbols_test_landmark");
	assert_int_equal(distance, size - 1);
	assert_false(elf_symbols_find(e, 0, &name, &distance));
	assert_false(elf_symbols_find(e, UINT64_MAX, &name, &distance));
	assert_int_equal(elf_symbols_each(e, "symbols_test_l*", count, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(elf_symbols_each(e, "*", check_sorted, &last), 0);
	assert_int_equal(elf_symbols_each(e, "*", stop, NULL), 7);
	elf_symbols_free(e);
}

/* The C library: versions, IFUNCs and aliases, if there is one. */
static void elf_libc(void **state)
{
	struct arena *a = arena_create();
	const char *path = library_find(a, "libc.so.6"), *name;
	struct elf_symbols *e = path ? elf_symbols_load(path) : NULL;
	uint64_t offset, distance;

	(void)state;
	arena_destroy(a);
	if (!e)
		skip();
	assert_int_not_equal(elf_symbols_offset(e, "memcpy", NULL), 0);
	offset = elf_symbols_offset(e, "malloc", NULL);
	assert_int_not_equal(offset, 0);
	assert_true(elf_symbols_find(e, offset + 1, &name, &distance));
	assert_string_equal(name, "malloc");
	elf_symbols_free(e);
}

static void elf_foreign(void **state)
{
	(void)state;
	assert_null(elf_symbols_load("/no/such/file"));
	assert_null(elf_symbols_load("/"));
	assert_null(elf_symbols_load("/etc/passwd"));
	assert_null(elf_symbols_load("/dev/null"));
	assert_null(elf_symbols_load_memory("nothing", 7));
}

/* kallsyms */

static const char kallsyms_text[] = "ffffffff81000000 T _stext\n"
                                    "ffffffff81000000 T first_alias\n"
                                    "ffffffff81000f00 t __pfx_do_thing\n"
                                    "ffffffff81001000 t do_thing\n"
                                    "ffffffff81002000 W weak_thing\n"
                                    "ffffffff81003000 T _etext\n"
                                    "ffffffff82000000 D a_variable\n"
                                    "no line of the table\n"
                                    "ffffffff81001800 t do_thing\n"
                                    "ffffffffc0002000 t ext_get\t[ext]\n"
                                    "ffffffffc0001000 t do_thing\t[ext]\n"
                                    "ffffffffc0008000 t other_get\t[other]\n";

static int add_line(void *arg, const char *module, const char *name)
{
	strbuf_addf(arg, "%s:%s ", module, name);
	return 0;
}

static void assert_kernel(const struct kallsyms *k, uint64_t address, const char *expected)
{
	const char *name, *module;
	uint64_t offset;
	char text[128];

	if (!expected) {
		assert_false(kallsyms_find(k, address, &name, &offset, &module));
		return;
	}
	assert_true(kallsyms_find(k, address, &name, &offset, &module));
	snprintf(text, sizeof(text), "%s:%s+%llu", module, name, (unsigned long long)offset);
	assert_string_equal(text, expected);
}

static void kallsyms_lookup(void **state)
{
	struct kallsyms *k = kallsyms_parse(kallsyms_text, sizeof(kallsyms_text) - 1, false);

	(void)state;
	assert_non_null(k);
	assert_kernel(k, 0xffffffff81000004, ":_stext+4");
	assert_kernel(k, 0xffffffff81000f08, ":_stext+3848");
	assert_kernel(k, 0xffffffff81001000, ":do_thing+0");
	assert_kernel(k, 0xffffffff81001801, ":do_thing+1");
	assert_kernel(k, 0xffffffff81002fff, ":weak_thing+4095");
	assert_kernel(k, 0xffffffff81003000, NULL);
	assert_kernel(k, 0xffffffff82000000, NULL);
	assert_kernel(k, 0xffffffffc0001010, "ext:do_thing+16");
	assert_kernel(k, 0xffffffffc0002010, "ext:ext_get+16");
	assert_kernel(k, 0xffffffffc0008001, "other:other_get+1");
	assert_kernel(k, 0xffffffffd0000000, NULL);
	assert_kernel(k, 0x1000, NULL);
	assert_kernel(k, 0, NULL);
	assert_true(kallsyms_address(k, "do_thing") == 0xffffffff81001000);
	assert_true(kallsyms_address(k, "ext_get") == 0xffffffffc0002000);
	assert_true(kallsyms_address(k, "do_thin") == 0);
	assert_true(kallsyms_address(k, "a_variable") == 0);
	kallsyms_free(k);
	k = kallsyms_parse(kallsyms_text, sizeof(kallsyms_text) - 1, true);
	assert_true(kallsyms_address(k, "a_variable") == 0xffffffff82000000);
	assert_kernel(k, 0xffffffff82000008, ":a_variable+8");
	kallsyms_free(k);
}

static void kallsyms_lists(void **state)
{
	struct kallsyms *k = kallsyms_parse(kallsyms_text, sizeof(kallsyms_text) - 1, true);
	struct strbuf out = { 0 };

	(void)state;
	kallsyms_each(k, "*", "*thing", add_line, &out);
	assert_string_equal(out.data, "vmlinux:do_thing ext:do_thing vmlinux:weak_thing ");
	strbuf_reset(&out);
	kallsyms_each(k, "vmlinux", "do_*", add_line, &out);
	assert_string_equal(out.data, "vmlinux:do_thing ");
	strbuf_reset(&out);
	kallsyms_each(k, "[eo]*", "*_get", add_line, &out);
	assert_string_equal(out.data, "ext:ext_get other:other_get ");
	strbuf_reset(&out);
	kallsyms_each(k, "*", "a_variable", add_line, &out);
	assert_int_equal(out.len, 0);
	strbuf_free(&out);
	kallsyms_free(k);
}

/* What an unprivileged reader gets, and damage. */
static void kallsyms_without_addresses(void **state)
{
	static const char text[] = "0000000000000000 T one\n0000000000000000 t two";
	struct kallsyms *k = kallsyms_parse(text, sizeof(text) - 1, false);
	struct strbuf out = { 0 };

	(void)state;
	assert_kernel(k, 0, NULL);
	assert_kernel(k, 0xffffffff81000000, NULL);
	assert_true(kallsyms_address(k, "one") == 0);
	kallsyms_each(k, "*", "*", add_line, &out);
	assert_string_equal(out.data, "vmlinux:one vmlinux:two ");
	strbuf_free(&out);
	kallsyms_free(k);
	assert_null(kallsyms_parse("", 0, false));
	for (size_t len = 0; len < sizeof(kallsyms_text); len++) {
		char *copy = malloc(len ? len : 1);

		memcpy(copy, kallsyms_text, len);
		kallsyms_free(kallsyms_parse(copy, len, true));
		free(copy);
	}
}

/* perf_map */

static void assert_jit(struct perf_map *m, uint64_t address, const char *expected, uint64_t distance)
{
	const char *name = NULL;
	uint64_t offset;

	assert_int_equal(perf_map_find(m, address, &name, &offset), expected != NULL);
	if (!expected)
		return;
	assert_string_equal(name, expected);
	assert_int_equal(offset, distance);
}

static void perf_maps(void **state)
{
	static const char text[] =
	        "7f0000002000 100 later\n7f0000001000 10 LazyCompile:~main /srv/app.js:12\n"
	        "bad\n10 x\n20 30\n20 30 \n7f0000001000 20 compiled again\n7f0000003000 5 half";
	char path[] = "/tmp/kscope-test-XXXXXX";
	int fd = mkstemp(path);
	struct perf_map *m = perf_map_create();
	size_t used = perf_map_parse(m, text, sizeof(text) - 1);

	(void)state;
	assert_int_equal(used, sizeof(text) - 1 - strlen("7f0000003000 5 half"));
	assert_jit(m, 0x7f0000002010, "later", 0x10);
	assert_jit(m, 0x7f0000001008, "compiled again", 8);
	assert_jit(m, 0x7f0000001020, NULL, 0);
	assert_jit(m, 0x7f0000003000, NULL, 0);
	assert_jit(m, 0x20, NULL, 0);
	perf_map_free(m);

	m = perf_map_create();
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	assert_true(perf_map_update(m, path, getuid()));
	assert_jit(m, 0x7f0000003000, NULL, 0);
	assert_int_equal(write(fd, "way\n", 4), 4);
	assert_true(perf_map_update(m, path, getuid()));
	assert_jit(m, 0x7f0000003004, "halfway", 4);
	assert_jit(m, 0x7f0000002010, "later", 0x10);
	close(fd);
	unlink(path);
	assert_false(perf_map_update(m, path, getuid()));
	assert_false(perf_map_update(m, "/dev/null", getuid()));
	perf_map_free(m);
}

/* runtime/symbols */

static void user_own(void **state)
{
	struct symbols *s = symbols_create(true);
	uint64_t at = (uint64_t)(uintptr_t)symbols_test_landmark;
	struct user_frame f;

	(void)state;
	symbols_user(s, getpid(), at + 1, &f);
	assert_string_equal(f.name, "symbols_test_landmark");
	assert_int_equal(f.offset, 1);
	assert_non_null(strstr(f.module, "test_symbols"));
	symbols_user(s, getpid(), 8, &f);
	assert_null(f.name);
	assert_string_equal(f.module, "[unknown]");
	symbols_destroy(s);
}

/* A process that was remembered keeps its names when it has gone; the one that was not has none. */
static void user_exited(void **state)
{
	struct symbols *s = symbols_create(true);
	uint64_t at = (uint64_t)(uintptr_t)symbols_test_landmark;
	struct user_frame f;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		pause();
		_exit(0);
	}
	assert_true(child > 0);
	symbols_remember(s, child);
	symbols_remember(s, child);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	symbols_remember(s, child);
	symbols_user(s, child, at + 2, &f);
	assert_string_equal(f.name, "symbols_test_landmark");
	assert_int_equal(f.offset, 2);
	symbols_user(s, 0x7ffffff0, at, &f);
	assert_null(f.name);
	assert_string_equal(f.module, "[unknown]");
	symbols_destroy(s);
}

/* An exec()ed program is found, and what was recorded before it too. */
static void user_exec(void **state)
{
	struct symbols *s = symbols_create(true);
	uint64_t at = (uint64_t)(uintptr_t)symbols_test_landmark;
	struct user_frame f;
	int to_child[2], to_us[2];
	pid_t child;
	char c;

	(void)state;
	assert_int_equal(pipe(to_child) | pipe(to_us), 0);
	child = fork();
	if (child == 0) {
		dup2(to_child[0], 0);
		dup2(to_us[1], 1);
		if (read(0, &c, 1) == 1)
			execl("/bin/sh", "sh", "-c", "echo; read x", NULL);
		_exit(1);
	}
	symbols_remember(s, child);
	assert_int_equal(write(to_child[1], "\n", 1), 1);
	assert_int_equal(read(to_us[0], &c, 1), 1);
	usleep(20000);
	symbols_remember(s, child);
	symbols_user(s, child, at, &f);
	assert_string_equal(f.name, "symbols_test_landmark");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	for (int i = 0; i < 2; i++) {
		close(to_child[i]);
		close(to_us[i]);
	}
	symbols_destroy(s);
}

static void kernel_unknown(void **state)
{
	struct symbols *s = symbols_create(false);
	struct strbuf out = { 0 };

	(void)state;
	symbols_kernel(s, 0x1234, true, &out);
	assert_string_equal(out.data, "0x1234");
	strbuf_free(&out);
	symbols_destroy(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_parse),
		cmocka_unit_test(maps_damaged),
		cmocka_unit_test(maps_own),
		cmocka_unit_test(cache_lookup),
		cmocka_unit_test(cache_old_in_front),
		cmocka_unit_test(cache_damaged),
		cmocka_unit_test(library_paths),
		cmocka_unit_test(demangling),
		cmocka_unit_test(elf_own),
		cmocka_unit_test(elf_libc),
		cmocka_unit_test(elf_foreign),
		cmocka_unit_test(kallsyms_lookup),
		cmocka_unit_test(kallsyms_lists),
		cmocka_unit_test(kallsyms_without_addresses),
		cmocka_unit_test(perf_maps),
		cmocka_unit_test(user_own),
		cmocka_unit_test(user_exited),
		cmocka_unit_test(user_exec),
		cmocka_unit_test(kernel_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
