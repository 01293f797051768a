/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds binaries by name: programs in PATH, libraries in the dynamic linker's cache, which knows every
 * directory that ldconfig was told of, and, where there is no cache (musl) or it is stale, in the usual ones.
 */
#include "system/libraries.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"

#define MAX_CACHE (64 << 20)

/*
 * The cache's format is glibc's ABI (sysdeps/generic/dl-cache.h): "glibc-ld.so.cache1.1", the number of
 * entries, the length of the strings, a byte for the order of bytes, 19 more; then the entries. Offsets count
 * from the magic. Before glibc 2.32 that could stand behind the older table, aligned to 8: "ld.so-1.7.0", the
 * number, entries of 12 bytes.
 */
#define CACHE_MAGIC     "glibc-ld.so.cache1.1"
#define CACHE_HEADER    48
#define OLD_CACHE_MAGIC "ld.so-1.7.0"

struct cache_entry {
	int32_t flags;
	uint32_t key, value; /* offsets of the soname and the path */
	uint32_t osversion;
	uint64_t hwcap; /* not 0: a variant for some CPUs */
};

/* FLAG_ELF_LIBC6 and the architecture of that header; others are 32-bit libraries. */
#if defined(__x86_64__)
#define CACHE_FLAGS 0x0303
#define MULTIARCH   "x86_64-linux-gnu"
#elif defined(__aarch64__)
#define CACHE_FLAGS 0x0a03
#define MULTIARCH   "aarch64-linux-gnu"
#else
#error "which flags have this architecture's libraries in ld.so.cache?"
#endif

/* "libfoo.so.6" for "libfoo.so.6", "libfoo", "foo". */
static bool is_library(const char *file, const char *name)
{
	size_t len = strlen(name);

	if (strcmp(file, name) == 0)
		return true;
	if (strncmp(name, "lib", 3) != 0) {
		if (strncmp(file, "lib", 3) != 0)
			return false;
		file += 3;
	}
	return strncmp(file, name, len) == 0 && strncmp(file + len, ".so", 3) == 0 &&
	       (file[len + 3] == '\0' || file[len + 3] == '.');
}

/* A string that ends inside. */
static const char *string_at(const char *base, size_t size, uint32_t at)
{
	if (at >= size || !memchr(base + at, '\0', size - at))
		return NULL;
	return base + at;
}

const char *library_in_cache(const void *cache, size_t size, const char *name)
{
	const char *base = cache, *variant = NULL;
	uint32_t n;

	if (size >= 16 && memcmp(base, OLD_CACHE_MAGIC, sizeof(OLD_CACHE_MAGIC) - 1) == 0) {
		size_t skip;

		memcpy(&n, base + 12, 4);
		skip = (16 + (size_t)n * 12 + 7) & ~(size_t)7;
		if (skip > size)
			return NULL;
		base += skip;
		size -= skip;
	}
	if (size < CACHE_HEADER || memcmp(base, CACHE_MAGIC, sizeof(CACHE_MAGIC) - 1) != 0)
		return NULL;
	memcpy(&n, base + sizeof(CACHE_MAGIC) - 1, 4);
	if (n > (size - CACHE_HEADER) / sizeof(struct cache_entry))
		return NULL;
	/* The entries are sorted, the newest version of a library first. */
	for (uint32_t i = 0; i < n; i++) {
		struct cache_entry entry;
		const char *key, *value;

		memcpy(&entry, base + CACHE_HEADER + i * sizeof(entry), sizeof(entry));
		key = string_at(base, size, entry.key);
		value = string_at(base, size, entry.value);
		if (!key || !value || entry.flags != CACHE_FLAGS || !is_library(key, name))
			continue;
		if (!entry.hwcap)
			return value;
		if (!variant)
			variant = value;
	}
	return variant;
}

static const char *canonical(struct arena *a, const char *path)
{
	char *real = realpath(path, NULL);
	const char *copy = NULL;
	struct stat st;

	if (real && stat(real, &st) == 0 && S_ISREG(st.st_mode))
		copy = arena_strdup(a, real);
	free(real);
	return copy;
}

static const char *from_cache(struct arena *a, const char *name)
{
	int fd = open("/etc/ld.so.cache", O_RDONLY | O_CLOEXEC);
	const char *path = NULL;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size <= MAX_CACHE) {
		char *cache = mem_alloc((size_t)st.st_size);
		ssize_t got = read(fd, cache, (size_t)st.st_size);

		path = library_in_cache(cache, got > 0 ? (size_t)got : 0, name);
		if (path)
			path = canonical(a, path);
		free(cache);
	}
	close(fd);
	return path;
}

/* libfoo.so may be a linker's script, which is text. */
static bool is_elf(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char magic[SELFMAG] = { 0 };
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, magic, sizeof(magic));
	close(fd);
	return n == (ssize_t)sizeof(magic) && memcmp(magic, ELFMAG, SELFMAG) == 0;
}

/* The greatest name of those that fit is the newest version. */
static const char *from_directory(struct arena *a, const char *dir, const char *name)
{
	DIR *d = opendir(dir);
	const char *path = NULL, *best = NULL;
	struct dirent *entry;

	if (!d)
		return NULL;
	while ((entry = readdir(d))) {
		const char *candidate;

		if (!is_library(entry->d_name, name) || (best && strverscmp(entry->d_name, best) <= 0))
			continue;
		candidate = arena_printf(a, "%s/%s", dir, entry->d_name);
		if (!is_elf(candidate))
			continue;
		best = arena_strdup(a, entry->d_name);
		path = candidate;
	}
	closedir(d);
	return path ? canonical(a, path) : NULL;
}

static const char *find_library(struct arena *a, const char *name)
{
	/* ld.so(8), and Debian's multiarch directories */
	static const char *const dirs[] = { "/lib/" MULTIARCH, "/usr/lib/" MULTIARCH, "/lib64", "/usr/lib64",
		"/lib", "/usr/lib", "/usr/local/lib" };
	const char *path = from_cache(a, name);

	for (unsigned i = 0; !path && i < sizeof(dirs) / sizeof(dirs[0]); i++)
		path = from_directory(a, dirs[i], name);
	return path;
}

static const char *find_program(struct arena *a, const char *name)
{
	const char *dirs = getenv("PATH");

	if (!dirs || !*dirs)
		dirs = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	while (*dirs) {
		size_t len = strcspn(dirs, ":");

		/* An empty part is the current directory; no tool that runs as root should look there. */
		if (len) {
			char *path = arena_printf(a, "%.*s/%s", (int)len, dirs, name);
			const char *real = access(path, X_OK) == 0 ? canonical(a, path) : NULL;

			if (real)
				return real;
		}
		dirs += len + (dirs[len] == ':');
	}
	return NULL;
}

const char *library_find(struct arena *a, const char *name)
{
	const char *path = NULL;

	if (!*name)
		return NULL;
	if (strchr(name, '/'))
		return canonical(a, name);
	/* Many programs have a library of the same name, as curl and python3.11; who writes "curl" means the
	 * program. */
	if (strncmp(name, "lib", 3) != 0 && !strstr(name, ".so"))
		path = find_program(a, name);
	if (!path)
		path = find_library(a, name);
	return path ? path : find_program(a, name);
}
