/* SPDX-License-Identifier: Apache-2.0 */
/* lang/layout: tuples, events, aggregations; lang/image: what was written is read, damage is noticed. */
#include "unit.h"

#include "base/arena.h"
#include "base/source.h"
#include "lang/catalog.h"
#include "lang/image.h"
#include "lang/layout.h"
#include "lang/program.h"

static void tuples(void **state)
{
	struct arena *a = arena_create();
	struct type *types[] = { &type_uint8, &type_uint64, &type_uint16, type_string(a, 5) };
	struct type *t = type_tuple(a, types, 4);

	(void)state;
	layout_struct(t);
	assert_int_equal(t->fields[0].offset, 0);
	assert_int_equal(t->fields[1].offset, 8);
	assert_int_equal(t->fields[2].offset, 16);
	assert_int_equal(t->fields[3].offset, 24); /* strings are 8-aligned and take a multiple of 8 */
	assert_int_equal(layout_size(t), 32);
	assert_int_equal(layout_align(t), 8);
	arena_destroy(a);
}

static void long_strings_are_tails(void **state)
{
	struct arena *a = arena_create();
	struct event_arg args[] = { { .type = &type_uint32 }, { .type = type_string(a, 1024) },
		{ .type = type_string(a, 16) } };
	struct event e = { .kind = EVENT_PRINTF, .args = args, .nargs = 3 };

	(void)state;
	layout_event(&e);
	assert_int_equal(args[0].offset, 8); /* behind the header */
	assert_false(args[0].tail);
	assert_int_equal(args[1].offset, 12);
	assert_true(args[1].tail);
	assert_int_equal(args[2].offset, 16);
	assert_false(args[2].tail);
	assert_int_equal(e.fixed_size, 32);
	assert_int_equal(e.max_size, 32 + 1024);
	arena_destroy(a);
}

/* The code's unsigned maximum is the answer, and zero is never one that was put in … but for the lowest
 * number. */
static void minmax_codes(void **state)
{
	struct type max = { .kind = TYPE_MAX, .is_signed = true },
	            min = { .kind = TYPE_MIN, .is_signed = true };
	uint64_t bias = 1ULL << 63;

	(void)state;
	assert_int_equal(layout_minmax_decode(&max, (uint64_t)-5 ^ bias), -5);
	assert_int_equal(layout_minmax_decode(&max, (uint64_t)7 ^ bias), 7);
	assert_true(((uint64_t)7 ^ bias) > ((uint64_t)-5 ^ bias));
	assert_int_equal(layout_minmax_decode(&min, ~((uint64_t)-5 ^ bias)), -5);
	assert_true(~((uint64_t)-5 ^ bias) > ~((uint64_t)7 ^ bias));
	max.is_signed = min.is_signed = false;
	assert_int_equal(layout_minmax_decode(&max, 9), 9);
	assert_int_equal(layout_minmax_decode(&min, ~9ULL), 9);
}

static struct program *sample(struct arena *a)
{
	struct program *p = arena_new(a, struct program);
	struct type *key[] = { &type_uint32, type_string(a, 16) };
	struct probe *probe;
	struct map *map;
	struct event *event;

	p->source = source_create(a, "x.bt", "begin { }\n", 10);
	config_defaults(&p->config);
	probe = program_add_probe(p, a);
	probe->type = PROBE_TRACEPOINT;
	probe->name = "tracepoint:syscalls:sys_enter_openat";
	probe->group = "syscalls";
	probe->target = "sys_enter_openat";
	probe->prog = "probe_0";
	map = program_add_map(p, a);
	map->name = "@m";
	map->bpf_name = "AT_m";
	map->kind = MAP_HASH_PERCPU;
	map->key = type_tuple(a, key, 2);
	layout_struct(map->key);
	map->value = type_new(a, TYPE_COUNT);
	map->max_entries = 100;
	event = program_add_event(p, a);
	event->kind = EVENT_PRINTF;
	event->format = "%d\n";
	event->map = -1;
	event->nargs = 1;
	event->args = arena_new(a, struct event_arg);
	event->args[0].type = &type_int64;
	layout_event(event);
	program_add_read(p, a)->loc = (struct loc){ 2, 5 };
	return p;
}

static void images_round_trip(void **state)
{
	struct arena *a = arena_create();
	size_t len, again;
	void *data = image_write(sample(a), a, &len), *copy;
	const char *why = NULL;
	struct program *p = image_read(data, len, a, &why);

	(void)state;
	assert_non_null(p);
	assert_int_equal(p->nprobes, 1);
	assert_string_equal(p->probes[0].target, "sys_enter_openat");
	assert_int_equal(p->nmaps, 1);
	assert_int_equal(p->maps[0].key->nfields, 2);
	assert_int_equal(p->maps[0].key->fields[1].offset, 8);
	assert_string_equal(p->events[0].format, "%d\n");
	assert_int_equal(p->events[0].args[0].offset, 8);
	assert_int_equal(p->nreads, 1);
	assert_int_equal(p->reads[0].loc.end, 5);
	copy = image_write(p, a, &again);
	assert_int_equal(len, again);
	assert_memory_equal(data, copy, len);
	arena_destroy(a);
}

static void short_images_are_refused(void **state)
{
	struct arena *a = arena_create();
	size_t len;
	void *data = image_write(sample(a), a, &len);

	(void)state;
	for (size_t n = 0; n < len; n++) {
		const char *why = NULL;
		void *part = malloc(
		        n ? n : 1); /* its own block: a read behind its end is noticed by the sanitizer */

		memcpy(part, data, n);
		assert_null(image_read(part, n, a, &why));
		assert_non_null(why);
		free(part);
	}
	arena_destroy(a);
}

/* Any byte may change: it is refused or read as something else, but nothing breaks. */
static void damaged_images_break_nothing(void **state)
{
	struct arena *a = arena_create();
	size_t len;
	unsigned char *data = image_write(sample(a), a, &len);

	(void)state;
	for (size_t i = 0; i < len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			struct arena *one = arena_create();
			unsigned char *copy = malloc(len);
			const char *why = NULL;
			size_t again;
			struct program *p;

			memcpy(copy, data, len);
			copy[i] ^= (unsigned char)(1u << bit);
			p = image_read(copy, len, one, &why);
			if (p)
				assert_non_null(image_write(p, one, &again));
			else
				assert_non_null(why);
			free(copy);
			arena_destroy(one);
		}
	}
	arena_destroy(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tuples),
		cmocka_unit_test(long_strings_are_tails),
		cmocka_unit_test(minmax_codes),
		cmocka_unit_test(images_round_trip),
		cmocka_unit_test(short_images_are_refused),
		cmocka_unit_test(damaged_images_break_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
