/* SPDX-License-Identifier: Apache-2.0 */
/* The command line. The first word that is no option is FILE, or with -e the first argument of the program.
 */
#include "kscope/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "lang/errors.h"

#define DUMP_STAGES "ast|types|probes|codegen|codegen-opt|dis|image|libbpf|verifier|all"

static bool set_program(struct options *o, const char *value, struct diag *d)
{
	(void)d;
	o->program = value;
	return true;
}

static bool set_command(struct options *o, const char *value, struct diag *d)
{
	(void)d;
	o->run.command = value;
	return true;
}

static bool set_pid(struct options *o, const char *value, struct diag *d)
{
	uint64_t pid;

	if (!str_to_u64(value, &pid) || !pid || pid > INT32_MAX) {
		diag_error(d, LOC_NONE, OPTION_VALUE, "-p", "the number of a process", value);
		return false;
	}
	o->run.pid = (pid_t)pid;
	return true;
}

static bool set_list(struct options *o, const char *value, struct diag *d)
{
	(void)value;
	(void)d;
	o->mode = MODE_LIST;
	return true;
}

static bool set_output(struct options *o, const char *value, struct diag *d)
{
	(void)d;
	o->output = value;
	return true;
}

static bool set_emit(struct options *o, const char *value, struct diag *d)
{
	(void)d;
	o->emit = value;
	return true;
}

static bool set_quiet(struct options *o, const char *value, struct diag *d)
{
	(void)value;
	(void)d;
	o->run.quiet = true;
	return true;
}

static bool set_verbose(struct options *o, const char *value, struct diag *d)
{
	(void)value;
	(void)d;
	o->run.verbose = true;
	return true;
}

static bool set_dry_run(struct options *o, const char *value, struct diag *d)
{
	(void)value;
	(void)d;
	o->run.dry_run = true;
	return true;
}

static bool set_unsafe(struct options *o, const char *value, struct diag *d)
{
	(void)value;
	(void)d;
	o->run.unsafe = true;
	return true;
}

static bool set_no_warnings(struct options *o, const char *value, struct diag *d)
{
	(void)value;
	o->run.no_warnings = d->no_warnings = true;
	return true;
}

static bool set_helper_errors(struct options *o, const char *value, struct diag *d)
{
	(void)value;
	(void)d;
	o->helper_errors = true;
	return true;
}

static bool set_buffering(struct options *o, const char *value, struct diag *d)
{
	static const struct {
		const char *name;
		enum buffering mode;
	} modes[] = { { "line", BUFFER_LINE }, { "full", BUFFER_FULL }, { "none", BUFFER_NONE } };

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		if (strcmp(value, modes[i].name) == 0) {
			o->run.buffering = modes[i].mode;
			return true;
		}
	}
	diag_error(d, LOC_NONE, OPTION_VALUE, "-B", "none, line or full", value);
	return false;
}

static bool set_format(struct options *o, const char *value, struct diag *d)
{
	o->run.json = d->json = strcmp(value, "json") == 0;
	if (o->run.json || strcmp(value, "text") == 0)
		return true;
	diag_error(d, LOC_NONE, OPTION_VALUE, "-f", "text or json", value);
	return false;
}

static bool is_stage(const char *name, size_t len)
{
	const char *p = DUMP_STAGES;

	for (;;) {
		size_t n = strcspn(p, "|");

		if (n == len && strncmp(p, name, len) == 0)
			return true;
		if (!p[n])
			return false;
		p += n + 1;
	}
}

/* The stages of the loader are ours, all others the compiler's. */
static void add_stage(struct options *o, const char *name, size_t len)
{
	bool all = len == 3 && strncmp(name, "all", len) == 0;

	if (all || strncmp(name, "libbpf", len) == 0)
		o->run.dump_libbpf = true;
	if (all || strncmp(name, "verifier", len) == 0)
		o->run.dump_verifier = true;
	if (all || (strncmp(name, "libbpf", len) != 0 && strncmp(name, "verifier", len) != 0)) {
		if (o->dump.len)
			strbuf_addc(&o->dump, ',');
		strbuf_add(&o->dump, name, len);
	}
}

