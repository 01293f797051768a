/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program: what check makes of an AST, what code generation lowers and what
 * the runtime runs. Its description (all of this but the members marked
 * "compiler only") travels in the image's `kscope` section; lang/image.c writes and
 * reads it.
 */
#ifndef KSCOPE_LANG_PROGRAM_H
#define KSCOPE_LANG_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/source.h"
#include "lang/types.h"

struct node;
struct arena;

/* Rows of probes.def. */
enum probe_type {
#define PROBE(id, ...) PROBE_##id,
#include "lang/probes.def"
	PROBE_TYPE_COUNT,
};

/* Where one action is attached: one expanded attach point. */
struct probe {
	enum probe_type type;
	const char *name;   /* as the `probe` builtin prints it: "tracepoint:syscalls:sys_enter_openat" */
	const char *group;  /* tracepoint: subsystem; rawtracepoint: module or "" */
	const char *target; /* event or function name; NULL when the type has none */
	uint64_t period;    /* interval, profile: ns, or Hz when is_freq; software: events per sample */
	bool is_freq;
	uint64_t offset;  /* kprobe, uprobe: bytes from the function's start; an address when there is no
	                     target */
	struct loc loc;   /* of the attach point in the script */
	const char *prog; /* name of the BPF program; several probes may share one */
	uint32_t cookie;  /* index of this probe, what bpf_get_attach_cookie() yields in a shared program */

	/* compiler only */
	const struct type *args; /* struct of the probe's arguments, or NULL */
	uint64_t args_id;        /* equal for probes whose args have the same layout, for sharing programs */
};

enum map_kind {
	MAP_SCALAR,        /* @x: ARRAY of one */
	MAP_HASH,          /* @x[k]: HASH */
	MAP_SCALAR_PERCPU, /* aggregation without key: PERCPU_ARRAY of one */
	MAP_HASH_PERCPU,   /* aggregation with key: PERCPU_HASH */
	MAP_LRU_HASH,
	MAP_LRU_HASH_PERCPU,
};

struct map {
	const char *name;     /* with the sign: "@", "@start" */
	const char *bpf_name; /* of the BPF map in the object */
	enum map_kind kind;
	struct type *key; /* NULL: scalar; a TUPLE for several keys */
	struct type *value;
	uint32_t max_entries;
	struct loc loc; /* first use */
	uint32_t id;    /* index in program.maps */

	/* compiler only */
	bool assigned; /* given a value somewhere */
	bool keyless;  /* used without a key as a value */
};

enum event_kind {
	EVENT_PRINTF,
	EVENT_ERRORF,
	EVENT_WARNF,
	EVENT_PRINT_VALUE, /* args[0] */
	EVENT_PRINT_ENTRY, /* print(@m[k]): args[0] key, args[1] value, map */
	EVENT_PRINT_MAP,   /* map; args[0] top and args[1] div, both uint64 */
	EVENT_CLEAR,
	EVENT_ZERO,
	EVENT_TIME, /* format: strftime's; args[0]: ns since boot */
	EVENT_JOIN, /* format: delimiter; args: strings, empty ones end the list */
	EVENT_CAT,
	EVENT_SYSTEM,
	EVENT_PROCESS, /* args[0]: pid (uint32) whose mappings will be needed for its stacks */
	EVENT_EXIT,    /* args[0]: status, int32 */
	EVENT_KIND_COUNT,
};

struct event_arg {
	struct type *type;
	uint32_t offset; /* from the record's start; set by layout_event() */
	bool tail;
};

struct event {
	enum event_kind kind;
	const char *format; /* printf family, time, join; else NULL */
	int32_t map;        /* index of the map, or -1 */
	struct event_arg *args;
	unsigned nargs;
	uint32_t fixed_size, max_size; /* bytes, set by layout_event() */
	struct loc loc;
	uint32_t id; /* index in program.events */
};

/* -k: an expression that reads memory, whose failures are counted. */
struct read {
	struct loc loc;
	enum addr_space space;
};

