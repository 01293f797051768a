/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output as JSON, an object a line, in bpftrace's schema and spacing:
 *
 *     {"type": "printf", "data": "hello\n"}
 *     {"type": "map", "data": {"@x": {"a": 1, "b": 2}}}
 *
 * Every line is valid JSON; where bpftrace's is not (bytes above 0x7f, strftime(), the
 * empty lines before the maps) ours differs. Losses name their probe and cause besides.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "lang/program.h"
#include "runtime/hist.h"
#include "runtime/maps.h"
#include "runtime/output.h"
#include "runtime/tseries.h"

/* {"type": "printf", "data":  */
static void open_line(struct output *o, const char *type)
{
	strbuf_addf(&o->text, "{\"type\": \"%s\", \"data\": ", type);
}

static void close_line(struct output *o)
{
	strbuf_adds(&o->text, "}\n");
	output_emit(o);
}

static void json_text(struct output *o, enum text_kind kind, const char *text, size_t len)
{
	static const char *const types[] = {
		[TEXT_PRINTF] = "printf",
		[TEXT_TIME] = "time",
		[TEXT_JOIN] = "join",
		[TEXT_CAT] = "cat",
		[TEXT_SYSTEM] = "syscall",
	};

	/* The line's end is join()'s in text, and no part of what was joined. */
	if (kind == TEXT_JOIN && len && text[len - 1] == '\n')
		len--;
	open_line(o, types[kind]);
	json_string(&o->text, text, len);
	close_line(o);
}

static void add_number(struct strbuf *out, bool is_signed, int64_t n, uint64_t div)
{
	if (!div)
		div = 1;
	if (is_signed)
		strbuf_addf(out, "%" PRId64, div > INT64_MAX ? 0 : n / (int64_t)div);
	else
		strbuf_addf(out, "%" PRIu64, (uint64_t)n / div);
}

static void add_value(struct output *o, const struct type *t, const char *data);

/* A value as a string: what print() shows of it. */
static void add_as_text(struct output *o, const struct type *t, const void *data)
{
	struct strbuf text = { 0 };

	value_text(&text, &o->env, t, data);
	json_string(&o->text, text.data, text.len);
	strbuf_free(&text);
}

static void add_field(struct output *o, const struct field *f, const char *data)
{
	if (!f->bit_size) {
		add_value(o, f->type, data + f->offset);
		return;
	}
	strbuf_addf(&o->text, value_int_is_signed(f->type) ? "%" PRId64 : "%" PRIu64, value_bits(f, data));
}

/* [1,"a"]   { "x": 1, "y": "a" } */
static void add_fields(struct output *o, const struct type *t, const char *data)
{
	bool named = t->kind != TYPE_TUPLE;

	strbuf_adds(&o->text, named ? "{ " : "[");
	for (unsigned i = 0; i < t->nfields; i++) {
		const struct field *f = &t->fields[i];
		const char *name = f->name ? f->name : "";

		if (i)
			strbuf_adds(&o->text, named ? ", " : ",");
		if (named) {
			json_string(&o->text, name, strlen(name));
			strbuf_adds(&o->text, ": ");
		}
		add_field(o, f, data);
	}
	strbuf_adds(&o->text, named ? " }" : "]");
}

static void add_array(struct output *o, const struct type *t, const char *data)
{
	uint32_t step = layout_c_size(t->elem);

	strbuf_addc(&o->text, '[');
	for (uint32_t i = 0; i < t->count; i++) {
		if (i)
			strbuf_addc(&o->text, ',');
		add_value(o, t->elem, data + (size_t)i * step);
	}
	strbuf_addc(&o->text, ']');
}

/* Numbers, booleans and what is made of several values; all else is a string. */
static void add_value(struct output *o, const struct type *t, const char *data)
{
	uint64_t word;

	switch ((int)t->kind) {
	case TYPE_BOOL:
		strbuf_adds(&o->text, value_int(t, data) ? "true" : "false");
		break;
	case TYPE_INT:
	case TYPE_ENUM:
		add_number(&o->text, value_int_is_signed(t), value_int(t, data), 1);
		break;
	case TYPE_PTR:
		memcpy(&word, data, sizeof(word));
		add_number(&o->text, false, (int64_t)word, 1);
		break;
	case TYPE_ARRAY:
		add_array(o, t, data);
		break;
	case TYPE_TUPLE:
	case TYPE_RECORD:
	case TYPE_STRUCT:
		add_fields(o, t, data);
		break;
	default:
		add_as_text(o, t, data);
		break;
	}
}

