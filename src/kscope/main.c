/* SPDX-License-Identifier: Apache-2.0 */
/* kscope: reads the command line, has the compiler make an image, and runs it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "kscope/compiler.h"
#include "kscope/info.h"
#include "kscope/options.h"
#include "lang/errors.h"

static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return !(no && *no) && isatty(STDERR_FILENO);
}

/* Writes the image for --emit. */
static int write_image(const char *name, const void *image, size_t size, struct diag *d)
{
	FILE *f = fopen(name, "we");
	bool ok = f && fwrite(image, 1, size, f) == size;

	if (f && fclose(f) != 0)
		ok = false;
	if (!ok)
		diag_error(d, LOC_NONE, FILE_UNWRITABLE, name, strerror(errno));
	return ok ? 0 : 1;
}

static int run_image(struct options *o, const void *image, size_t size, struct diag *d)
{
	int status;

	if (o->emit)
		return write_image(o->emit, image, size, d);
	if (o->output) {
		o->run.out = fopen(o->output, "we");
		if (!o->run.out) {
			diag_error(d, LOC_NONE, FILE_UNWRITABLE, o->output, strerror(errno));
			return 1;
		}
	}
	status = runtime_run(image, size, &o->run);
	if (o->output)
		fclose(o->run.out);
	return status;
}

static int run_image_fd(struct options *o, int fd, const char *name, struct diag *d)
{
	struct stat st;
	void *image = MAP_FAILED;
	int status;

	if (fstat(fd, &st) == 0 && st.st_size > 0)
		image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (image == MAP_FAILED) {
		diag_error(d, LOC_NONE, FILE_UNREADABLE, name, strerror(errno));
		return 1;
	}
	status = run_image(o, image, (size_t)st.st_size, d);
	munmap(image, (size_t)st.st_size);
	return status;
}

/* -d: stages that the compiler prints. */
static int dump_stages(struct options *o, const struct input *in, struct diag *d)
{
	int image, status;

	if (in->is_image) {
		diag_error(d, LOC_NONE, OPTION_CONFLICT,
		        o->mode == MODE_LIST ? "-l" : "-d with a stage of the compiler", "an image");
		return 1;
	}
	status = compiler_run(o, in, o->dump.data, &image, d);
	if (image >= 0)
		close(image);
	return status;
}

static int compile_and_run(struct options *o, const struct input *in, struct diag *d)
{
	int image, status = compiler_run(o, in, NULL, &image, d);

	if (!status)
		status = run_image_fd(o, image, in->name, d);
	if (image >= 0)
		close(image);
	return status;
}

static int run_program(struct options *o, struct diag *d)
{
	bool loads = o->run.dump_libbpf || o->run.dump_verifier || o->emit;
	struct input in;
	int status = 0;

	if (!input_open(&in, o, d))
		return 1;
	if (in.is_image && o->nparams) {
		diag_error(d, LOC_NONE, IMAGE_PARAMS);
		close(in.fd);
		return 1;
	}
	if (o->dump.len)
		status = dump_stages(o, &in, d);
	if (!status && (!o->dump.len || loads)) {
		if (in.is_image)
			status = run_image_fd(o, in.fd, in.name, d);
		else
			status = compile_and_run(o, &in, d);
	}
	close(in.fd);
	return status;
}

/* -l FILE rather than -l SEARCH: a search names no file, but for accidents like "begin". */
static bool is_script(const char *search)
{
	struct stat st;

	return search && stat(search, &st) == 0 && S_ISREG(st.st_mode);
}

/* The probes that a script would attach, with -v their arguments too. */
static int list_script(struct options *o, struct diag *d)
{
	struct input in;
	int status;

	o->file = o->search;
	strbuf_adds(&o->dump, "probes");
	if (!input_open(&in, o, d))
		return 1;
	status = dump_stages(o, &in, d);
	close(in.fd);
	return status;
}

static int run_mode(struct options *o, struct diag *d)
{
	switch (o->mode) {
	case MODE_HELP:
		options_help(stdout);
		return 0;
	case MODE_VERSION:
		printf("kscope %s\n", KSCOPE_VERSION);
		return 0;
	case MODE_LIST:
		return is_script(o->search) ? list_script(o, d) : compiler_list(o, d);
	case MODE_INFO:
		return info_print(d);
	case MODE_RUN:
		break;
	}
	return run_program(o, d);
}

int main(int argc, char **argv)
{
	struct options o = { .mode = MODE_RUN };
	struct diag d;
	int status = 1;

	o.run.out = stdout;
	o.run.colour = wants_colour();
	o.params = mem_alloc(((size_t)argc + 1) * sizeof(*o.params));
	diag_init(&d, NULL, stderr, o.run.colour);
	if (options_parse(&o, argc, argv, &d))
		status = run_mode(&o, &d);
	strbuf_free(&o.dump);
	free(o.params);
	return status;
}
