/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts about the running machine: CPUs, the kernel's identity, our privileges. The parts that
 * read text or notes are functions of their own, for tests without a machine.
 */
#include "system/machine.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"

/* linux/capability.h */
#define CAP_SYS_ADMIN_BIT 21
#define CAP_PERFMON_BIT   38
#define CAP_BPF_BIT       39

#define MAX_CPU 65536

/* A whole small file, NUL-terminated; -1 when it cannot be read. */
static ssize_t read_small(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		return -1;
	n = fread(buf, 1, size - 1, f);
	fclose(f);
	buf[n] = '\0';
	return (ssize_t)n;
}

unsigned machine_parse_cpu_list(const char *text, int **cpus)
{
	unsigned n = 0, cap = 0;
	int *list = NULL;

	while (*text >= '0' && *text <= '9') {
		char *end;
		unsigned long first = strtoul(text, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (last >= MAX_CPU || first > last)
			break;
		for (unsigned long cpu = first; cpu <= last; cpu++) {
			if (n == cap) {
				cap = cap ? cap * 2 : 16;
				list = mem_realloc(list, cap * sizeof(*list));
			}
			list[n++] = (int)cpu;
		}
		text = *end == ',' ? end + 1 : end;
	}
	*cpus = list;
	return n;
}

unsigned machine_possible_cpus(void)
{
	char text[4096];
	unsigned max = 0;
	int *cpus;
	long n;

	if (read_small("/sys/devices/system/cpu/possible", text, sizeof(text)) > 0) {
		unsigned count = machine_parse_cpu_list(text, &cpus);

		/* Per-CPU values have an element up to the highest number, even where numbers are missing. */
		if (count)
			max = (unsigned)cpus[count - 1] + 1;
		free(cpus);
	}
	if (max)
		return max;
	n = sysconf(_SC_NPROCESSORS_CONF);
	return n > 0 ? (unsigned)n : 1;
}

unsigned machine_online_cpus(int **cpus)
{
	char text[4096];
	unsigned n = 0;
	long count;

	*cpus = NULL;
	if (read_small("/sys/devices/system/cpu/online", text, sizeof(text)) > 0)
		n = machine_parse_cpu_list(text, cpus);
	if (n)
		return n;
	free(*cpus);
	count = sysconf(_SC_NPROCESSORS_ONLN);
	n = count > 0 ? (unsigned)count : 1;
	*cpus = mem_zalloc(n * sizeof(**cpus));
	for (unsigned i = 0; i < n; i++)
		(*cpus)[i] = (int)i;
	return n;
}

/*
 * ELF notes: 32-bit sizes of name and descriptor, a type, then both, each padded to 4 (elf(5)).
 * The build id is type 3 (NT_GNU_BUILD_ID) of the name "GNU".
 */
const char *machine_parse_build_id(struct arena *a, const void *notes, size_t len)
{
	const uint8_t *p = notes;

	while (len >= 12) {
		uint32_t head[3];
		size_t name_len, desc_len;

		memcpy(head, p, sizeof(head));
		p += 12;
		len -= 12;
		name_len = ((size_t)head[0] + 3) & ~(size_t)3;
		desc_len = ((size_t)head[1] + 3) & ~(size_t)3;
		if (name_len > len || desc_len > len - name_len)
			return NULL;
		if (head[2] == 3 && head[0] == 4 && memcmp(p, "GNU", 4) == 0 && head[1] > 0) {
			char *hex = arena_alloc(a, (size_t)head[1] * 2 + 1);

			for (uint32_t i = 0; i < head[1]; i++)
				snprintf(hex + (size_t)i * 2, 3, "%02x", p[name_len + i]);
			return hex;
		}
		p += name_len + desc_len;
		len -= name_len + desc_len;
	}
	return NULL;
}

const char *machine_kernel_id(struct arena *a)
{
	char notes[8192];
	ssize_t n = read_small("/sys/kernel/notes", notes, sizeof(notes));
	const char *id = n > 0 ? machine_parse_build_id(a, notes, (size_t)n) : NULL;
	struct utsname u;

	if (id)
		return id;
	if (uname(&u) < 0)
		return "unknown";
	return arena_printf(a, "%s %s", u.release, u.version);
}

/* The last part stops at 255, as KERNEL_VERSION() has it since Linux 4.14.222. */
uint32_t machine_parse_version(const char *release)
{
	unsigned part[3] = { 0 };

	for (int i = 0; i < 3; i++) {
		char *end;

		part[i] = (unsigned)strtoul(release, &end, 10);
		if (end == release)
			part[i] = 0;
		if (part[i] > 255)
			part[i] = 255;
		if (*end != '.')
			break;
		release = end + 1;
	}
	return part[0] << 16 | part[1] << 8 | part[2];
}

uint32_t machine_kernel_version(void)
{
	struct utsname u;

	return uname(&u) < 0 ? 0 : machine_parse_version(u.release);
}

uint64_t machine_boottime_ns(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

const char *machine_caps_missing_from(uint64_t effective)
{
	bool admin = effective >> CAP_SYS_ADMIN_BIT & 1;
	bool bpf = admin || (effective >> CAP_BPF_BIT & 1);
	bool perfmon = admin || (effective >> CAP_PERFMON_BIT & 1);

	if (bpf && perfmon)
		return NULL;
	if (bpf)
		return "CAP_PERFMON";
	return perfmon ? "CAP_BPF" : "CAP_BPF, CAP_PERFMON";
}

const char *machine_missing_caps(struct arena *a)
{
	char status[8192];
	const char *line, *missing;

	if (read_small("/proc/self/status", status, sizeof(status)) <= 0)
		return NULL;
	line = strstr(status, "\nCapEff:");
	if (!line)
		return NULL;
	missing = machine_caps_missing_from(strtoull(line + strlen("\nCapEff:"), NULL, 16));
	return missing ? arena_strdup(a, missing) : NULL;
}

bool machine_pid_exists(pid_t pid)
{
	return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}