static bool set_dump(struct options *o, const char *value, struct diag *d)
{
	size_t n;

	for (const char *p = value;; p += n + 1) {
		n = strcspn(p, ",");
		if (!is_stage(p, n)) {
			diag_error(d, LOC_NONE, OPTION_VALUE, "-d",
			        "a list of ast, types, codegen, codegen-opt, dis, image, libbpf, verifier, "
			        "all",
			        value);
			return false;
		}
		add_stage(o, p, n);
		if (!p[n])
			return true;
	}
}

static bool set_version(struct options *o, const char *value, struct diag *d)
{
	(void)value;
	(void)d;
	o->mode = MODE_VERSION;
	return true;
}

static bool set_info(struct options *o, const char *value, struct diag *d)
{
	(void)value;
	(void)d;
	o->mode = MODE_INFO;
	return true;
}

static bool set_help(struct options *o, const char *value, struct diag *d)
{
	(void)value;
	(void)d;
	o->mode = MODE_HELP;
	return true;
}

const struct option_row option_rows[] = {
	{ 'e', NULL, "PROGRAM", set_program, "run this program", NULL },
	{ 'c', NULL, "CMD", set_command, "run CMD once the probes are attached; its exit ends the trace",
	        NULL },
	{ 'p', NULL, "PID", set_pid, "trace this process only; its exit ends the trace", NULL },
	{ 'l', NULL, NULL, set_list,
	        "list the probes or types (\"struct X\") that match SEARCH, or those of a script; -v: in "
	        "full",
	        NULL },
	{ 'o', NULL, "FILE", set_output, "write the output to FILE", NULL },
	{ 'f', NULL, "FORMAT", set_format, "format of the output: text (default), json (an object a line)",
	        "text|json" },
	{ 'B', NULL, "MODE", set_buffering, "buffering of the output: line (default), full, none",
	        "line|full|none" },
	{ 'q', "quiet", NULL, set_quiet, "do not say how many probes are attached", NULL },
	{ 'v', "verbose", NULL, set_verbose, "say more", NULL },
	{ 'd', NULL, "STAGES", set_dump,
	        "print stages and stop: ast, types, probes, codegen, codegen-opt, dis, image, libbpf, "
	        "verifier, "
	        "all",
	        DUMP_STAGES },
	{ 0, "dry-run", NULL, set_dry_run, "load and attach, then end", NULL },
	{ 0, "emit", "FILE", set_emit, "write the compiled image to FILE, which kscope FILE runs", NULL },
	{ 0, "unsafe", NULL, set_unsafe, "allow functions that change the system", NULL },
	{ 0, "no-warnings", NULL, set_no_warnings, "print errors only", NULL },
	{ 'k', NULL, NULL, set_helper_errors,
	        "warn of reads of memory that failed, with their places in the script", NULL },
	{ 0, "info", NULL, set_info, "print what this kernel and this kscope can do", NULL },
	{ 'V', "version", NULL, set_version, "print the version", NULL },
	{ 'h', "help", NULL, set_help, "print this help", NULL },
};

#define NROWS (sizeof(option_rows) / sizeof(*option_rows))

const size_t option_count = NROWS;

void options_help(FILE *out)
{
	fprintf(out, "Usage: kscope [options] FILE [args]        run a script or an image; - is stdin\n"
	             "       kscope [options] -e PROGRAM [args]\n"
	             "       kscope -l [SEARCH|FILE]\n\n");
	for (size_t i = 0; i < NROWS; i++) {
		const struct option_row *r = &option_rows[i];
		char names[64];

		if (!r->doc)
			continue;
		snprintf(names, sizeof(names), "%c%c%s%s%s%s%s", r->short_name ? '-' : ' ',
		        r->short_name ? r->short_name : ' ',
		        r->short_name && r->long_name ? ", "
		        : r->long_name                ? "  "
		                                      : "",
		        r->long_name ? "--" : "", r->long_name ? r->long_name : "", r->argument ? " " : "",
		        r->argument ? r->argument : "");
		fprintf(out, "  %-22s %s\n", names, r->doc);
	}
	fprintf(out, "\nExamples:\n"
	             "  kscope -e 'tracepoint:syscalls:sys_enter_openat { @[comm] = count(); }'\n"
	             "  kscope -e 'profile:hz:99 { @[comm] = count(); }' -c 'sleep 1'\n"
	             "  kscope -l 'tracepoint:sched:*'\n");
}