struct failures { /* of one read on one CPU */
	uint64_t count;
	uint64_t error; /* of the last one: an errno */
};

/* What may be lost, counted per probe. A row each: cause and the words of the report. */
enum loss {
#define LOSS(id, words) LOSS_##id,
#include "lang/losses.def"
	LOSS_COUNT,
};

/* Values of config.def. */
struct config {
#define CONFIG_U64(id, name, def, min, max, doc) uint64_t id;
#define CONFIG_BOOL(id, name, def, doc)          bool id;
#define CONFIG_STR(id, name, def, doc)           const char *id;
#define CONFIG_ENUM(id, name, def, values, doc)  const char *id;
#include "lang/config.def"
};

struct program {
	struct source *source; /* text travels with the image, for messages at run time */
	struct config config;
	struct probe *probes;
	unsigned nprobes;
	struct map *maps; /* indices are stable; pointers move while check adds maps */
	unsigned nmaps;
	struct event *events;
	unsigned nevents;
	struct read *reads; /* with -k only */
	unsigned nreads;
	const char **kaddrs; /* kernel symbols whose addresses the loader fills in, for kaddr() */
	unsigned nkaddrs;
	uint32_t slot_size;    /* bytes of one scratch slot; 0: no program needs one */
	bool kernel_bound;     /* holds offsets of one kernel build */
	const char *kernel_id; /* that kernel: build id of its notes in hex, or release + version */
	bool unsafe;           /* compiled with --unsafe: the runner asks for it again */

	/* compiler only */
	unsigned maps_cap, probes_cap, events_cap, kaddrs_cap, reads_cap;
	bool uses_stacks, uses_ustack;
	bool helper_errors; /* -k */
};

/*
 * What only the running machine knows. The object has it as `const volatile
 * struct machine kscope_machine` in .rodata; the loader fills it in before load, so that
 * the verifier sees constants.
 */
struct machine {
	uint64_t start_ns;     /* CLOCK_BOOTTIME at load, for `elapsed` */
	uint32_t ncpus;        /* possible CPUs */
	uint32_t cpid;         /* -c child, 0 without */
	uint32_t pid;          /* -p filter, 0: none */
	uint32_t self;         /* our own pid */
	uint32_t slot_levels;  /* scratch slots per CPU, <= 32 */
	uint32_t ringbuf_size; /* bytes */
};

/* Names in the object that loader and code generation share. */
#define IMAGE_SECTION "kscope"
#define SYM_KADDRS    "kscope_kaddrs" /* u64 for each of program.kaddrs, in .rodata */
#define SYM_MACHINE   "kscope_machine"
#define MAP_EVENTS    "kscope_events" /* ring buffer */
#define MAP_SLOTS     "kscope_slots"  /* ARRAY of ncpus * slot_levels entries of slot_size bytes */
#define MAP_SLOT_BITS "kscope_bits"   /* PERCPU_ARRAY of one u64: claimed levels */
#define MAP_LOSSES    "kscope_losses" /* PERCPU_ARRAY of nprobes * LOSS_COUNT u64 */
#define MAP_READS     "kscope_failed" /* PERCPU_ARRAY: struct failures for each of program.reads */
#define MAP_STACKS    "kscope_stacks" /* HASH: struct stack_key to frames; only when stacks are used */
#define MAP_CONTROL   "kscope_ctl"    /* ARRAY of one struct control, mmapable */

struct control {
	uint64_t exit_requested; /* set by exit() besides its event: 1 + status & 0xff */
};

/* Adds an element and returns it with its index set. */
struct map *program_add_map(struct program *p, struct arena *a);
struct event *program_add_event(struct program *p, struct arena *a);
struct probe *program_add_probe(struct program *p, struct arena *a);
struct read *program_add_read(struct program *p, struct arena *a);

bool map_is_percpu(const struct map *m);
bool map_is_scalar(const struct map *m);
const char *loss_words(enum loss l);

#endif
