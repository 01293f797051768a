/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events: one row for each kind says what is done with its record. Records come
 * from our own programs, but lengths and indices are checked all the same.
 */
#include "runtime/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/layout.h"
#include "runtime/session.h"
#include "runtime/symbols.h"

/* One record, its arguments found. */
struct record {
	const struct event *event;
	struct format_arg *args;
	unsigned nargs;
};

static bool find_args(struct record *r, const struct event *e, const char *data, size_t len)
{
	size_t tail = e->fixed_size;

	r->event = e;
	r->nargs = e->nargs;
	if (len < e->fixed_size)
		return false;
	for (unsigned i = 0; i < r->nargs; i++) {
		const struct event_arg *a = &e->args[i];
		struct format_arg *out = &r->args[i];
		uint32_t word;

		*out = (struct format_arg){ .type = a->type, .data = data + a->offset, .tail = a->tail };
		if (!a->tail && (uint64_t)a->offset + layout_size(a->type) > e->fixed_size)
			return false;
		if (!a->tail)
			continue;
		memcpy(&word, data + a->offset, sizeof(word));
		out->cut = word & EVENT_TAIL_CUT;
		out->len = word & ~EVENT_TAIL_CUT;
		if (out->len > len - tail)
			return false;
		out->data = data + tail;
		tail += out->len;
	}
	return true;
}

static int64_t int_arg(const struct record *r, unsigned i)
{
	return i < r->nargs ? value_int(r->args[i].type, r->args[i].data) : 0;
}

/* The event's map; NULL if it has none. */
static struct run_map *map_of(struct session *s, const struct event *e)
{
	return e->map >= 0 && (unsigned)e->map < s->program->nmaps ? &s->maps[e->map] : NULL;
}

static void emit_text(struct session *s, enum text_kind kind)
{
	struct output *o = &s->output;

	if (o->text.len) {
		struct strbuf text = o->text;

		o->text = (struct strbuf){ 0 };
		o->ops->text(o, kind, text.data, text.len);
		strbuf_reset(&text);
		strbuf_free(&o->text);
		o->text = text;
	}
}

static void do_printf(struct session *s, const struct record *r)
{
	format_text(&s->output.text, &s->output.env, r->event->format, r->args, r->nargs);
	emit_text(s, TEXT_PRINTF);
}

/* script.bt:3:5-20: ERROR: text */
static void say_message(struct session *s, const struct record *r, bool is_error)
{
	const struct source *source = s->program->source;
	struct message_text m = { .is_error = is_error };
	struct strbuf text = { 0 };

	if (source && r->event->loc.end > r->event->loc.start) {
		m.file = source->name;
		source_position(source, r->event->loc.end, &m.line, &m.end_column);
		source_position(source, r->event->loc.start, &m.line, &m.column);
	}
	format_text(&text, &s->output.env, r->event->format, r->args, r->nargs);
	m.text = text.data ? text.data : "";
	m.len = text.len;
	s->output.ops->message(&s->output, &m);
	strbuf_free(&text);
}

static void do_errorf(struct session *s, const struct record *r)
{
	say_message(s, r, true);
}

static void do_warnf(struct session *s, const struct record *r)
{
	if (!s->options->no_warnings)
		say_message(s, r, false);
}

static void do_print_value(struct session *s, const struct record *r)
{
	if (r->nargs)
		s->output.ops->value(&s->output, &r->args[0]);
}

/* An aggregation's entry is read here, when it is printed; other values come with the event. */
static void do_print_entry(struct session *s, const struct record *r)
{
	struct run_map *m = map_of(s, r->event);
	struct map_view view;

	if (!m || !r->nargs)
		return;
	if (r->nargs > 1 && !type_is_agg(r->args[1].type)) {
		s->output.ops->entry(&s->output, m->map, r->args[0].data, &r->args[1]);
		return;
	}
	if (map_read_key(m, r->args[0].data, &view) && view.count) {
		struct format_arg value = { .type = m->map->value, .data = view.entries[0].value };

		s->output.ops->entry(&s->output, m->map, r->args[0].data, &value);
	}
	map_view_free(&view);
}

static void do_print_map(struct session *s, const struct record *r)
{
	struct run_map *m = map_of(s, r->event);
	struct map_view view;

	if (!m)
		return;
	if (map_read(m, &view))
		s->output.ops->map(&s->output, &view, (uint64_t)int_arg(r, 0), (uint64_t)int_arg(r, 1));
	map_view_free(&view);
}

