/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buffering of the output. Line by line means here: nothing is held back while
 * we sleep. Within one round of events it is written in large pieces, since a
 * write(2) for each line of a fast trace costs more than all the rest.
 */
#include "runtime/output.h"

#include <errno.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"

#define BUFFER_SIZE (64 * 1024)

/* What to add to CLOCK_BOOTTIME to get the wall clock. */
static int64_t realtime_offset(void)
{
	struct timespec boot, real;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	clock_gettime(CLOCK_REALTIME, &real);
	return ((int64_t)real.tv_sec - boot.tv_sec) * 1000000000 + real.tv_nsec - boot.tv_nsec;
}

void output_open(struct output *o, const struct run_options *options, const char *trailer)
{
	*o = (struct output){
		.ops = options->json ? &output_json : &output_text,
		.file = options->out ? options->out : stdout,
		.buffering = options->buffering,
		.env = { .trailer = trailer, .realtime_offset = realtime_offset() },
		.buffer = mem_alloc(BUFFER_SIZE),
	};
	setvbuf(o->file, o->buffer, _IOFBF, BUFFER_SIZE);
}

void output_close(struct output *o)
{
	if (!o->file)
		return;
	output_flush(o);
	/* The stream outlives us, the buffer does not. */
	setvbuf(o->file, NULL, _IONBF, 0);
	free(o->buffer);
	strbuf_free(&o->text);
	o->file = NULL;
}

void output_write(struct output *o, const void *data, size_t len)
{
	if (o->error || !len)
		return;
	/* Another process may write to the same file: its output must not land inside of a line of ours. */
	if (o->buffering == BUFFER_LINE && __fpending(o->file) + len > BUFFER_SIZE)
		output_flush(o);
	if (fwrite(data, 1, len, o->file) != len)
		o->error = errno ? errno : EIO;
	if (o->buffering == BUFFER_NONE)
		output_flush(o);
}

void output_emit(struct output *o)
{
	output_write(o, o->text.data, o->text.len);
	strbuf_reset(&o->text);
}

void output_idle(struct output *o)
{
	if (o->buffering != BUFFER_FULL)
		output_flush(o);
}

void output_flush(struct output *o)
{
	if (!o->error && fflush(o->file) != 0)
		o->error = errno ? errno : EIO;
}
