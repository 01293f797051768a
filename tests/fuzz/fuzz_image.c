/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzing what reads an image: ELF, seal and description. Two ways to run it:
 *
 *     fuzz_image RUNS IMAGE…    mutates the images, always in the same way; the tests run this
 *
 *     clang-14 -g -O1 -std=gnu11 -D_GNU_SOURCE -DLIBFUZZER -fsanitize=fuzzer,address,undefined -Isrc \
 *         tests/fuzz/fuzz_image.c src/lang/[a-z]*.c src/base/[a-z]*.c \
 *         src/runtime/image_file.c src/runtime/elf.c -o build/fuzz_image
 *     build/fuzz_image CORPUS   with images in the directory CORPUS, until something breaks
 *
 * Whatever the bytes are: no crash, and an image that differs from a sealed one in any byte is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "lang/image.h"
#include "lang/layout.h"
#include "lang/program.h"
#include "lang/seal.h"
#include "runtime/elf.h"
#include "runtime/image_file.h"

/* What the runtime does first with a description that was accepted. */
static void use_program(struct program *p, struct arena *a)
{
	uint64_t sum = 0;
	size_t len;

	for (unsigned i = 0; i < p->nmaps; i++)
		sum += layout_map_key(&p->maps[i]) + layout_map_value(&p->maps[i]) + strlen(p->maps[i].name);
	for (unsigned i = 0; i < p->nevents; i++)
		sum += p->events[i].max_size;
	for (unsigned i = 0; i < p->nprobes; i++)
		sum += strlen(p->probes[i].name) + strlen(p->probes[i].prog);
	if (sum == 1)
		puts("so that nothing of it is optimised away");
	image_write(p, a, &len);
}

static bool read_description(const void *data, size_t len)
{
	struct arena *a = arena_create();
	const char *why = NULL;
	struct program *p = image_read(data, len, a, &why);

	if (p)
		use_program(p, a);
	else if (!why)
		abort();
	arena_destroy(a);
	return p != NULL;
}

static bool read_image(const void *data, size_t len)
{
	struct arena *a = arena_create();
	const char *why = NULL;
	struct program *p = image_file_read(data, &len, a, &why);
	uint64_t offset, size;

	if (p) {
		use_program(p, a);
		elf_symbol(data, len, SYM_MACHINE, &offset, &size);
	} else if (!why) {
		abort();
	}
	arena_destroy(a);
	return p != NULL;
}

/* As if kscope had made it: what stands behind the seal has to be careful, too. */
static bool read_sealed(const void *data, size_t len)
{
	struct arena *a = arena_create();
	void *sealed = seal_add(a, data, &len);
	bool ok = read_image(sealed, len);

	arena_destroy(a);
	return ok;
}

#ifdef LIBFUZZER

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_description(data, size);
	read_image(data, size);
	read_sealed(data, size);
	return 0;
}

#else

static uint64_t state = 0x9e3779b97f4a7c15ULL;

/* xorshift64, G. Marsaglia 2003 */
static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* One to eight changes; the result may be shorter. */
static size_t mutate(unsigned char *data, size_t len)
{
	static const uint32_t words[] = { 0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000, 64 };

	for (uint64_t n = 1 + next_random() % 8; n && len; n--) {
		size_t at = next_random() % len, left = len - at;
		const uint32_t *word = &words[next_random() % (sizeof(words) / sizeof(*words))];

		switch (next_random() % 5) {
		case 0:
			data[at] ^= (unsigned char)(1u << (next_random() % 8));
			break;
		case 1:
			data[at] = (unsigned char)next_random();
			break;
		case 2:
			memcpy(data + at, word, left < 4 ? left : 4);
			break;
		case 3: /* a piece from elsewhere */
			memmove(data + at, data + next_random() % (len - left + 1), left < 16 ? left : 16);
			break;
		case 4:
			if (next_random() % 8 == 0)
				len -= next_random() % left;
			break;
		}
	}
	return len;
}

static unsigned char *read_file(const char *name, size_t *len)
{
	FILE *f = fopen(name, "rb");
	unsigned char *data = malloc(1 << 24);

	*len = f && data ? fread(data, 1, 1 << 24, f) : 0;
	if (f)
		fclose(f);
	return data;
}

static unsigned long accepted;

/* False when the seal let a change through. */
static bool fuzz_one(const unsigned char *image, size_t len, unsigned char *copy)
{
	size_t object = len, n, size;
	const void *section;

	memcpy(copy, image, len);
	n = mutate(copy, len);
	if (read_image(copy, n) && (n != len || memcmp(copy, image, len) != 0))
		return false;
	if (seal_check(image, &object))
		return false;
	memcpy(copy, image, object);
	n = mutate(copy, object);
	accepted += read_sealed(copy, n);
	section = elf_section(image, object, IMAGE_SECTION, &size);
	memcpy(copy, section, size);
	n = mutate(copy, size);
	accepted += read_description(copy, n);
	return true;
}

int main(int argc, char **argv)
{
	unsigned long runs = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;

	for (int i = 2; i < argc; i++) {
		size_t len;
		unsigned char *image = read_file(argv[i], &len), *copy = malloc(len + 1);

		if (!copy || !read_image(image, len)) {
			printf("%s is no image\n", argv[i]);
			return 1;
		}
		for (unsigned long k = 0; k < runs; k++) {
			if (!fuzz_one(image, len, copy)) {
				printf("%s: a changed image was accepted in run %lu\n", argv[i], k);
				return 1;
			}
		}
		free(image);
		free(copy);
	}
	printf("%lu runs over %d images\n", runs, argc > 2 ? argc - 2 : 0);
	return runs && accepted ? 0 : 1;
}

#endif