static const struct option_row *find_short(char name)
{
	for (size_t i = 0; i < NROWS; i++)
		if (option_rows[i].short_name == name)
			return &option_rows[i];
	return NULL;
}

static const struct option_row *find_long(const char *name, size_t len)
{
	for (size_t i = 0; i < NROWS; i++)
		if (option_rows[i].long_name && strlen(option_rows[i].long_name) == len &&
		        strncmp(option_rows[i].long_name, name, len) == 0)
			return &option_rows[i];
	return NULL;
}

/* The words of the command line, and which one comes next. */
struct words {
	char **argv;
	int argc, next;
};

/* --name, --name=value, --name value */
static bool parse_long(struct options *o, struct words *w, struct diag *d)
{
	const char *word = w->argv[w->next++], *name = word + 2;
	size_t len = strcspn(name, "=");
	const struct option_row *r = find_long(name, len);
	const char *value = name[len] ? name + len + 1 : NULL;

	if (!r) {
		diag_error(d, LOC_NONE, OPTION_UNKNOWN, word);
		return false;
	}
	if (!r->argument && value) {
		diag_error(d, LOC_NONE, OPTION_NO_ARGUMENT, word);
		return false;
	}
	if (r->argument && !value && w->next < w->argc)
		value = w->argv[w->next++];
	if (r->argument && !value) {
		diag_error(d, LOC_NONE, OPTION_ARGUMENT, word);
		return false;
	}
	return r->set(o, value, d);
}

/* -qv, -pPID, -p PID */
static bool parse_short(struct options *o, struct words *w, struct diag *d)
{
	const char *word = w->argv[w->next++];

	for (const char *p = word + 1; *p; p++) {
		const struct option_row *r = find_short(*p);
		char name[3] = { '-', *p, 0 };
		const char *value = NULL;

		if (!r) {
			diag_error(d, LOC_NONE, OPTION_UNKNOWN, name);
			return false;
		}
		if (r->argument) {
			value = p[1] ? p + 1 : w->next < w->argc ? w->argv[w->next++] : NULL;
			if (!value) {
				diag_error(d, LOC_NONE, OPTION_ARGUMENT, name);
				return false;
			}
		}
		if (!r->set(o, value, d))
			return false;
		if (value)
			break;
	}
	return true;
}

/* FILE, SEARCH, or an argument of the script. */
static void take_word(struct options *o, char *word)
{
	if (o->mode == MODE_LIST && !o->search)
		o->search = word;
	else if (!o->program && !o->file)
		o->file = word;
	else
		o->params[o->nparams++] = word;
}

/* Options may stand behind FILE too, as in bpftrace: kscope FILE -c CMD. A "--" ends them. */
static bool parse_words(struct options *o, struct words *w, struct diag *d)
{
	while (w->next < w->argc) {
		char *word = w->argv[w->next];
		bool ok = true;

		if (strcmp(word, "--") == 0) {
			w->next++;
			while (w->next < w->argc)
				o->params[o->nparams++] = w->argv[w->next++];
		} else if (word[0] != '-' || !word[1]) {
			take_word(o, word);
			w->next++;
		} else {
			ok = word[1] == '-' ? parse_long(o, w, d) : parse_short(o, w, d);
		}
		if (!ok)
			return false;
	}
	return true;
}

bool options_parse(struct options *o, int argc, char **argv, struct diag *d)
{
	struct words w = { argv, argc, 1 };

	if (!parse_words(o, &w, d))
		return false;
	if (o->mode == MODE_HELP || o->mode == MODE_VERSION || o->mode == MODE_INFO)
		return true;
	/* kscope -l: a search that stands in front of -l was taken for a file. */
	if (o->mode == MODE_LIST) {
		if (!o->search)
			o->search = o->file;
		return true;
	}
	if (o->program && o->file) {
		diag_error(d, LOC_NONE, OPTION_CONFLICT, "-e", o->file);
		return false;
	}
	if (o->run.command && o->run.pid) {
		diag_error(d, LOC_NONE, OPTION_CONFLICT, "-c", "-p");
		return false;
	}
	if (!o->program && !o->file) {
		diag_error(d, LOC_NONE, NO_PROGRAM);
		return false;
	}
	return true;
}
