/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about the running machine that loader and compiler ask for. */
#ifndef KSCOPE_SYSTEM_MACHINE_H
#define KSCOPE_SYSTEM_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;

/* CPUs that may ever be online (/sys/devices/system/cpu/possible): the size of per-CPU values. */
unsigned machine_possible_cpus(void);
/* The CPUs that are online now; returns their number, *cpus is malloc'd. */
unsigned machine_online_cpus(int **cpus);

/* Identity of the running kernel build: the build id of /sys/kernel/notes in hex, else release and version.
 * Arena memory. */
const char *machine_kernel_id(struct arena *a);
/* e.g. "6.18.44" -> KERNEL_VERSION(6,18,44) */
uint32_t machine_kernel_version(void);

uint64_t machine_boottime_ns(void);

/* Names the capabilities that tracing needs and this process lacks ("CAP_BPF, CAP_PERFMON"), or NULL if none
 * is missing. CAP_SYS_ADMIN stands for both. Arena memory. */
const char *machine_missing_caps(struct arena *a);

bool machine_pid_exists(pid_t pid);

/* The parts that need no machine, for tests. */

/* "0-3,8" -> 0 1 2 3 8, malloc'd; returns their number and stops at what is no list. */
unsigned machine_parse_cpu_list(const char *text, int **cpus);
/* The build id in ELF notes as hex, arena memory; NULL if there is none. */
const char *machine_parse_build_id(struct arena *a, const void *notes, size_t len);
uint32_t machine_parse_version(const char *release);
/* What a mask of effective capabilities lacks, a constant text or NULL. */
const char *machine_caps_missing_from(uint64_t effective);

#endif
