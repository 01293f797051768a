/* SPDX-License-Identifier: Apache-2.0 */
/* Raw tracepoints: the tracepoint's arguments, without the record that perf makes of them. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/session.h"

/* bpf(2)'s attributes with the cookie of Linux 6.10, which older headers lack. */
struct raw_tracepoint_attr {
	uint64_t name;
	uint32_t prog_fd;
	uint32_t pad;
	uint64_t cookie;
};

static int open_with_cookie(const char *name, int program_fd, uint64_t cookie)
{
	struct raw_tracepoint_attr attr = {
		.name = (uint64_t)(uintptr_t)name,
		.prog_fd = (uint32_t)program_fd,
		.cookie = cookie,
	};

	return (int)syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &attr, sizeof(attr));
}

static bool is_shared(const struct program *program, const struct probe *p)
{
	for (unsigned i = 0; i < program->nprobes; i++)
		if (&program->probes[i] != p && strcmp(program->probes[i].prog, p->prog) == 0)
			return true;
	return false;
}

bool attach_rawtracepoint(struct session *s, const struct probe *p, int program_fd)
{
	int fd;

	/* Only a program that several probes share asks for its cookie. */
	if (is_shared(s->program, p))
		fd = open_with_cookie(p->target, program_fd, p->cookie);
	else
		fd = bpf_raw_tracepoint_open(p->target, program_fd);
	if (fd < 0)
		return false;
	attach_add(s, fd, -1, false);
	return true;
}
