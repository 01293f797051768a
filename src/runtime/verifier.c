/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a load failed. libbpf loads a rejected program once more with a log, and
 * hands the log to its print callback, where session.c keeps it. The log quotes the
 * script's lines, since BTF line info points into the script:
 *
 *     ; @x = 1 @ script.bt:3
 *     12: (85) call bpf_map_update_elem#2
 *     R2 invalid mem access 'scalar'
 */
#include "runtime/verifier.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "lang/errors.h"
#include "runtime/session.h"
#include "system/machine.h"

#define LAST_LINES 10

static const struct {
	const char *text, *words;
} causes[] = {
	{ "BPF program is too large", "the program is too large" },
	{ "too many instructions", "the program is too large" },
	{ "The sequence of", "the program branches too often" },
	{ "infinite loop detected", "a loop may never end" },
	{ "back-edge", "a loop may never end" },
	{ "loop is not bounded", "a loop may never end" },
	{ "min value is outside of the allowed memory range", "an access reaches beyond its memory" },
	{ "unbounded min value", "an index or a length has no bound" },
	{ "unbounded memory access", "an index or a length has no upper bound" },
	{ "invalid access to map value", "an access reaches beyond a map's value" },
	{ "invalid access to memory", "an access reaches beyond its memory" },
	{ "invalid bpf_context access", "this probe has no such argument" },
	{ "map_value_or_null", "a map's value is used without a check" },
	{ "invalid mem access", "memory is read without a helper" },
	{ "total number of maps", "the program uses more than 64 maps: spread them over several probes" },
	{ "The call stack of", "loops are nested too deeply: the kernel allows 7 around each other" },
	{ "combined stack size", "the programs use too much stack together" },
	{ "stack depth", "the program uses too much stack" },
	{ "cannot call GPL", "a function is only for programs with a GPL licence" },
	{ "helper call is not allowed in probe", "a function is not allowed in this probe" },
	{ "cannot use helper", "a function is not allowed in this probe" },
	{ "unknown func", "this kernel lacks a function that the script needs" },
	{ "invalid func", "this kernel lacks a function that the script needs" },
	{ "calling kernel function", "a kernel function cannot be called here" },
	{ "Unreleased reference", "something that was taken is not given back" },
	{ "!read_ok", "a value is used before it is set" },
	{ "unreachable insn", "part of the program is never reached" },
	{ "pointer arithmetic", "arithmetic on a pointer that does not allow it" },
};

/* "12: (85) call …" is an instruction with its registers, where any word may turn up. */
static bool is_instruction(const char *line)
{
	size_t digits = strspn(line, "0123456789");

	return digits && line[digits] == ':';
}

/* The start of the line before p; NULL if p is the log's first line. */
static const char *line_before(const char *log, const char *p)
{
	if (p == log)
		return NULL;
	p--;
	while (p > log && p[-1] != '\n')
		p--;
	return p;
}

/* The rejection itself is among the log's last lines, before the statistics. */
#define CAUSE_LINES 5

const char *verifier_cause(const char *log)
{
	const char *line = line_before(log, log + strlen(log));

	for (unsigned n = 0; line && n < CAUSE_LINES; n++, line = line_before(log, line)) {
		size_t len = strcspn(line, "\n");

		if (is_instruction(line))
			continue;
		for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++)
			if (memmem(line, len, causes[i].text, strlen(causes[i].text)))
				return causes[i].words;
	}
	return NULL;
}

static struct loc line_loc(const struct source *source, unsigned line)
{
	uint32_t start;
	size_t len;

	if (!line || line > source->nlines)
		return LOC_NONE;
	source_line(source, line, &len);
	start = source->lines[line - 1];
	for (; len && (source->text[start] == ' ' || source->text[start] == '\t'); len--)
		start++;
	return len ? (struct loc){ start, start + (uint32_t)len } : LOC_NONE;
}

/* "; text @ file:LINE" since Linux 6.9, "; text" before. */
static unsigned line_of_comment(const struct source *source, const char *text, size_t len)
{
	for (size_t i = len; i > 3; i--) {
		if (strncmp(text + i - 3, " @ ", 3) == 0) {
			const char *colon = memrchr(text + i, ':', len - i);

			if (colon)
				return (unsigned)strtoul(colon + 1, NULL, 10);
		}
	}
	for (unsigned line = 1; len && line <= source->nlines; line++) {
		size_t n;
		const char *s = source_line(source, line, &n);

		if (memmem(s, n, text, len))
			return line;
	}
	return 0;
}

