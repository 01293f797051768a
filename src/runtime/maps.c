/* SPDX-License-Identifier: Apache-2.0 */
/* The script's maps: reading them whole, in their printed order, and emptying them. */
#include "runtime/maps.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "runtime/value.h"

#define BATCH 1024

struct reader {
	struct run_map *m;
	size_t key_size, value_size; /* value_size: of all CPUs together */
	char *keys, *values;
	unsigned count, cap;
};

static void reader_init(struct reader *r, struct run_map *m)
{
	*r = (struct reader){
		.m = m,
		.key_size = layout_map_key(m->map),
		.value_size = (size_t)((layout_map_value(m->map) + 7) & ~7U) * m->ncpus,
	};
}

static void reader_reserve(struct reader *r, unsigned more)
{
	if (r->count + more <= r->cap)
		return;
	r->cap = r->count + more;
	r->keys = mem_realloc(r->keys, (r->cap + 1) * r->key_size);
	r->values = mem_realloc(r->values, (r->cap + 1) * r->value_size);
}

static char *reader_key(const struct reader *r, unsigned i)
{
	return r->keys + i * r->key_size;
}

static char *reader_value(const struct reader *r, unsigned i)
{
	return r->values + i * r->value_size;
}

/* Hash maps of Linux 5.6 and later. False: not possible here, nothing was read. */
static bool read_batches(struct reader *r)
{
	uint64_t token[2] = { 0 };
	unsigned chunk = BATCH;
	bool first = true;
	int err = 0;

	while (!err) {
		unsigned n = chunk;

		reader_reserve(r, chunk);
		err = bpf_map_lookup_batch(r->m->fd, first ? NULL : token, token, reader_key(r, r->count),
		        reader_value(r, r->count), &n, NULL);
		if (err == -ENOSPC && chunk < 1U << 24) {
			/* One bucket holds more than fits. */
			chunk *= 2;
			err = 0;
			continue;
		}
		if (err && err != -ENOENT)
			break;
		r->count += n;
		first = false;
	}
	if (err != -ENOENT)
		r->count = 0;
	return err == -ENOENT;
}

static void read_one_by_one(struct reader *r)
{
	char *key = mem_zalloc(r->key_size);
	bool first = true;

	for (;;) {
		char *next;

		reader_reserve(r, r->count < r->cap ? 1 : BATCH);
		next = reader_key(r, r->count);
		if (bpf_map_get_next_key(r->m->fd, first ? NULL : key, next))
			break;
		first = false;
		memcpy(key, next, r->key_size);
		if (bpf_map_lookup_elem(r->m->fd, key, reader_value(r, r->count)) == 0)
			r->count++;
		if (r->count > r->m->map->max_entries * 2U)
			break; /* a map that changes under us may send us in circles */
	}
	free(key);
}

static bool read_single(struct reader *r, const void *key)
{
	reader_reserve(r, 1);
	memcpy(r->keys, key, r->key_size);
	if (bpf_map_lookup_elem(r->m->fd, key, r->values) == 0)
		r->count = 1;
	else if (errno != ENOENT)
		return false;
	return true;
}

static void merge_cpus(struct reader *r)
{
	size_t words = r->value_size / 8 / r->m->ncpus;

	for (unsigned i = 0; i < r->count; i++) {
		uint64_t *value = (uint64_t *)(void *)reader_value(r, i);

		for (unsigned cpu = 1; cpu < r->m->ncpus; cpu++)
			agg_merge(r->m->map->value, value, value + cpu * words, (unsigned)words);
	}
}

static int compare_values(const struct type *t, const void *a, const void *b)
{
	if (type_is_agg(t)) {
		int64_t x = agg_number(t, a), y = agg_number(t, b);

		if (t->is_signed)
			return x < y ? -1 : x > y;
		return (uint64_t)x < (uint64_t)y ? -1 : (uint64_t)x > (uint64_t)y;
	}
	return type_is_integer(t) ? value_compare(t, a, b) : 0;
}

