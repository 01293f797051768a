/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layout: the one place that knows how a value lies in memory. Code generation
 * and the decoder both ask here. All padding is zero, since map keys compare
 * as bytes; a string's bytes behind its NUL are zero too.
 */
#ifndef KSCOPE_LANG_LAYOUT_H
#define KSCOPE_LANG_LAYOUT_H

#include "lang/types.h"

struct event;
struct map;

/* Bytes that a value takes as a key, a value or a tuple's field, tail padding included. Strings take a
 * multiple of 8 and are 8-aligned, so that they compare by words. */
uint32_t layout_size(const struct type *t);
uint32_t layout_align(const struct type *t);

/* Bytes that a value takes as an element of an array or as a member of a struct: these lie as C has them,
 * without our padding, in our memory as in the kernel's. */
uint32_t layout_c_size(const struct type *t);

/* Sets the offsets of a tuple's or record's fields, and its size. */
void layout_struct(struct type *t);

/* A string that cannot hold the whole of its source has this byte in its last place instead of NUL. */
#define STRING_CUT_MARK 0x01

/* Aggregations' map values: 64-bit words. */
enum {
	AGG_COUNT_N = 0, /* count: unset when 0 */
	AGG_SUM_SUM = 0,
	AGG_SUM_SET = 1, /* sum */
	AGG_MIN_MAX_BEST = 0,
	AGG_MIN_MAX_SET = 1, /* min, max: order-preserving code, see layout_minmax_decode() */
	AGG_AVG_SUM = 0,
	AGG_AVG_N = 1, /* avg, stats */
	/*
	 * tseries: a ring of buckets of 3 words; bucket epoch % intervals. Behind the epoch lie the words of
	 * the sum, min, max or avg that it keeps; for the last value, that and when it came. A bucket is
	 * unset while its second such word is 0, and stale once a newer one is `intervals` epochs or more
	 * ahead.
	 */
	AGG_TSERIES_EPOCH = 0, /* CLOCK_BOOTTIME in ns / interval */
	AGG_TSERIES_VALUE = 1,
	AGG_TSERIES_SET = 2, /* last: CLOCK_BOOTTIME in ns */
	AGG_TSERIES_WORDS = 3,
};

/*
 * min and max keep a code whose unsigned maximum is the answer, so that a zeroed
 * element needs no initialisation: max of unsigned: v; of signed: v ^ 1<<63;
 * min: the complement of that.
 */
int64_t layout_minmax_decode(const struct type *t, uint64_t code);

/*
 * A stack's value: the key of its frames in the map of stacks. Frames are kept once for each content; for
 * ustack, of each process.
 */
struct stack_key {
	uint64_t hash;
	uint32_t depth; /* frames; 0: there was no stack */
	uint32_t pid;   /* ustack: the process; kstack: 0 */
};

/* usym(): an address, and the process whose it is. */
struct usym {
	uint64_t address;
	uint64_t pid;
};

/* hist(n, bits): bucket 0 is n < 0, then 2^bits exact values 0 … 2^bits - 1, then 2^bits buckets per power
 * of two. */
unsigned layout_hist_buckets(unsigned bits);
unsigned layout_hist_index(int64_t n, unsigned bits);
/* Lowest value of bucket i >= 1; the bucket ends below the next one's lowest. */
uint64_t layout_hist_low(unsigned i, unsigned bits);
/* lhist: bucket 0 is underflow, the last one overflow. */
unsigned layout_lhist_buckets(const struct type *t);

/* tseries: the aggregation in each bucket; TYPE_TSERIES for the last value. */
struct type layout_tseries_bucket(const struct type *t);

/* A scalar that is not an aggregation: its value at 0, and a 64-bit "is set" word behind it. */
uint32_t layout_scalar_set_offset(const struct map *m);

/* Bytes of the map's BPF value; for per-CPU maps, of one CPU's. A multiple of 8 for per-CPU maps. */
uint32_t layout_map_value(const struct map *m);
uint32_t layout_map_key(const struct map *m);

/*
 * Event record: struct event_header, then the arguments. Strings of more than
 * EVENT_INLINE_STRING bytes are "tails": the fixed part holds a 32-bit length
 * (without NUL; bit 31: cut) and the bytes follow behind the fixed part, in the order
 * of the arguments, without padding.
 */
#define EVENT_INLINE_STRING 64
#define EVENT_TAIL_CUT      0x80000000u

struct event_header {
	uint32_t event; /* index into program.events */
	uint32_t probe; /* index into program.probes */
};

/* Sets each argument's offset and tail flag, and the event's fixed_size (a multiple of 8) and max_size. */
void layout_event(struct event *e);

#endif
