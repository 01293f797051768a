/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The description's serial form. Little-endian, unaligned; strings and arrays
 * carry their length. Every walk_*() function both writes and reads: `io->reading` says
 * which. After the first damage found, reading yields zeros and the whole is refused.
 */
#include "lang/image.h"

#include <string.h>

#include "base/arena.h"
#include "base/source.h"
#include "base/str.h"
#include "lang/catalog.h"
#include "lang/layout.h"

#define MAX_DEPTH 32
#define MAX_COUNT (1u << 20)

struct io {
	bool reading;
	struct arena *arena;
	struct strbuf out;
	const unsigned char *data;
	size_t len, at;
	const char *bad; /* what is wrong, or NULL */
};

static void io_bad(struct io *io, const char *why)
{
	if (!io->bad)
		io->bad = why;
}

static void walk_bytes(struct io *io, void *p, size_t n)
{
	if (!io->reading) {
		strbuf_add(&io->out, p, n);
		return;
	}
	if (io->bad || io->len - io->at < n) {
		io_bad(io, "it is cut short");
		memset(p, 0, n);
		return;
	}
	memcpy(p, io->data + io->at, n);
	io->at += n;
}

#define walk_int(io, p) walk_bytes((io), (p), sizeof(*(p)))

static void walk_bool(struct io *io, bool *p)
{
	uint8_t v = *p;

	walk_int(io, &v);
	if (v > 1)
		io_bad(io, "a flag is out of range");
	*p = v == 1;
}

/* An enum below `limit`. */
static uint32_t walk_enum(struct io *io, uint32_t v, uint32_t limit)
{
	walk_int(io, &v);
	if (v >= limit) {
		io_bad(io, "a kind is unknown");
		v = 0;
	}
	return v;
}

static uint32_t walk_count(struct io *io, uint32_t n)
{
	walk_int(io, &n);
	/* Every element takes at least one byte: a larger count cannot be honest. */
	if (io->reading && (n > MAX_COUNT || n > io->len - io->at)) {
		io_bad(io, "a count is out of range");
		n = 0;
	}
	return n;
}

static void walk_string(struct io *io, const char **s)
{
	/* 0: NULL; else length + 1 */
	uint32_t n = *s ? (uint32_t)strlen(*s) + 1 : 0;

	walk_int(io, &n);
	if (io->reading) {
		char *copy = NULL;

		if (n && (io->bad || n - 1 > io->len - io->at)) {
			io_bad(io, "a string is cut short");
			n = 0;
		}
		if (n) {
			copy = arena_alloc(io->arena, n);
			walk_bytes(io, copy, n - 1);
		}
		*s = copy;
	} else if (n) {
		walk_bytes(io, (void *)*s, n - 1);
	}
}

/* A string that must be there. */
static void walk_text(struct io *io, const char **s)
{
	walk_string(io, s);
	if (!*s) {
		io_bad(io, "a name is missing");
		*s = "";
	}
}

static void walk_type(struct io *io, struct type **tp, unsigned depth);

static void walk_field(struct io *io, struct field *f, unsigned depth)
{
	walk_string(io, &f->name);
	walk_type(io, &f->type, depth + 1);
	walk_int(io, &f->offset);
	walk_int(io, &f->bit_offset);
	walk_int(io, &f->bit_size);
	f->kind = walk_enum(io, f->kind, FIELD_BTF_ARG + 1);
}

/* What is read of a field when it is printed. */
static uint64_t field_bytes(const struct type *t, const struct field *f)
{
	if (f->bit_size)
		return (f->bit_offset + f->bit_size + 7) / 8;
	return t->kind == TYPE_STRUCT ? layout_c_size(f->type) : layout_size(f->type);
}

