/* SPDX-License-Identifier: Apache-2.0 */
/* Stacks: frames from the map of stacks, names from symbols, in the three modes. */
#include "runtime/stacks.h"

#include <bpf/bpf.h>
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "lang/layout.h"
#include "runtime/symbols.h"

/*
 * do_sys_openat2+12                                      bpftrace
 * ffffffff81234567 do_sys_openat2+12                     perf
 * ffffffff81234567                                       raw
 */
static void kernel_frame(
        struct strbuf *out, const struct stack_source *s, enum stack_mode mode, uint64_t address)
{
	if (mode != STACK_BPFTRACE)
		strbuf_addf(out, "%" PRIx64, address);
	if (mode == STACK_RAW)
		return;
	if (mode == STACK_PERF)
		strbuf_addc(out, ' ');
	symbols_kernel(s->symbols, address, true, out);
}

/*
 * write+46                                               bpftrace
 * 7f48fe9f3829 write+46 (/lib/x86_64-linux-gnu/libc.so.6) perf
 */
static void user_frame(struct strbuf *out, const struct stack_source *s, enum stack_mode mode, uint32_t pid,
        uint64_t address)
{
	struct user_frame f = { 0 };

	if (mode != STACK_BPFTRACE)
		strbuf_addf(out, "%" PRIx64, address);
	if (mode == STACK_RAW)
		return;
	symbols_user(s->symbols, (pid_t)pid, address, &f);
	if (mode == STACK_PERF)
		strbuf_addc(out, ' ');
	if (f.name)
		strbuf_addf(out, "%s+%" PRIu64, f.name, f.offset);
	else
		strbuf_addf(out, "0x%" PRIx64, address);
	if (mode == STACK_PERF)
		strbuf_addf(out, " (%s)", f.module ? f.module : "[unknown]");
}

void stack_text(struct strbuf *out, const struct stack_source *s, const struct type *t, const void *data,
        unsigned indent)
{
	enum stack_mode mode = t->agg.bits == STACK_CONFIG ? s->mode : (enum stack_mode)t->agg.bits;
	uint64_t frames[STACK_MAX_DEPTH];
	struct stack_key key;

	memcpy(&key, data, sizeof(key));
	strbuf_addc(out, '\n');
	if (key.depth == 0 || key.depth > STACK_MAX_DEPTH)
		return;
	if (s->map_fd < 0 || bpf_map_lookup_elem(s->map_fd, &key, frames) < 0) {
		/* The map was full when it came: counted as a loss. */
		strbuf_addf(out, "%*s[lost stack]\n", (int)indent, "");
		return;
	}
	for (uint32_t i = 0; i < key.depth && i < t->count; i++) {
		if (mode == STACK_PERF)
			strbuf_addc(out, '\t');
		else
			strbuf_addf(out, "%*s", (int)indent, "");
		if (t->kind == TYPE_KSTACK)
			kernel_frame(out, s, mode, frames[i]);
		else
			user_frame(out, s, mode, key.pid, frames[i]);
		strbuf_addc(out, '\n');
	}
}

void symbol_text(struct strbuf *out, const struct stack_source *s, const struct type *t, const void *data)
{
	struct user_frame f = { 0 };
	struct usym sym = { 0 };

	memcpy(&sym, data, t->kind == TYPE_USYM ? sizeof(sym) : sizeof(sym.address));
	if (s->symbols && t->kind == TYPE_KSYM) {
		symbols_kernel(s->symbols, sym.address, false, out);
		return;
	}
	if (s->symbols && t->kind == TYPE_USYM)
		symbols_user(s->symbols, (pid_t)sym.pid, sym.address, &f);
	if (f.name)
		strbuf_adds(out, f.name);
	else
		strbuf_addf(out, "0x%" PRIx64, sym.address);
}

enum stack_mode stack_mode_by_name(const char *name)
{
	return strcmp(name, "perf") == 0 ? STACK_PERF : strcmp(name, "raw") == 0 ? STACK_RAW : STACK_BPFTRACE;
}
