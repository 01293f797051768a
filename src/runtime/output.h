/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output: what events and maps become. A format is one table of operations;
 * text.c has bpftrace's text, json.c its JSON. Everything goes through output_write(), which buffers
 * and notices a reader that has gone away.
 */
#ifndef KSCOPE_RUNTIME_OUTPUT_H
#define KSCOPE_RUNTIME_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/str.h"
#include "runtime/format.h"
#include "runtime/runtime.h"

struct map;
struct map_view;
struct output;

/* Which part of the language a piece of finished text comes from. */
enum text_kind {
	TEXT_PRINTF,
	TEXT_TIME,
	TEXT_JOIN,
	TEXT_CAT,
	TEXT_SYSTEM,
};

/* A loss: `count` times `cause`, in one probe or (NULL) in all of them. */
struct lost {
	const char *probe;
	uint64_t count;
	const char *cause;
	bool events; /* what was lost are events */
};

/* What errorf() and warnf() say; file is NULL when the place is not known. */
struct message_text {
	bool is_error;
	const char *file;
	unsigned line, column, end_column;
	const char *text;
	size_t len;
};

struct output_ops {
	void (*text)(struct output *o, enum text_kind kind, const char *text, size_t len);
	/* print(value) */
	void (*value)(struct output *o, const struct format_arg *value);
	/* print(@m[key]) */
	void (*entry)(struct output *o, const struct map *m, const void *key, const struct format_arg *value);
	/* print(@m[, top[, div]]), and the maps at the end; 0: no top, no div */
	void (*map)(struct output *o, const struct map_view *view, uint64_t top, uint64_t div);
	/* between the events and the maps at the end */
	void (*before_maps)(struct output *o);
	/* all probes are attached */
	void (*attached)(struct output *o, unsigned nprobes);
	void (*lost)(struct output *o, const struct lost *l);
	void (*message)(struct output *o, const struct message_text *m);
	/* what system() prints is to come here as TEXT_SYSTEM; else it goes to stdout by itself */
	bool takes_system;
};

extern const struct output_ops output_text, output_json;

struct output {
	const struct output_ops *ops;
	FILE *file;
	enum buffering buffering;
	struct value_env env;
	struct strbuf text; /* what the operation at work has made so far */
	int error;          /* errno of the first failed write; nothing is written any more then */
	char *buffer;
};

void output_open(struct output *o, const struct run_options *options, const char *trailer);
void output_close(struct output *o);
void output_write(struct output *o, const void *data, size_t len);
/* Writes out o->text and empties it. */
void output_emit(struct output *o);
/* Called before the consumer sleeps. */
void output_idle(struct output *o);
void output_flush(struct output *o);

#endif
