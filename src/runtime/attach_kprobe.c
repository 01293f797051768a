/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kprobe, kretprobe, uprobe, uretprobe: perf events of the kernel's "kprobe" and
 * "uprobe" PMUs (Documentation/ABI/testing/sysfs-bus-event_source-devices*; Linux 4.17), one link each.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "runtime/session.h"
#include "system/elf_symbols.h"
#include "system/kallsyms.h"

/* A number in one of the PMU's files: "8\n", or "config:0\n"; -1 with errno when there is none. */
static int pmu_number(const char *pmu, const char *file, const char *prefix)
{
	char path[128], text[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/%s", pmu, file);
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (!fgets(text, sizeof(text), f))
		text[0] = '\0';
	fclose(f);
	if (strncmp(text, prefix, strlen(prefix)) != 0) {
		errno = EINVAL;
		return -1;
	}
	return atoi(text + strlen(prefix));
}

static bool fill(struct perf_event_attr *attr, const char *pmu, bool at_return)
{
	int type = pmu_number(pmu, "type", ""), bit = 0;

	if (type < 0) {
		errno = errno == ENOENT ? EOPNOTSUPP : errno;
		return false;
	}
	if (at_return) {
		bit = pmu_number(pmu, "format/retprobe", "config:");
		if (bit < 0)
			return false;
	}
	memset(attr, 0, sizeof(*attr));
	attr->type = (uint32_t)type;
	attr->config = at_return ? 1ULL << bit : 0;
	attr->sample_period = 1;
	attr->wakeup_events = 1;
	return true;
}

bool attach_kprobe(struct session *s, const struct probe *p, int program_fd)
{
	struct perf_event_attr attr;
	char name[512];

	if (!fill(&attr, "kprobe", p->type == PROBE_KRETPROBE))
		return false;
	if (p->target) {
		/* The kernel takes "module:function" for a module's. */
		snprintf(name, sizeof(name), "%s%s%s", p->group && *p->group ? p->group : "",
		        p->group && *p->group ? ":" : "", p->target);
		attr.kprobe_func = (uint64_t)(uintptr_t)name;
		attr.probe_offset = p->offset;
	} else {
		attr.kprobe_addr = p->offset;
	}
	return attach_perf_event(s, p, program_fd, &attr, 0);
}

static int offer(void *arg, const char *module, const char *name)
{
	void **args = arg;

	(void)module;
	nearest_offer(args[0], args[1], name);
	return 0;
}

/* Copies the module's name: the first that has the function. */
static int take_module(void *arg, const char *module, const char *name)
{
	(void)name;
	snprintf(arg, 64, "%s", module);
	return 1;
}

const char *attach_kprobe_hint(struct session *s, const struct probe *p, int err)
{
	struct nearest near = { 0 };
	void *args[] = { &near, (void *)p->target };
	bool elsewhere = p->group && *p->group;
	char module[64] = "";
	struct kallsyms *k;
	const char *hint = NULL;

	if (err == EOPNOTSUPP)
		return "this kernel is built without kprobes (CONFIG_KPROBES)";
	if (err == EILSEQ)
		return "an instruction does not begin at this offset";
	/* EINVAL: a function that the tracer has no place in (notrace, inline) */
	if ((err != ENOENT && err != EINVAL) || !p->target)
		return NULL;
	k = kallsyms_load(false);
	if (!k)
		return NULL;
	kallsyms_each(k, "*", "*", offer, args);
	if (near.best && near.distance && err == ENOENT)
		hint = arena_printf(s->arena, "did you mean %s?", near.best);
	else if (near.best && !near.distance && elsewhere &&
	         !kallsyms_each(k, p->group, p->target, take_module, module) &&
	         kallsyms_each(k, "*", p->target, take_module, module))
		hint = arena_printf(s->arena, "%s is in module %s", p->target, module);
	else if (near.best && !near.distance)
		hint = "the kernel has this function, but does not let it be probed";
	kallsyms_free(k);
	return hint;
}

bool attach_uprobe(struct session *s, const struct probe *p, int program_fd)
{
	pid_t pid = s->options->pid > 0 ? s->options->pid : -1;
	struct perf_event_attr attr;
	uint64_t offset = p->offset;

	if (!fill(&attr, "uprobe", p->type == PROBE_URETPROBE))
		return false;
	if (p->target) {
		/* Looked up again here: an image may meet another build of the binary. */
		struct elf_symbols *e = elf_symbols_load(p->group);
		uint64_t start = e ? elf_symbols_offset(e, p->target, NULL) : 0;

		elf_symbols_free(e);
		if (!start) {
			errno = ENOENT;
			return false;
		}
		offset += start;
	}
	attr.uprobe_path = (uint64_t)(uintptr_t)p->group;
	attr.probe_offset = offset;
	return attach_perf_event_of(s, p, program_fd, &attr, pid, pid > 0 ? -1 : 0);
}