static void do_clear(struct session *s, const struct record *r)
{
	if (map_of(s, r->event))
		map_clear(map_of(s, r->event));
}

static void do_zero(struct session *s, const struct record *r)
{
	if (map_of(s, r->event))
		map_zero(map_of(s, r->event));
}

static void do_time(struct session *s, const struct record *r)
{
	const char *format = r->event->format ? r->event->format : "%H:%M:%S\n";

	value_time_text(&s->output.text, &s->output.env, format, (uint64_t)int_arg(r, 0));
	emit_text(s, TEXT_TIME);
}

/* /bin/echo a b: how many strings there are, then the strings. */
static void do_join(struct session *s, const struct record *r)
{
	const char *delimiter = r->event->format ? r->event->format : " ";
	int64_t count = int_arg(r, 0);

	for (unsigned i = 1; i < r->nargs && i <= count; i++) {
		if (i > 1)
			strbuf_adds(&s->output.text, delimiter);
		format_arg_text(&s->output.text, &s->output.env, &r->args[i]);
	}
	strbuf_addc(&s->output.text, '\n');
	emit_text(s, TEXT_JOIN);
}

/* ERROR: cat(/nowhere): cannot be opened */
static void say_unreadable(struct session *s, const char *path)
{
	struct message_text m = { .is_error = true };
	struct strbuf text = { 0 };

	strbuf_addf(&text, "cat(%s): cannot be opened\n", path);
	m.text = text.data;
	m.len = text.len;
	s->output.ops->message(&s->output, &m);
	strbuf_free(&text);
}

static void do_cat(struct session *s, const struct record *r)
{
	struct strbuf path = { 0 }, *out = &s->output.text;
	uint64_t left = s->program->config.max_cat_bytes;
	char block[4096];
	size_t n;
	FILE *f;

	format_text(&path, &s->output.env, r->event->format, r->args, r->nargs);
	f = path.data ? fopen(path.data, "re") : NULL;
	if (!f)
		say_unreadable(s, path.data ? path.data : "");
	while (f && left && (n = fread(block, 1, left < sizeof(block) ? left : sizeof(block), f)) > 0) {
		strbuf_add(out, block, n);
		left -= n;
	}
	if (f)
		fclose(f);
	strbuf_free(&path);
	emit_text(s, TEXT_CAT);
}

static void do_system(struct session *s, const struct record *r)
{
	struct strbuf command = { 0 };

	if (!s->options->unsafe)
		return;
	format_text(&command, &s->output.env, r->event->format, r->args, r->nargs);
	output_flush(&s->output);
	if (command.data)
		child_system(command.data, s->output.ops->takes_system ? &s->output.text : NULL);
	strbuf_free(&command);
	emit_text(s, TEXT_SYSTEM);
}

static void do_process(struct session *s, const struct record *r)
{
	symbols_remember(s->output.env.stacks.symbols, (pid_t)int_arg(r, 0));
}

static void do_exit(struct session *s, const struct record *r)
{
	s->exiting = true;
	s->status = (int)(int_arg(r, 0) & 0xff);
}

static void (*const event_rows[EVENT_KIND_COUNT])(struct session *, const struct record *) = {
	[EVENT_PRINTF] = do_printf,
	[EVENT_ERRORF] = do_errorf,
	[EVENT_WARNF] = do_warnf,
	[EVENT_PRINT_VALUE] = do_print_value,
	[EVENT_PRINT_ENTRY] = do_print_entry,
	[EVENT_PRINT_MAP] = do_print_map,
	[EVENT_CLEAR] = do_clear,
	[EVENT_ZERO] = do_zero,
	[EVENT_TIME] = do_time,
	[EVENT_JOIN] = do_join,
	[EVENT_CAT] = do_cat,
	[EVENT_SYSTEM] = do_system,
	[EVENT_PROCESS] = do_process,
	[EVENT_EXIT] = do_exit,
};

static void on_record(void *arg, const void *data, size_t len)
{
	struct session *s = arg;
	struct event_header header;
	struct record r = { .args = s->event_args };

	/* After exit() nothing more is printed until the end probes run, as in bpftrace. */
	if (s->exiting || s->output.error || len < sizeof(header))
		return;
	memcpy(&header, data, sizeof(header));
	if (header.event < s->program->nevents && find_args(&r, &s->program->events[header.event], data, len))
		event_rows[r.event->kind](s, &r);
}

size_t events_drain(struct session *s)
{
	return ring_consume(&s->ring, on_record, s, s->ring.size);
}
