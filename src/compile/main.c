/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kscope-compile: the compiler as a program of its own, started by kscope. Not for
 * typing by hand: options are kscope's business, this takes descriptors.
 *
 *   kscope-compile --source-fd N --image-fd M --name NAME [--dump LIST] [--unsafe]
 *                  [--helper-errors] [--colour] [--json] [--no-warnings] -- PARAM...
 *   kscope-compile --list [--verbose] [SEARCH]
 *   kscope-compile --versions
 *
 * Exit status: 0 done, 1 errors were reported.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "compile/compile.h"
#include "lang/errors.h"
#include "codegen/codegen.h"
#include "probes/probes.h"
#include "system/types_list.h"

struct arguments {
	int source_fd, image_fd;
	const char *name;
	bool colour, json, no_warnings, list, verbose;
	const char *search;
	struct compile_options compile;
};

static bool parse_arguments(struct arguments *args, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *opt = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (strcmp(opt, "--unsafe") == 0)
			args->compile.unsafe = true;
		else if (strcmp(opt, "--helper-errors") == 0)
			args->compile.helper_errors = true;
		else if (strcmp(opt, "--colour") == 0)
			args->colour = true;
		else if (strcmp(opt, "--json") == 0)
			args->json = true;
		else if (strcmp(opt, "--no-warnings") == 0)
			args->no_warnings = true;
		else if (strcmp(opt, "--list") == 0)
			args->list = true;
		else if (strcmp(opt, "--verbose") == 0)
			args->verbose = args->compile.verbose = true;
		else if (opt[0] != '-' && args->list)
			args->search = opt;
		else if (!value)
			return false;
		else if (strcmp(opt, "--source-fd") == 0)
			args->source_fd = atoi(argv[++i]);
		else if (strcmp(opt, "--image-fd") == 0)
			args->image_fd = atoi(argv[++i]);
		else if (strcmp(opt, "--name") == 0)
			args->name = argv[++i];
		else if (strcmp(opt, "--dump") == 0)
			args->compile.dump = argv[++i];
		else
			return false;
	}
	if (i < argc) {
		args->compile.params = (const char **)&argv[i + 1];
		args->compile.nparams = (unsigned)(argc - i - 1);
	}
	return args->list || (args->source_fd >= 0 && args->name);
}

static bool read_all(int fd, struct strbuf *out)
{
	char chunk[65536];
	off_t at = 0;
	ssize_t n;

	strbuf_adds(out, "");
	while ((n = pread(fd, chunk, sizeof(chunk), at)) > 0) {
		strbuf_add(out, chunk, (size_t)n);
		at += n;
	}
	return n == 0;
}

static bool write_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* -l 'struct task*' */
static bool list_types(struct probes *env, const struct arguments *args)
{
	struct kbtf *b = probes_kbtf(env);

	if (!b) {
		diag_error(env->diag, LOC_NONE, TYPE_LIST_BTF, strerror(errno));
		return false;
	}
	if (types_list(b, args->search, args->verbose, stdout))
		return true;
	diag_error(env->diag, LOC_NONE, TYPE_LIST_NONE, args->search);
	return false;
}

static int list(struct arena *a, const struct arguments *args)
{
	struct diag d;
	struct probes env = { .arena = a, .diag = &d };
	bool good;

	diag_init(&d, NULL, stderr, args->colour);
	d.json = args->json;
	if (args->search && types_is_search(args->search))
		good = list_types(&env, args);
	else
		good = probes_list(&env, args->search, args->verbose, stdout);
	probes_release(&env);
	return good && !d.errors ? 0 : 1;
}

static int compile_source(struct arena *a, struct arguments *args)
{
	struct strbuf text = { 0 };
	struct source *source;
	struct diag d;
	void *image;
	size_t len;

	diag_init(&d, NULL, stderr, args->colour);
	d.json = args->json;
	d.no_warnings = args->no_warnings;
	d.max_errors = 20;
	if (!read_all(args->source_fd, &text)) {
		diag_error(&d, LOC_NONE, SOURCE_READ, args->name, strerror(errno));
		return 1;
	}
	source = source_create(a, args->name, text.data, text.len);
	strbuf_free(&text);
	d.source = source;
	args->compile.source_path = arena_printf(a, "/proc/self/fd/%d", args->source_fd);
	args->compile.dump_out = stdout;
	image = compile(a, &d, source, &args->compile, &len);
	fflush(stdout);
	if (d.errors)
		return 1;
	if (!args->compile.dump && (!image || !write_all(args->image_fd, image, len))) {
		diag_error(&d, LOC_NONE, IMAGE_WRITE, strerror(errno));
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct arguments args = { .source_fd = -1, .image_fd = -1 };
	struct arena *a;
	int status;

	if (argc == 2 && strcmp(argv[1], "--versions") == 0) {
		printf("  LLVM: %s\n", codegen_llvm_version());
		return 0;
	}
	if (!parse_arguments(&args, argc, argv)) {
		fputs("error: kscope-compile is started by kscope; run that instead\n", stderr);
		return 1;
	}
	a = arena_create();
	status = args.list ? list(a, &args) : compile_source(a, &args);
	arena_destroy(a);
	return status;
}
