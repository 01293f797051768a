/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The language's types. Sizes and offsets of values in memory are lang/layout's
 * business; how a value is printed is runtime's.
 */
#ifndef KSCOPE_LANG_TYPES_H
#define KSCOPE_LANG_TYPES_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct strbuf;

enum type_kind {
	TYPE_ERROR, /* of an expression that was already reported */
	TYPE_VOID,
	TYPE_BOOL,
	TYPE_INT,       /* size 1, 2, 4, 8; is_signed */
	TYPE_STRING,    /* size: bytes with the terminating NUL */
	TYPE_BUFFER,    /* size: bytes of data, without the length word */
	TYPE_PTR,       /* elem, space */
	TYPE_ARRAY,     /* elem, count */
	TYPE_STRUCT,    /* struct or union: name, fields */
	TYPE_ENUM,      /* name, size, is_signed */
	TYPE_TUPLE,     /* fields without names */
	TYPE_RECORD,    /* fields with names */
	TYPE_INET,      /* address for ntop(): 4-byte family and 16 bytes */
	TYPE_MAC,       /* 6 bytes */
	TYPE_TIMESTAMP, /* strftime(): nanoseconds, clock in `count`, format in `name` */
	TYPE_KSYM,      /* kernel address that prints as a symbol */
	TYPE_USERNAME,  /* user id that prints as a name */
	TYPE_USYM,      /* user address and pid that print as a symbol */
	TYPE_KSTACK,    /* count: most frames; agg.bits: enum stack_mode */
	TYPE_USTACK,
	/* Aggregations: opaque, assigned to maps only. */
	TYPE_COUNT,
	TYPE_SUM, /* is_signed */
	TYPE_MIN,
	TYPE_MAX,
	TYPE_AVG,
	TYPE_STATS,
	TYPE_HIST,    /* agg.bits */
	TYPE_LHIST,   /* agg.min, max, step */
	TYPE_TSERIES, /* agg.step: interval in ns, agg.max: number of intervals, agg.bits: enum tseries_agg */
	TYPE_KIND_COUNT,
};

enum stack_mode {
	STACK_CONFIG, /* what config stack_mode says */
	STACK_BPFTRACE,
	STACK_PERF,
	STACK_RAW,
};

/* What tseries() keeps of an interval. */
enum tseries_agg {
	TSERIES_LAST,
	TSERIES_AVG,
	TSERIES_MAX,
	TSERIES_MIN,
	TSERIES_SUM,
};

#define TSERIES_MAX_INTERVALS 1000

#define STACK_MAX_DEPTH 127 /* kernel.perf_event_max_stack's default */

/* Where a pointer points to: which helper reads it. */
enum addr_space {
	AS_NONE,   /* unknown: the kernel decides by the address */
	AS_KERNEL, /* bpf_probe_read_kernel */
	AS_USER,   /* bpf_probe_read_user */
	AS_CTX,    /* the probe's context: loads at constant offsets */
	AS_BPF,    /* our own stack, slot or map value */
};

/* How a field's bytes are found. */
enum field_kind {
	FIELD_PLAIN,
	FIELD_DATA_LOC, /* u32 at offset: low 16 bits are the offset of the data from the record's start, high
	                   16 its length */
	FIELD_REL_LOC,  /* the same, counted from the end of this u32 */
	FIELD_BTF_ARG,  /* offset is the index of a raw tracepoint's argument, 8 bytes each */
};

struct type;

struct field {
	const char *name; /* NULL in a tuple; "" for an anonymous struct or union member */
	struct type *type;
	uint32_t offset;     /* bytes */
	uint32_t bit_offset; /* bit field: bits from `offset` */
	uint32_t bit_size;   /* bit field: its width, else 0 */
	enum field_kind kind;
};

struct agg_params {
	int64_t min, max, step;
	uint32_t bits;
};

struct type {
	enum type_kind kind;
	uint32_t size;
	uint32_t count;
	bool is_signed;
	bool is_union;
	bool is_literal; /* an integer literal's type: adapts to the other operand's sign */
	enum addr_space space;
	struct type *elem;
	const char *name;
	struct field *fields;
	unsigned nfields;
	uint32_t btf_id; /* struct whose fields are not read yet: system/btf completes it on first use; else 0
	                  */
	struct agg_params agg;
};

/* Shared, constant types. */
extern struct type type_error, type_void, type_bool, type_int8, type_int16, type_int32, type_int64,
        type_uint8, type_uint16, type_uint32, type_uint64;

struct type *type_int(unsigned size, bool is_signed);
struct type *type_string(struct arena *a, uint32_t size);
struct type *type_ptr(struct arena *a, struct type *elem, enum addr_space space);
struct type *type_array(struct arena *a, struct type *elem, uint32_t count);
/* Fields' types are taken from types[0..n); offsets are set by layout_struct(). */
struct type *type_tuple(struct arena *a, struct type **types, unsigned n);
struct type *type_new(struct arena *a, enum type_kind kind);
struct type *type_copy(struct arena *a, const struct type *t);

bool type_is_integer(const struct type *t); /* INT, BOOL or ENUM */
bool type_is_agg(const struct type *t);
/* An aggregation that reads as an integer: count, sum, min, max, avg, stats. */
bool type_agg_is_number(const struct type *t);
/* Lives in memory rather than in a register: strings, buffers, tuples, arrays, structs, inet. */
bool type_is_memory(const struct type *t);
bool type_equal(const struct type *a, const struct type *b);

/* A built-in type by its name ("uint32", "u8", "unsigned long int"), or NULL. */
struct type *type_by_name(const char *name);

/* Writes the language's own name of the type: "uint32", "string[16]", "(int64,string[4])", "struct
 * task_struct *". */
void type_print(struct strbuf *out, const struct type *t);
const char *type_name(struct arena *a, const struct type *t);

#endif