static void add_arg(struct output *o, const struct format_arg *value)
{
	struct strbuf text = { 0 };

	if (!value->tail) {
		add_value(o, value->type, value->data);
		return;
	}
	format_arg_text(&text, &o->env, value);
	json_string(&o->text, text.data, text.len);
	strbuf_free(&text);
}

static void json_value(struct output *o, const struct format_arg *value)
{
	open_line(o, "value");
	add_arg(o, value);
	close_line(o);
}

/* "1,x": a name in an object, whatever the key's type is. */
static void add_key(struct output *o, const struct type *t, const char *data)
{
	struct value_env env = o->env;
	struct strbuf text = { 0 };

	env.stack_indent = 4;
	if (t->kind != TYPE_TUPLE)
		value_text(&text, &env, t, data);
	for (unsigned i = 0; t->kind == TYPE_TUPLE && i < t->nfields; i++) {
		if (i)
			strbuf_addc(&text, ',');
		value_text(&text, &env, t->fields[i].type, data + t->fields[i].offset);
	}
	json_string(&o->text, text.data, text.len);
	strbuf_free(&text);
}

/* {"min": 4, "max": 7, "count": 1}; the outermost buckets have one limit only. */
static void add_bucket(struct output *o, const struct type *t, unsigned i, uint64_t count)
{
	int64_t low, high;
	unsigned limits = hist_limits(t, i, &low, &high);

	strbuf_addc(&o->text, '{');
	if (limits & HIST_HAS_LOW)
		strbuf_addf(&o->text, "\"min\": %" PRId64 ", ", low);
	if (limits & HIST_HAS_HIGH)
		strbuf_addf(&o->text, "\"max\": %" PRId64 ", ", high);
	strbuf_addf(&o->text, "\"count\": %" PRIu64 "}", count);
}

static void add_hist(struct output *o, const struct type *t, const uint64_t *counts, uint64_t div)
{
	unsigned n = hist_buckets(t), first = n, last = 0;

	for (unsigned i = 0; i < n; i++) {
		if (counts[i] && first == n)
			first = i;
		if (counts[i])
			last = i;
	}
	strbuf_addc(&o->text, '[');
	for (unsigned i = first; i < n && i <= last; i++) {
		if (i != first)
			strbuf_adds(&o->text, ", ");
		add_bucket(o, t, i, counts[i] / (div ? div : 1));
	}
	strbuf_addc(&o->text, ']');
}

/* [{"interval_start": "14:05:31.200", "value": 5}]; intervals without a value are left out. */
static void add_tseries(struct output *o, const struct type *t, const uint64_t *words, uint64_t div)
{
	struct tseries_point *points = mem_alloc((size_t)t->agg.max * sizeof(*points));
	unsigned n = tseries_points(t, words, div, points);

	strbuf_addc(&o->text, '[');
	for (unsigned i = 0; i < n; i++) {
		if (!points[i].set)
			continue;
		strbuf_addf(&o->text, "%s{\"interval_start\": \"", i ? ", " : "");
		tseries_time(&o->text, &o->env, t, points[i].start);
		strbuf_adds(&o->text, "\", \"value\": ");
		add_number(&o->text, t->is_signed, points[i].value, 1);
		strbuf_addc(&o->text, '}');
	}
	strbuf_addc(&o->text, ']');
	free(points);
}

/* {"count": 2, "average": 6, "total": 12} */
static void add_stats(struct output *o, const struct type *t, const uint64_t *words)
{
	strbuf_addf(&o->text, "{\"count\": %" PRIu64 ", \"average\": ", words[AGG_AVG_N]);
	add_number(&o->text, t->is_signed, agg_average(t, words), 1);
	strbuf_adds(&o->text, ", \"total\": ");
	add_number(&o->text, t->is_signed, (int64_t)words[AGG_AVG_SUM], 1);
	strbuf_addc(&o->text, '}');
}

static void add_map_value(struct output *o, const struct type *t, const void *value, uint64_t div)
{
	switch ((int)t->kind) {
	case TYPE_HIST:
	case TYPE_LHIST:
		add_hist(o, t, value, div);
		break;
	case TYPE_TSERIES:
		add_tseries(o, t, value, div);
		break;
	case TYPE_STATS:
		add_stats(o, t, value);
		break;
	case TYPE_COUNT:
	case TYPE_SUM:
	case TYPE_MIN:
	case TYPE_MAX:
	case TYPE_AVG:
		add_number(&o->text, t->is_signed, agg_number(t, value), div);
		break;
	case TYPE_INT:
		add_number(&o->text, t->is_signed, value_int(t, value), div);
		break;
	default:
		add_value(o, t, value);
		break;
	}
}