struct loc verifier_place(const struct source *source, const char *log)
{
	unsigned last = 0;

	for (const char *p = log; source && p && *p; p = strchr(p, '\n'), p = p ? p + 1 : NULL) {
		unsigned line;

		if (strncmp(p, "; ", 2) != 0)
			continue;
		line = line_of_comment(source, p + 2, strcspn(p + 2, "\n"));
		last = line ? line : last;
	}
	return last ? line_loc(source, last) : LOC_NONE;
}

/* The log between libbpf's marks, NUL-terminated in place; NULL if it kept none. */
static char *log_body(char *all)
{
	char *start = all ? strstr(all, "-- BEGIN PROG LOAD LOG --\n") : NULL;
	char *end;

	if (!start)
		return NULL;
	start += strlen("-- BEGIN PROG LOAD LOG --\n");
	end = strstr(start, "-- END PROG LOAD LOG --");
	if (end)
		*end = 0;
	return start;
}

static void print_last_lines(const char *log, unsigned n)
{
	const char *p = log + strlen(log);

	while (p > log && p[-1] == '\n')
		p--;
	while (p > log && n) {
		p--;
		if (*p == '\n')
			n--;
	}
	fprintf(stderr, "  the end of the verifier's log (-d verifier shows it all):\n");
	while (*p) {
		size_t len;

		p += *p == '\n';
		len = strcspn(p, "\n");
		if (len)
			fprintf(stderr, "    %.*s\n", (int)len, p);
		p += len;
	}
}

/* The probe whose program libbpf names: "prog 'NAME': BPF program load failed". */
static const struct probe *rejected_probe(struct session *s)
{
	const char *at = s->log.data ? strstr(s->log.data, "prog '") : NULL;

	for (unsigned i = 0; at && i < s->program->nprobes; i++) {
		const struct probe *p = &s->program->probes[i];
		size_t len = p->prog ? strlen(p->prog) : 0;

		if (len && strncmp(at + 6, p->prog, len) == 0 && at[6 + len] == '\'')
			return p;
	}
	return NULL;
}

void verifier_report(struct session *s, int err)
{
	const char *caps = err == EPERM || err == EACCES ? machine_missing_caps(s->arena) : NULL;
	const struct probe *probe = rejected_probe(s);
	char *log = log_body(s->log.data);
	struct loc loc = log ? verifier_place(s->program->source, log) : LOC_NONE;
	const char *cause = log ? verifier_cause(log) : NULL;

	if (err == EPERM && !caps && !log)
		caps = "CAP_BPF, CAP_PERFMON";
	if (caps && !log) {
		diag_error(&s->diag, LOC_NONE, LOAD_CAPS, caps);
		return;
	}
	if (!log || !*log) {
		diag_error(&s->diag, probe ? probe->loc : LOC_NONE, LOAD_FAILED, strerror(err));
		return;
	}
	if (!loc.end && probe)
		loc = probe->loc;
	diag_error(&s->diag, loc, VERIFIER_REJECTED, probe ? probe->name : "?",
	        cause ? cause : "the verifier cannot prove that the program is safe");
	if (!s->options->json)
		print_last_lines(log, LAST_LINES);
}

void verifier_keep_logs(struct session *s)
{
	size_t size = s->program->config.log_size;
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, s->object)
	{
		bpf_program__set_log_buf(prog, mem_zalloc(size), size);
		bpf_program__set_log_level(prog, 1);
	}
}

void verifier_dump_logs(struct session *s)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, s->object)
	{
		size_t size;
		char *log = (char *)(uintptr_t)bpf_program__log_buf(prog, &size);

		if (log && *log)
			printf("%s:\n%s\n", bpf_program__name(prog), log);
		/* A rejected program's log is what the report is made from. */
		if (log && *log)
			strbuf_addf(&s->log,
			        "prog '%s': -- BEGIN PROG LOAD LOG --\n%s-- END PROG LOAD LOG --\n",
			        bpf_program__name(prog), log);
		bpf_program__set_log_buf(prog, NULL, 0);
		free(log);
	}
	fflush(stdout);
}