static void check_type(struct io *io, const struct type *t)
{
	bool named = t->kind == TYPE_RECORD || t->kind == TYPE_STRUCT;

	if (t->kind == TYPE_ARRAY && !t->elem)
		io_bad(io, "an array has no element type");
	if ((t->kind == TYPE_INT || t->kind == TYPE_ENUM || t->kind == TYPE_BOOL) && t->size != 1 &&
	        t->size != 2 && t->size != 4 && t->size != 8)
		io_bad(io, "an integer has an impossible size");
	if (t->size > (1u << 26) || (t->kind == TYPE_ARRAY && t->count > (1u << 20)))
		io_bad(io, "a type is too large");
	if (t->kind == TYPE_HIST && t->agg.bits > 5)
		io_bad(io, "a histogram is out of range");
	if (t->kind == TYPE_TSERIES &&
	        (t->agg.step <= 0 || t->agg.max < 1 || t->agg.max > TSERIES_MAX_INTERVALS ||
	                t->agg.bits > TSERIES_SUM))
		io_bad(io, "a time series is out of range");
	if (t->kind == TYPE_LHIST &&
	        (t->agg.step <= 0 || t->agg.max <= t->agg.min || layout_lhist_buckets(t) > 100000))
		io_bad(io, "a histogram is out of range");
	for (unsigned i = 0; i < t->nfields; i++) {
		const struct field *f = &t->fields[i];

		if (!f->type || (named && !f->name))
			io_bad(io, "a field is incomplete");
		else if (f->bit_size &&
		         ((uint64_t)f->bit_offset + f->bit_size > 64 || !type_is_integer(f->type)))
			io_bad(io, "a bit field is out of range");
		else if (f->offset + field_bytes(t, f) > layout_size(t))
			io_bad(io, "a field lies outside its struct");
	}
}

static void walk_type(struct io *io, struct type **tp, unsigned depth)
{
	bool present = *tp != NULL;
	struct type *t;
	uint32_t n;

	walk_bool(io, &present);
	if (!present || io->bad || depth > MAX_DEPTH) {
		if (present)
			io_bad(io, "a type is nested too deeply");
		*tp = NULL;
		return;
	}
	t = io->reading ? type_new(io->arena, TYPE_ERROR) : *tp;
	*tp = t;
	t->kind = walk_enum(io, t->kind, TYPE_KIND_COUNT);
	walk_int(io, &t->size);
	walk_int(io, &t->count);
	walk_bool(io, &t->is_signed);
	walk_bool(io, &t->is_union);
	t->space = walk_enum(io, t->space, AS_BPF + 1);
	walk_string(io, &t->name);
	walk_bytes(io, &t->agg.min, 8);
	walk_bytes(io, &t->agg.max, 8);
	walk_bytes(io, &t->agg.step, 8);
	walk_int(io, &t->agg.bits);
	/* What a pointer points to is never printed, and may be recursive. */
	if (t->kind == TYPE_ARRAY)
		walk_type(io, &t->elem, depth + 1);
	n = walk_count(io, t->nfields);
	if (io->reading) {
		t->nfields = n;
		t->fields = n ? arena_array(io->arena, struct field, n) : NULL;
	}
	for (uint32_t i = 0; i < n && !io->bad; i++)
		walk_field(io, &t->fields[i], depth);
	if (io->reading && !io->bad)
		check_type(io, t);
}

static void walk_loc(struct io *io, struct loc *l)
{
	walk_int(io, &l->start);
	walk_int(io, &l->end);
}

static void walk_source(struct io *io, struct program *p)
{
	const char *name = io->reading ? NULL : p->source->name, *text = io->reading ? NULL : p->source->text;

	walk_text(io, &name);
	walk_text(io, &text);
	if (io->reading)
		p->source = source_create(io->arena, name, text, strlen(text));
}

static void walk_config(struct io *io, struct config *c)
{
	for (unsigned i = 0; i < config_nrows; i++) {
		char *at = (char *)c + config_rows[i].offset;

		switch (config_rows[i].kind) {
		case CONFIG_KIND_U64:
			walk_int(io, (uint64_t *)at);
			break;
		case CONFIG_KIND_BOOL:
			walk_bool(io, (bool *)at);
			break;
		case CONFIG_KIND_STR:
		case CONFIG_KIND_ENUM:
			walk_text(io, (const char **)at);
			break;
		}
	}
}

static void walk_probe(struct io *io, struct probe *probe)
{
	probe->type = walk_enum(io, probe->type, PROBE_TYPE_COUNT);
	walk_text(io, &probe->name);
	walk_string(io, &probe->group);
	walk_string(io, &probe->target);
	walk_int(io, &probe->period);
	walk_bool(io, &probe->is_freq);
	walk_int(io, &probe->offset);
	walk_loc(io, &probe->loc);
	walk_text(io, &probe->prog);
	walk_int(io, &probe->cookie);
}