static int compare_entries(const void *a, const void *b, void *arg)
{
	const struct map_entry *x = a, *y = b;
	const struct map *m = arg;
	int order = compare_values(m->value, x->value, y->value);

	if (!order && m->key)
		order = value_compare(m->key, x->key, y->key);
	return order;
}

/* A scalar that was never set is not there. */
static bool is_set(const struct run_map *m, const void *value)
{
	uint64_t set;

	if (!map_is_scalar(m->map))
		return true;
	if (type_is_agg(m->map->value))
		return m->zeroed || agg_is_set(m->map->value, value);
	memcpy(&set, (const char *)value + layout_scalar_set_offset(m->map), sizeof(set));
	return set != 0;
}

static void make_view(struct reader *r, struct map_view *view)
{
	merge_cpus(r);
	*view = (struct map_view){ .map = r->m->map, .keys = r->keys, .values = r->values };
	view->entries = mem_alloc((r->count + 1) * sizeof(*view->entries));
	for (unsigned i = 0; i < r->count; i++)
		if (is_set(r->m, reader_value(r, i)))
			view->entries[view->count++] =
			        (struct map_entry){ reader_key(r, i), reader_value(r, i) };
	qsort_r(view->entries, view->count, sizeof(*view->entries), compare_entries,
	        (void *)(uintptr_t)r->m->map);
}

bool map_read(struct run_map *m, struct map_view *view)
{
	static const uint32_t zero;
	struct reader r;
	bool ok = true;

	reader_init(&r, m);
	if (map_is_scalar(m->map))
		ok = read_single(&r, &zero);
	else if (!read_batches(&r))
		read_one_by_one(&r);
	make_view(&r, view);
	return ok;
}

bool map_read_key(struct run_map *m, const void *key, struct map_view *view)
{
	struct reader r;
	bool ok;

	reader_init(&r, m);
	ok = read_single(&r, key);
	make_view(&r, view);
	return ok;
}

void map_view_free(struct map_view *view)
{
	free(view->entries);
	free(view->keys);
	free(view->values);
	*view = (struct map_view){ 0 };
}

static bool write_scalar(struct run_map *m, bool keep_set)
{
	static const uint32_t zero_key;
	struct reader r;
	uint64_t one = 1;
	bool ok;

	reader_init(&r, m);
	r.values = mem_zalloc(r.value_size);
	if (keep_set)
		memcpy(r.values + layout_scalar_set_offset(m->map), &one, sizeof(one));
	ok = bpf_map_update_elem(m->fd, &zero_key, r.values, BPF_ANY) == 0;
	free(r.values);
	return ok;
}

bool map_clear(struct run_map *m)
{
	struct map_view view;
	bool ok;

	m->zeroed = false;
	if (map_is_scalar(m->map))
		return write_scalar(m, false);
	ok = map_read(m, &view);
	/* A key that is gone by now is no failure. */
	for (unsigned i = 0; i < view.count; i++)
		if (bpf_map_delete_elem(m->fd, view.entries[i].key) && errno != ENOENT)
			ok = false;
	map_view_free(&view);
	return ok;
}

bool map_zero(struct run_map *m)
{
	struct map_view view;
	struct reader r;
	bool ok = map_read(m, &view), was_set = view.count > 0;

	if (map_is_scalar(m->map)) {
		bool is_agg = type_is_agg(m->map->value);

		map_view_free(&view);
		m->zeroed = is_agg && was_set;
		return write_scalar(m, !is_agg && was_set) && ok;
	}
	reader_init(&r, m);
	r.values = mem_zalloc(r.value_size);
	for (unsigned i = 0; i < view.count; i++)
		if (bpf_map_update_elem(m->fd, view.entries[i].key, r.values, BPF_EXIST) && errno != ENOENT)
			ok = false;
	free(r.values);
	map_view_free(&view);
	return ok;
}
