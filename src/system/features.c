/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the kernel's features. A tiny program is really loaded for each (libbpf has such tests for
 * program types, map types and helpers): version numbers say little about kernels with backports.
 */
#include "system/features.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/arena.h"
#include "system/machine.h"
#include "system/tracefs.h"

const char *features_libbpf_version(void)
{
	const char *text = libbpf_version_string();

	return *text == 'v' ? text + 1 : text;
}

static bool lacks_caps(void)
{
	struct arena *a = arena_create();
	bool lacks = machine_missing_caps(a) != NULL;

	arena_destroy(a);
	return lacks;
}

/* libbpf's answers are 1, 0 or an error; without privileges they mean nothing. */
static enum feature_answer answer(int result)
{
	if (lacks_caps())
		return FEATURE_DENIED;
	return result > 0 ? FEATURE_YES : FEATURE_NO;
}

#define PROGRAM(type)                                                                                        \
	static enum feature_answer program_##type(void)                                                      \
	{                                                                                                    \
		return answer(libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_##type, NULL));                       \
	}
PROGRAM(KPROBE)
PROGRAM(TRACEPOINT)
PROGRAM(RAW_TRACEPOINT)
PROGRAM(PERF_EVENT)
PROGRAM(TRACING)

#define MAP(type)                                                                                            \
	static enum feature_answer map_##type(void)                                                          \
	{                                                                                                    \
		return answer(libbpf_probe_bpf_map_type(BPF_MAP_TYPE_##type, NULL));                         \
	}
MAP(PERCPU_HASH)
MAP(LRU_PERCPU_HASH)
MAP(STACK_TRACE)
MAP(RINGBUF)

#define HELPER(name, type)                                                                                   \
	static enum feature_answer helper_##name(void)                                                       \
	{                                                                                                    \
		return answer(libbpf_probe_bpf_helper(BPF_PROG_TYPE_##type, BPF_FUNC_##name, NULL));         \
	}
HELPER(probe_read_kernel_str, KPROBE)
HELPER(get_stack, KPROBE)
HELPER(ktime_get_boot_ns, KPROBE)
HELPER(ringbuf_output, KPROBE)
HELPER(for_each_map_elem, KPROBE)
HELPER(loop, KPROBE)
HELPER(get_attach_cookie, KPROBE)
HELPER(get_current_cgroup_id, KPROBE)
HELPER(send_signal, KPROBE)

static enum feature_answer yes_if(bool yes)
{
	return yes ? FEATURE_YES : FEATURE_NO;
}

static enum feature_answer probe_tracefs(void)
{
	struct tracefs *t = tracefs_open();

	if (!t && (errno == EPERM || errno == EACCES))
		return FEATURE_DENIED;
	tracefs_close(t);
	return yes_if(t != NULL);
}

/* The PMU of its own that Linux 4.17 brought, which kprobes and uprobes are attached through. */
static enum feature_answer probe_kprobe(void)
{
	return yes_if(access("/sys/bus/event_source/devices/kprobe/type", F_OK) == 0);
}

static enum feature_answer probe_uprobe(void)
{
	return yes_if(access("/sys/bus/event_source/devices/uprobe/type", F_OK) == 0);
}

/* A hardware counter, which virtual machines seldom have. */
static enum feature_answer probe_hardware(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_CPU_CYCLES,
		.disabled = 1 };
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0 ? FEATURE_YES : answer(-errno);
}

static enum feature_answer probe_btf(void)
{
	return yes_if(access("/sys/kernel/btf/vmlinux", R_OK) == 0);
}

/*
 * Loading says nothing about fentry: only attaching needs the function tracer. The program does nothing, and
 * the function is one that hardly anybody calls.
 */
static enum feature_answer probe_fentry(void)
{
	struct bpf_insn code[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K }, { .code = BPF_JMP | BPF_EXIT } };
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FENTRY);
	int id = libbpf_find_vmlinux_btf_id("bpf_fentry_test1", BPF_TRACE_FENTRY), program, link = -1, err;

	if (id <= 0)
		return FEATURE_NO;
	opts.attach_btf_id = (uint32_t)id;
	program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "kscope_info", "GPL", code, 2, &opts);
	err = program < 0 ? program : 0;
	if (!err) {
		link = bpf_raw_tracepoint_open(NULL, program);
		err = link < 0 ? link : 0;
		close(program);
	}
	if (link >= 0)
		close(link);
	return err ? answer(err) : FEATURE_YES;
}

/* 0 in the file: allowed. */
static enum feature_answer unprivileged(void)
{
	FILE *f = fopen("/proc/sys/kernel/unprivileged_bpf_disabled", "re");
	int value = 0;

	if (f && fscanf(f, "%d", &value) != 1)
		value = 0;
	if (f)
		fclose(f);
	return yes_if(value == 0);
}

static const char kernel[] = "Kernel", programs[] = "Program types", maps[] = "Map types",
                  helpers[] = "Helper functions", probes[] = "Probes";

const struct feature features[] = {
	{ kernel, "BTF", probe_btf },
	{ kernel, "tracefs", probe_tracefs },
	{ kernel, "BPF for unprivileged users", unprivileged },
	{ programs, "kprobe", program_KPROBE },
	{ programs, "tracepoint", program_TRACEPOINT },
	{ programs, "raw_tracepoint", program_RAW_TRACEPOINT },
	{ programs, "perf_event", program_PERF_EVENT },
	{ programs, "tracing", program_TRACING },
	{ maps, "percpu_hash", map_PERCPU_HASH },
	{ maps, "lru_percpu_hash", map_LRU_PERCPU_HASH },
	{ maps, "stack_trace", map_STACK_TRACE },
	{ maps, "ringbuf", map_RINGBUF },
	{ helpers, "probe_read_kernel_str", helper_probe_read_kernel_str },
	{ helpers, "get_stack", helper_get_stack },
	{ helpers, "ktime_get_boot_ns", helper_ktime_get_boot_ns },
	{ helpers, "ringbuf_output", helper_ringbuf_output },
	{ helpers, "for_each_map_elem", helper_for_each_map_elem },
	{ helpers, "loop", helper_loop },
	{ helpers, "get_attach_cookie", helper_get_attach_cookie },
	{ helpers, "get_current_cgroup_id", helper_get_current_cgroup_id },
	{ helpers, "send_signal", helper_send_signal },
	{ probes, "kprobe", probe_kprobe },
	{ probes, "uprobe", probe_uprobe },
	{ probes, "fentry", probe_fentry },
	{ probes, "hardware", probe_hardware },
};

const unsigned features_count = sizeof(features) / sizeof(features[0]);