static void walk_map(struct io *io, struct map *m)
{
	walk_text(io, &m->name);
	walk_text(io, &m->bpf_name);
	m->kind = walk_enum(io, m->kind, MAP_LRU_HASH_PERCPU + 1);
	walk_type(io, &m->key, 0);
	walk_type(io, &m->value, 0);
	walk_int(io, &m->max_entries);
	walk_loc(io, &m->loc);
	walk_int(io, &m->id);
	if (io->reading && !io->bad) {
		if (!m->value || map_is_scalar(m) != !m->key)
			io_bad(io, "a map is incomplete");
		else if (map_is_percpu(m) != type_is_agg(m->value))
			io_bad(io, "a map's kind does not fit its value");
	}
}

static void walk_event(struct io *io, struct program *p, struct event *e)
{
	uint32_t n;

	e->kind = walk_enum(io, e->kind, EVENT_KIND_COUNT);
	walk_string(io, &e->format);
	walk_int(io, &e->map);
	walk_loc(io, &e->loc);
	walk_int(io, &e->id);
	n = walk_count(io, e->nargs);
	if (io->reading) {
		e->nargs = n;
		e->args = n ? arena_array(io->arena, struct event_arg, n) : NULL;
	}
	for (uint32_t i = 0; i < n && !io->bad; i++) {
		walk_type(io, &e->args[i].type, 0);
		if (!e->args[i].type)
			io_bad(io, "an event's argument has no type");
	}
	if (e->map < -1 || (e->map >= 0 && (unsigned)e->map >= p->nmaps))
		io_bad(io, "an event names a map that is not there");
	if (io->reading && !io->bad)
		layout_event(e);
}

static void walk_read(struct io *io, const struct program *p, struct read *r)
{
	walk_loc(io, &r->loc);
	r->space = walk_enum(io, r->space, AS_BPF + 1);
	if (r->loc.start > r->loc.end || r->loc.end > p->source->len)
		io_bad(io, "a read lies outside the script");
}

static uint32_t walk_array(struct io *io, uint32_t n, void **v, size_t elem)
{
	n = walk_count(io, n);
	if (io->reading)
		*v = n ? arena_alloc(io->arena, n * elem) : NULL;
	return n;
}

static void walk_program(struct io *io, struct program *p)
{
	uint64_t magic = IMAGE_MAGIC;
	uint32_t version = IMAGE_VERSION;

	walk_int(io, &magic);
	walk_int(io, &version);
	if (magic != IMAGE_MAGIC)
		io_bad(io, "it is not a kscope image");
	else if (version != IMAGE_VERSION)
		io_bad(io, "it was made by another version of kscope");
	walk_source(io, p);
	walk_config(io, &p->config);
	walk_int(io, &p->slot_size);
	walk_bool(io, &p->kernel_bound);
	walk_bool(io, &p->unsafe);
	walk_string(io, &p->kernel_id);
	p->nkaddrs = walk_array(io, p->nkaddrs, (void **)&p->kaddrs, sizeof(*p->kaddrs));
	for (unsigned i = 0; i < p->nkaddrs && !io->bad; i++)
		walk_text(io, &p->kaddrs[i]);
	p->nprobes = walk_array(io, p->nprobes, (void **)&p->probes, sizeof(*p->probes));
	for (unsigned i = 0; i < p->nprobes && !io->bad; i++)
		walk_probe(io, &p->probes[i]);
	p->nmaps = walk_array(io, p->nmaps, (void **)&p->maps, sizeof(*p->maps));
	for (unsigned i = 0; i < p->nmaps && !io->bad; i++)
		walk_map(io, &p->maps[i]);
	p->nevents = walk_array(io, p->nevents, (void **)&p->events, sizeof(*p->events));
	for (unsigned i = 0; i < p->nevents && !io->bad; i++)
		walk_event(io, p, &p->events[i]);
	p->nreads = walk_array(io, p->nreads, (void **)&p->reads, sizeof(*p->reads));
	for (unsigned i = 0; i < p->nreads && !io->bad; i++)
		walk_read(io, p, &p->reads[i]);
}

void *image_write(struct program *p, struct arena *a, size_t *len)
{
	struct io io = { .arena = a };
	void *copy;

	walk_program(&io, p);
	copy = arena_memdup(a, io.out.data, io.out.len);
	*len = io.out.len;
	strbuf_free(&io.out);
	return copy;
}

struct program *image_read(const void *data, size_t len, struct arena *a, const char **why)
{
	struct io io = { .reading = true, .arena = a, .data = data, .len = len };
	struct program *p = arena_new(a, struct program);

	walk_program(&io, p);
	if (!io.bad && io.at != io.len)
		io_bad(&io, "it has bytes behind its end");
	*why = io.bad;
	return io.bad ? NULL : p;
}
