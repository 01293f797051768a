/* SPDX-License-Identifier: Apache-2.0 */
/* The pass list: what happens to a script, in order, a line per pass. */
#include "compile/compile.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "check/check.h"
#include "codegen/codegen.h"
#include "lang/errors.h"
#include "lang/layout.h"
#include "lang/seal.h"
#include "parser/parser.h"
#include "probes/probes.h"
#include "system/machine.h"

struct state {
	struct arena *arena;
	struct diag *diag;
	const struct source *source;
	const struct compile_options *options;
	struct probes probes;
	struct node *script;
	struct unit *unit;
	struct codegen *codegen;
	void *image;
	size_t len;
};

static void pass_parse(struct state *s)
{
	const char *defines[] = { "BPFTRACE_HAVE_BTF", NULL };
	struct parse_options o = { .defines = defines };

	s->script = parse_script(s->arena, s->source, s->diag, &o);
}

static void pass_check(struct state *s)
{
	struct check_options o = {
		.params = s->options->params, .nparams = s->options->nparams, .unsafe = s->options->unsafe
	};

	s->unit = check_script(s->arena, s->diag, s->script, s->source, &o, &s->probes);
	s->unit->program->kernel_id = machine_kernel_id(s->arena);
	/* Offsets of tracepoints' records and of structs are this kernel's. */
	s->unit->program->kernel_bound = true;
}

static void pass_codegen(struct state *s)
{
	s->unit->program->helper_errors = s->options->helper_errors;
	s->codegen = codegen_create(s->arena, s->diag, s->unit, s->options->source_path);
	codegen_build(s->codegen);
}

static void pass_optimize(struct state *s)
{
	codegen_optimize(s->codegen);
}

static void pass_emit(struct state *s)
{
	s->image = codegen_emit(s->codegen, &s->len);
	if (s->image)
		s->image = seal_add(s->arena, s->image, &s->len);
}

static void dump_ast(struct state *s, FILE *out)
{
	struct strbuf b = { 0 };

	ast_print(&b, s->script, 0);
	fwrite(b.data, 1, b.len, out);
	strbuf_free(&b);
}

static void dump_types(struct state *s, FILE *out)
{
	struct strbuf b = { 0 };

	for (unsigned i = 0; i < s->unit->nactions; i++) {
		const struct action *a = &s->unit->actions[i];

		strbuf_addf(&b, "program %s (%u probe%s)\n", a->prog, a->nprobes, a->nprobes == 1 ? "" : "s");
		ast_print(&b, a->node, 1);
	}
	for (unsigned i = 0; i < s->unit->program->nmaps; i++) {
		const struct map *m = &s->unit->program->maps[i];

		strbuf_addf(&b, "map %s", m->name);
		if (m->key)
			strbuf_addf(&b, "[%s]", type_name(s->arena, m->key));
		strbuf_addf(&b, ": %s\n", type_name(s->arena, m->value));
	}
	fwrite(b.data ? b.data : "", 1, b.len, out);
	strbuf_free(&b);
}

/* Verbose: with their arguments, as the listing of all probes shows them. */
static void dump_probes(struct state *s, FILE *out)
{
	for (unsigned i = 0; i < s->unit->program->nprobes; i++) {
		const struct probe *p = &s->unit->program->probes[i];
		enum context context = probe_rows[p->type].context;

		if (!s->options->verbose || context == CTX_NONE || context == CTX_TIMER)
			fprintf(out, "%s\n", p->name);
		else
			probes_list(&s->probes, p->name, true, out);
	}
}

static void dump_ir(struct state *s, FILE *out)
{
	codegen_print_ir(s->codegen, out);
}

static void dump_asm(struct state *s, FILE *out)
{
	codegen_print_asm(s->codegen, out);
}

/* What travels in the image's description, a line per thing. */
static void dump_image(struct state *s, FILE *out)
{
	const struct program *p = s->unit->program;

	fprintf(out, "image of %zu bytes, for kernel %s, slots of %u bytes\n", s->len, p->kernel_id,
	        p->slot_size);
	for (unsigned i = 0; i < p->nprobes; i++)
		fprintf(out, "probe %u %s: program %s\n", i, p->probes[i].name, p->probes[i].prog);
	for (unsigned i = 0; i < p->nmaps; i++)
		fprintf(out, "map %s: BPF map %s, key of %u bytes, value of %u, %u entries\n",
		        p->maps[i].name, p->maps[i].bpf_name, layout_map_key(&p->maps[i]),
		        layout_map_value(&p->maps[i]), p->maps[i].max_entries);
	for (unsigned i = 0; i < p->nevents; i++)
		fprintf(out, "event %u: %u to %u bytes\n", i, p->events[i].fixed_size, p->events[i].max_size);
}

const char compile_stages[] = "ast types probes codegen codegen-opt dis image";

static const struct pass {
	const char *name;
	void (*run)(struct state *s);
	struct {
		const char *stage;
		void (*print)(struct state *s, FILE *out);
	} dumps[2];
} passes[] = {
	/* Requires text; guarantees a tree of the whole syntax, or errors. */
	{ "parse", pass_parse, { { "ast", dump_ast } } },
	/* Requires a tree; guarantees probes expanded, names bound, every expression typed, layouts set. */
	{ "check", pass_check, { { "types", dump_types }, { "probes", dump_probes } } },
	/* Requires a unit without errors; guarantees IR for each action, and the slot's size. */
	{ "codegen", pass_codegen, { { "codegen", dump_ir } } },
	/* Requires IR; guarantees that it passed LLVM's verifier and the pipeline. */
	{ "optimize", pass_optimize, { { "codegen-opt", dump_ir }, { "dis", dump_asm } } },
	/* Requires optimized IR; guarantees an object with the program's description, sealed. */
	{ "emit", pass_emit, { { "image", dump_image } } },
};

static bool wants(const char *list, const char *stage)
{
	size_t n = strlen(stage);

	for (const char *p = list; p && *p; p = strchr(p, ','), p = p ? p + 1 : NULL) {
		size_t len = strcspn(p, ",");

		if ((len == n && strncmp(p, stage, n) == 0) || (len == 3 && strncmp(p, "all", 3) == 0))
			return true;
	}
	return false;
}

/* Prints the stages asked for; true when none of those asked for comes later. */
static bool dump(struct state *s, const struct pass *p)
{
	const struct compile_options *o = s->options;

	for (unsigned i = 0; i < 2 && o->dump && p->dumps[i].stage; i++) {
		if (wants(o->dump, p->dumps[i].stage))
			p->dumps[i].print(s, o->dump_out);
	}
	for (const struct pass *later = p + 1; later < passes + sizeof(passes) / sizeof(passes[0]); later++) {
		for (unsigned i = 0; i < 2; i++) {
			if (later->dumps[i].stage && wants(o->dump, later->dumps[i].stage))
				return false;
		}
	}
	return true;
}

void *compile(struct arena *a, struct diag *d, const struct source *source, const struct compile_options *o,
        size_t *len)
{
	struct state s = { .arena = a, .diag = d, .source = source, .options = o };

	s.probes = (struct probes){ .arena = a, .diag = d, .params = o->params, .nparams = o->nparams };
	for (unsigned i = 0; i < sizeof(passes) / sizeof(passes[0]); i++) {
		passes[i].run(&s);
		if (d->errors || (dump(&s, &passes[i]) && o->dump))
			break;
	}
	if (s.codegen)
		codegen_destroy(s.codegen);
	probes_release(&s.probes);
	*len = s.len;
	return d->errors ? NULL : s.image;
}
