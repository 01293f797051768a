/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiler as a child process. It inherits stdout and stderr, gets the
 * source in one descriptor and leaves the image in another, a memfd, so nothing is
 * written to disk and a compiler that dies half-way is noticed by its status.
 */
#include "kscope/compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "lang/errors.h"

#define MAX_ARGS 24

static bool write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* All that can still be read from fd, in a memfd; -1 with errno. */
static int copy_to_memory(int fd)
{
	int memory = memfd_create("kscope-source", MFD_CLOEXEC);
	char block[16384];
	ssize_t n = 0;

	while (memory >= 0 && (n = read(fd, block, sizeof(block))) > 0) {
		if (!write_all(memory, block, (size_t)n)) {
			n = -1;
			break;
		}
	}
	if (memory >= 0 && n < 0) {
		int err = errno;

		close(memory);
		errno = err;
		return -1;
	}
	if (memory >= 0)
		lseek(memory, 0, SEEK_SET);
	return memory;
}

static int open_file(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC), memory;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return fd;
	if (S_ISDIR(st.st_mode)) {
		close(fd);
		errno = EISDIR;
		return -1;
	}
	if (S_ISREG(st.st_mode))
		return fd;
	memory = copy_to_memory(fd);
	close(fd);
	return memory;
}

static int open_text(const char *text)
{
	int fd = memfd_create("kscope-source", MFD_CLOEXEC);

	if (fd >= 0 && write_all(fd, text, strlen(text)))
		lseek(fd, 0, SEEK_SET);
	return fd;
}

bool input_open(struct input *in, const struct options *o, struct diag *d)
{
	char magic[4];

	*in = (struct input){ .fd = -1 };
	if (o->program) {
		in->name = "-e";
		in->fd = open_text(o->program);
	} else if (strcmp(o->file, "-") == 0) {
		in->name = "stdin";
		in->fd = copy_to_memory(STDIN_FILENO);
	} else {
		in->name = o->file;
		in->fd = open_file(o->file);
	}
	if (in->fd < 0) {
		diag_error(d, LOC_NONE, FILE_UNREADABLE, in->name, strerror(errno));
		return false;
	}
	in->is_image =
	        pread(in->fd, magic, sizeof(magic), 0) == sizeof(magic) && memcmp(magic, "\177ELF", 4) == 0;
	return true;
}

/* Beside this executable (the build tree), in ../libexec/kscope, or where KSCOPE_COMPILER says. */
static char *find_compiler(void)
{
	static const char *const places[] = { "kscope-compile", "../libexec/kscope/kscope-compile" };
	const char *wish = getenv("KSCOPE_COMPILER");
	char self[PATH_MAX], *path = NULL;
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (wish && *wish)
		return mem_strdup(wish);
	self[len > 0 ? len : 0] = 0;
	dirname(self);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		free(path);
		path = mem_alloc(strlen(self) + strlen(places[i]) + 2);
		stpcpy(stpcpy(stpcpy(path, self), "/"), places[i]);
		if (access(path, X_OK) == 0)
			return path;
	}
	free(path);
	return mem_strdup(KSCOPE_LIBEXECDIR "/kscope-compile");
}

/* Returns the compiler's exit status, 1 after an error of the process, which is reported; *finished tells
 * them apart. */
static int run_process(char **argv, const int *fds, size_t nfds, bool *finished, struct diag *d)
{
	posix_spawn_file_actions_t actions;
	int err, status;
	pid_t pid;

	*finished = false;
	posix_spawn_file_actions_init(&actions);
	/* Onto itself: the copy survives exec. */
	for (size_t i = 0; i < nfds; i++)
		posix_spawn_file_actions_adddup2(&actions, fds[i], fds[i]);
	fflush(NULL);
	err = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err) {
		diag_error(d, LOC_NONE, COMPILER_MISSING, argv[0], strerror(err));
		return 1;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE) {
		/* Whoever read what it printed has seen enough. */
		*finished = false;
		return 0;
	}
	if (WIFSIGNALED(status)) {
		diag_error(d, LOC_NONE, COMPILER_KILLED, strsignal(WTERMSIG(status)));
		return 1;
	}
	*finished = true;
	return WEXITSTATUS(status);
}

static char **compile_arguments(const struct options *o, const struct input *in, const char *dump,
        char *source, char *image, char *path)
{
	char **argv = mem_alloc((MAX_ARGS + (size_t)o->nparams) * sizeof(*argv));
	size_t n = 0;

	argv[n++] = path;
	argv[n++] = (char *)"--source-fd";
	argv[n++] = source;
	argv[n++] = (char *)"--image-fd";
	argv[n++] = image;
	argv[n++] = (char *)"--name";
	argv[n++] = (char *)(uintptr_t)in->name;
	if (dump) {
		argv[n++] = (char *)"--dump";
		argv[n++] = (char *)(uintptr_t)dump;
	}
	if (o->run.unsafe)
		argv[n++] = (char *)"--unsafe";
	if (o->helper_errors)
		argv[n++] = (char *)"--helper-errors";
	if (o->run.colour)
		argv[n++] = (char *)"--colour";
	if (o->run.json)
		argv[n++] = (char *)"--json";
	if (o->run.verbose)
		argv[n++] = (char *)"--verbose";
	if (o->run.no_warnings)
		argv[n++] = (char *)"--no-warnings";
	argv[n++] = (char *)"--";
	for (int i = 0; i < o->nparams; i++)
		argv[n++] = o->params[i];
	argv[n] = NULL;
	return argv;
}

int compiler_run(
        const struct options *o, const struct input *in, const char *dump, int *image_fd, struct diag *d)
{
	char source[16], image[16], *path = find_compiler(), **argv;
	int fds[2], status;
	bool finished;

	*image_fd = memfd_create("kscope-image", MFD_CLOEXEC);
	if (*image_fd < 0) {
		diag_error(d, LOC_NONE, FILE_UNWRITABLE, "memory", strerror(errno));
		free(path);
		return 1;
	}
	fds[0] = in->fd;
	fds[1] = *image_fd;
	snprintf(source, sizeof(source), "%d", in->fd);
	snprintf(image, sizeof(image), "%d", *image_fd);
	argv = compile_arguments(o, in, dump, source, image, path);
	status = run_process(argv, fds, 2, &finished, d);
	if (finished && (status > 1 || (!status && !dump && lseek(*image_fd, 0, SEEK_END) <= 0))) {
		diag_error(d, LOC_NONE, COMPILER_FAILED, status);
		status = 1;
	}
	free(argv);
	free(path);
	return status;
}

int compiler_list(const struct options *o, struct diag *d)
{
	char *argv[7], *path = find_compiler();
	bool finished;
	size_t n = 0;
	int status;

	argv[n++] = path;
	argv[n++] = (char *)"--list";
	if (o->run.verbose)
		argv[n++] = (char *)"--verbose";
	if (o->run.colour)
		argv[n++] = (char *)"--colour";
	if (o->run.json)
		argv[n++] = (char *)"--json";
	if (o->search)
		argv[n++] = (char *)(uintptr_t)o->search;
	argv[n] = NULL;
	status = run_process(argv, NULL, 0, &finished, d);
	if (finished && status > 1) {
		diag_error(d, LOC_NONE, COMPILER_FAILED, status);
		status = 1;
	}
	free(path);
	return status;
}

int compiler_versions(struct diag *d)
{
	char *path = find_compiler(), *argv[] = { path, (char *)"--versions", NULL };
	bool finished;
	int status = run_process(argv, NULL, 0, &finished, d);

	free(path);
	return status;
}