/* {"type": "map", "data": {"@x":  */
static void open_map(struct output *o, const struct map *m)
{
	switch ((int)m->value->kind) {
	case TYPE_HIST:
	case TYPE_LHIST:
		open_line(o, "hist");
		break;
	case TYPE_AVG:
	case TYPE_STATS:
		open_line(o, "stats");
		break;
	case TYPE_TSERIES:
		open_line(o, "tseries");
		break;
	default:
		open_line(o, "map");
		break;
	}
	strbuf_addc(&o->text, '{');
	json_string(&o->text, m->name, strlen(m->name));
	strbuf_adds(&o->text, ": ");
}

static void close_map(struct output *o)
{
	strbuf_addc(&o->text, '}');
	close_line(o);
}

static void json_entry(struct output *o, const struct map *m, const void *key, const struct format_arg *value)
{
	open_map(o, m);
	if (m->key) {
		strbuf_addc(&o->text, '{');
		add_key(o, m->key, key);
		strbuf_adds(&o->text, ": ");
	}
	if (value->tail)
		add_arg(o, value);
	else
		add_map_value(o, value->type, value->data, 1);
	if (m->key)
		strbuf_addc(&o->text, '}');
	close_map(o);
}

static void json_map(struct output *o, const struct map_view *view, uint64_t top, uint64_t div)
{
	const struct map *m = view->map;
	unsigned first = top && view->count > top ? view->count - (unsigned)top : 0;

	/* An empty map is not printed, but for the count of nothing. */
	if (!view->count && (m->key || m->value->kind != TYPE_COUNT))
		return;
	open_map(o, m);
	strbuf_adds(&o->text, m->key ? "{" : view->count ? "" : "0");
	for (unsigned i = first; i < view->count; i++) {
		if (i != first)
			strbuf_adds(&o->text, ", ");
		if (m->key) {
			add_key(o, m->key, view->entries[i].key);
			strbuf_adds(&o->text, ": ");
		}
		add_map_value(o, m->value, view->entries[i].value, div);
	}
	if (m->key)
		strbuf_addc(&o->text, '}');
	close_map(o);
}

static void json_before_maps(struct output *o)
{
	(void)o;
}

static void json_attached(struct output *o, unsigned n)
{
	open_line(o, "attached_probes");
	strbuf_addf(&o->text, "{\"probes\": %u}", n);
	close_line(o);
	output_idle(o);
}

static void add_member(struct output *o, const char *name, const char *text)
{
	strbuf_addf(&o->text, ", \"%s\": ", name);
	json_string(&o->text, text, strlen(text));
}

/* {"type": "lost_events", "data": {"events": 7, "probe": "…", "cause": "…"}}; what is no event has "count".
 */
static void json_lost(struct output *o, const struct lost *l)
{
	if (!l->probe) /* The sum is for people. */
		return;
	open_line(o, l->events ? "lost_events" : "lost");
	strbuf_addf(&o->text, "{\"%s\": %" PRIu64, l->events ? "events" : "count", l->count);
	add_member(o, "probe", l->probe);
	add_member(o, "cause", l->cause);
	strbuf_addc(&o->text, '}');
	close_line(o);
}

/* {"type": "errorf", "data": {"message": "…", "file": "x.bt", "line": 3, "column": 5}} */
static void json_message(struct output *o, const struct message_text *m)
{
	open_line(o, m->is_error ? "errorf" : "warnf");
	strbuf_adds(&o->text, "{\"message\": ");
	json_string(&o->text, m->text, m->len);
	if (m->file) {
		add_member(o, "file", m->file);
		strbuf_addf(&o->text, ", \"line\": %u, \"column\": %u", m->line, m->column);
	}
	strbuf_addc(&o->text, '}');
	close_line(o);
}

const struct output_ops output_json = {
	.text = json_text,
	.value = json_value,
	.entry = json_entry,
	.map = json_map,
	.before_maps = json_before_maps,
	.attached = json_attached,
	.lost = json_lost,
	.message = json_message,
	.takes_system = true,
};
