/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aggregations: each CPU has its own words (lang/layout.h: AGG_*), added to
 * atomically, since a probe may interrupt another on the same CPU. Reading one merges
 * all CPUs.
 */
#include <stddef.h>

#include "codegen/gen.h"

typedef void (*agg_update)(struct codegen *g, const struct type *t, value p, value v);

static void add(struct codegen *g, value p, unsigned word, value v)
{
	LLVMBuildAtomicRMW(
	        g->b, LLVMAtomicRMWBinOpAdd, gen_offset(g, p, 8 * word), v, LLVMAtomicOrderingMonotonic, 0);
}

static void update_COUNT(struct codegen *g, const struct type *t, value p, value v)
{
	(void)t;
	(void)v;
	add(g, p, AGG_COUNT_N, gen_int(g, 1));
}

static void update_SUM(struct codegen *g, const struct type *t, value p, value v)
{
	(void)t;
	add(g, p, AGG_SUM_SUM, v);
	gen_store_int(g, gen_int(g, 1), gen_offset(g, p, 8 * AGG_SUM_SET), 8);
}

static void update_AVG(struct codegen *g, const struct type *t, value p, value v)
{
	(void)t;
	add(g, p, AGG_AVG_SUM, v);
	add(g, p, AGG_AVG_N, gen_int(g, 1));
}

#define update_STATS update_AVG

/* Puts new in the place of old; yields what was there, which differs from old when it did not. */
static value swap(struct codegen *g, value p, value old, value new)
{
	value seen = LLVMBuildAtomicCmpXchg(g->b, p, old, new, LLVMAtomicOrderingSequentiallyConsistent,
	        LLVMAtomicOrderingSequentiallyConsistent, 0);

	return LLVMBuildExtractValue(g->b, seen, 0, "");
}

/*
 * Keeps the highest code. Another probe on this CPU may come between the look and
 * the exchange: then it is tried again, twice, which is more often than probes nest there.
 */
static void update_MAX(struct codegen *g, const struct type *t, value p, value v)
{
	LLVMBasicBlockRef end = gen_block(g, "kept");
	value code = v, old, seen;

	if (t->is_signed)
		code = LLVMBuildXor(g->b, code, gen_int(g, 1ULL << 63), "");
	if (t->kind == TYPE_MIN)
		code = LLVMBuildNot(g->b, code, "");
	gen_store_int(g, gen_int(g, 1), gen_offset(g, p, 8 * AGG_MIN_MAX_SET), 8);
	for (unsigned i = 0; i < 3; i++) {
		LLVMBasicBlockRef higher = gen_block(g, "higher"), again = gen_block(g, "again");

		old = gen_load(g, p, 8, false);
		gen_cond(g, gen_cmp(g, LLVMIntUGT, code, old), higher, end);
		gen_at(g, higher);
		seen = swap(g, p, old, code);
		gen_cond(g, gen_cmp(g, LLVMIntEQ, seen, old), end, again);
		gen_at(g, again);
	}
	gen_br(g, end);
	gen_at(g, end);
}

#define update_MIN update_MAX

/* floor(log2(v)) of v > 0, by halving. */
static value gen_log2(struct codegen *g, value v)
{
	value result = gen_int(g, 0);

	for (unsigned bit = 32; bit; bit /= 2) {
		value high = gen_cmp(g, LLVMIntUGE, v, gen_int(g, 1ULL << bit));
		value shift = LLVMBuildSelect(g->b, high, gen_int(g, bit), gen_int(g, 0), "");

		v = LLVMBuildLShr(g->b, v, shift, "");
		result = LLVMBuildOr(g->b, result, shift, "");
	}
	return result;
}

/* Adds to a bucket whose index the verifier must see to be in range. */
static void add_bucket(struct codegen *g, value p, value index, unsigned buckets)
{
	LLVMBasicBlockRef good = gen_block(g, "bucket"), end = gen_block(g, "bucketed");

	gen_cond(g, gen_cmp(g, LLVMIntULT, index, gen_int(g, buckets)), good, end);
	gen_at(g, good);
	p = gen_offset_value(g, p, LLVMBuildShl(g->b, index, gen_int(g, 3), ""));
	LLVMBuildAtomicRMW(g->b, LLVMAtomicRMWBinOpAdd, p, gen_int(g, 1), LLVMAtomicOrderingMonotonic, 0);
	gen_br(g, end);
	gen_at(g, end);
}

/* The same as layout_hist_index(). */
static void update_HIST(struct codegen *g, const struct type *t, value p, value n)
{
	uint32_t bits = t->agg.bits;
	LLVMBasicBlockRef positive = gen_block(g, "positive"), small = gen_block(g, "small");
	LLVMBasicBlockRef large = gen_block(g, "large"), end = gen_block(g, "indexed");
	value index = gen_local(g), group;

	gen_set(g, index, gen_int(g, 0));
	gen_cond(g, gen_cmp(g, LLVMIntSLT, n, gen_int(g, 0)), end, positive);
	gen_at(g, positive);
	gen_cond(g, gen_cmp(g, LLVMIntULT, n, gen_int(g, 1ULL << bits)), small, large);
	gen_at(g, small);
	gen_set(g, index, LLVMBuildAdd(g->b, n, gen_int(g, 1), ""));
	gen_br(g, end);
	gen_at(g, large);
	group = LLVMBuildSub(g->b, gen_log2(g, n), gen_int(g, bits), "");
	n = LLVMBuildAdd(g->b, LLVMBuildLShr(g->b, n, group, ""), gen_int(g, 1), "");
	gen_set(g, index, LLVMBuildAdd(g->b, n, LLVMBuildShl(g->b, group, gen_int(g, bits), ""), ""));
	gen_br(g, end);
	gen_at(g, end);
	add_bucket(g, p, gen_get(g, index), layout_hist_buckets(bits));
}

static void update_LHIST(struct codegen *g, const struct type *t, value p, value n)
{
	unsigned buckets = layout_lhist_buckets(t);
	value min = gen_int(g, (uint64_t)t->agg.min), index, below, above;

	index = LLVMBuildUDiv(g->b, LLVMBuildSub(g->b, n, min, ""), gen_int(g, (uint64_t)t->agg.step), "");
	index = LLVMBuildAdd(g->b, index, gen_int(g, 1), "");
	above = gen_cmp(g, LLVMIntSGE, n, gen_int(g, (uint64_t)t->agg.max));
	index = LLVMBuildSelect(g->b, above, gen_int(g, buckets - 1), index, "");
	below = gen_cmp(g, LLVMIntSLT, n, min);
	index = LLVMBuildSelect(g->b, below, gen_int(g, 0), index, "");
	add_bucket(g, p, index, buckets);
}

/*
 * Takes what an older epoch left out of a bucket. What another probe on this CPU adds meanwhile
 * stays, since only that is taken which was there before the bucket got its new epoch.
 */
static void renew_bucket(struct codegen *g, const struct type *t, value p, value epoch)
{
	LLVMBasicBlockRef older = gen_block(g, "older"), first = gen_block(g, "first");
	LLVMBasicBlockRef end = gen_block(g, "renewed");
	value words = gen_offset(g, p, 8 * AGG_TSERIES_VALUE), old = gen_load(g, p, 8, false), left[2];

	gen_cond(g, gen_cmp(g, LLVMIntULT, old, epoch), older, end);
	gen_at(g, older);
	for (unsigned i = 0; i < 2; i++)
		left[i] = gen_load(g, gen_offset(g, words, 8 * i), 8, false);
	gen_cond(g, gen_cmp(g, LLVMIntEQ, swap(g, p, old, epoch), old), first, end);
	gen_at(g, first);
	if (t->kind == TYPE_MIN || t->kind == TYPE_MAX)
		swap(g, words, left[0], gen_int(g, 0));
	for (unsigned i = 0; i < 2 && (t->kind == TYPE_SUM || t->kind == TYPE_AVG); i++)
		add(g, words, i, LLVMBuildNeg(g->b, left[i], ""));
	gen_br(g, end);
	gen_at(g, end);
}

static void update_TSERIES(struct codegen *g, const struct type *t, value p, value v)
{
	const unsigned size = 8 * AGG_TSERIES_WORDS;
	struct type kept = layout_tseries_bucket(t);
	LLVMBasicBlockRef good = gen_block(g, "bucket"), end = gen_block(g, "bucketed");
	value now = gen_helper(g, HELPER_BOOT_NS, 0), epoch, offset;

	epoch = LLVMBuildUDiv(g->b, now, gen_int(g, (uint64_t)t->agg.step), "");
	offset = LLVMBuildURem(g->b, epoch, gen_int(g, (uint64_t)t->agg.max), "");
	/* Hidden, or LLVM would drop the comparison: the verifier cannot see what a remainder is below. */
	offset = gen_opaque(g, LLVMBuildMul(g->b, offset, gen_int(g, size), ""));
	gen_cond(g, gen_cmp(g, LLVMIntULE, offset, gen_int(g, size * (uint64_t)(t->agg.max - 1))), good, end);
	gen_at(g, good);
	p = gen_offset_value(g, p, offset);
	renew_bucket(g, &kept, p, epoch);
	p = gen_offset(g, p, 8 * AGG_TSERIES_VALUE);
	if (kept.kind == TYPE_AVG) {
		update_AVG(g, &kept, p, v);
	} else if (kept.kind == TYPE_SUM) {
		update_SUM(g, &kept, p, v);
	} else if (kept.kind == TYPE_TSERIES) {
		gen_store_int(g, v, p, 8);
		gen_store_int(g, now, gen_offset(g, p, 8), 8);
	} else {
		update_MAX(g, &kept, p, v);
	}
	gen_br(g, end);
	gen_at(g, end);
}

static const struct {
	int func;
	agg_update update;
} updates[] = {
#define AGG(id, ...) { FUNC_##id, update_##id },
#include "lang/aggregations.def"
};

void gen_agg_update(struct codegen *g, struct node *assign)
{
	const struct map *m = &g->program->maps[assign->a->map];
	LLVMBasicBlockRef end = gen_block(g, "aggregated");
	/* The argument first: it may ask for the element that this one makes. */
	value v = assign->b->list ? gen_value(g, assign->b->list) : NULL;
	value key = gen_map_key(g, assign->a), p = gen_map_ensure(g, m, key, end);

	for (unsigned i = 0; i < sizeof(updates) / sizeof(updates[0]); i++) {
		if (updates[i].func == assign->b->func)
			updates[i].update(g, m->value, p, v);
	}
	gen_br(g, end);
	gen_at(g, end);
}

/* --- reading --- */

/* What one CPU's words do to the running result (two locals). */
static void merge(struct codegen *g, const struct type *t, value p, value first, value second)
{
	value a = gen_load(g, p, 8, false), old = gen_get(g, first), higher;

	if (t->kind == TYPE_MIN || t->kind == TYPE_MAX) {
		higher = gen_cmp(g, LLVMIntUGT, a, old);
		gen_set(g, first, LLVMBuildSelect(g->b, higher, a, old, ""));
	} else {
		gen_set(g, first, LLVMBuildAdd(g->b, old, a, ""));
	}
	if (t->kind != TYPE_COUNT) {
		a = gen_load(g, gen_offset(g, p, 8), 8, false);
		gen_set(g, second, LLVMBuildAdd(g->b, gen_get(g, second), a, ""));
	}
}

static value finish(struct codegen *g, const struct type *t, value first, value second)
{
	value unset = gen_cmp(g, LLVMIntEQ, second, gen_int(g, 0));

	switch ((int)t->kind) {
	case TYPE_COUNT:
	case TYPE_SUM:
		return first;
	case TYPE_AVG:
	case TYPE_STATS:
		return gen_arith(g, OP_DIV, first, second, t->is_signed);
	default:
		if (t->kind == TYPE_MIN)
			first = LLVMBuildNot(g->b, first, "");
		if (t->is_signed)
			first = LLVMBuildXor(g->b, first, gen_int(g, 1ULL << 63), "");
		return LLVMBuildSelect(g->b, unset, gen_int(g, 0), first, "");
	}
}

struct cpu_loop {
	LLVMBasicBlockRef body, next, end;
	value cpu;
};

/* Begins a loop over all CPUs; yields the words of one that has them. */
static value each_cpu(struct codegen *g, const struct map *m, value key, struct cpu_loop *l)
{
	LLVMBasicBlockRef have = gen_block(g, "cpu_has");
	value p;

	l->body = gen_block(g, "cpu");
	l->next = gen_block(g, "cpu_next");
	l->end = gen_block(g, "cpu_end");
	l->cpu = gen_local(g);
	gen_set(g, l->cpu, gen_int(g, 0));
	gen_br(g, l->body);
	gen_at(g, l->body);
	p = gen_helper(g, HELPER_PERCPU_ELEM, 3, g->maps[m->id], key, gen_get(g, l->cpu));
	p = LLVMBuildIntToPtr(g->b, p, g->ptr, "");
	gen_cond(g, LLVMBuildIsNull(g->b, p, ""), l->next, have);
	gen_at(g, have);
	return p;
}

/* The condition stands at the end, so that a jump leads back: see gen_equal_words(). */
static void each_cpu_end(struct codegen *g, struct cpu_loop *l)
{
	value ncpus;

	gen_br(g, l->next);
	gen_at(g, l->next);
	ncpus = gen_machine(g, offsetof(struct machine, ncpus), 4);
	gen_set(g, l->cpu, LLVMBuildAdd(g->b, gen_get(g, l->cpu), gen_int(g, 1), ""));
	gen_cond(g, gen_cmp(g, LLVMIntULT, gen_get(g, l->cpu), ncpus), l->body, l->end);
	gen_at(g, l->end);
}

value gen_agg_read(struct codegen *g, const struct map *m, value key)
{
	value first = gen_local(g), second = gen_local(g);
	struct cpu_loop l;

	gen_set(g, first, gen_int(g, 0));
	gen_set(g, second, gen_int(g, 0));
	merge(g, m->value, each_cpu(g, m, key, &l), first, second);
	each_cpu_end(g, &l);
	return finish(g, m->value, gen_get(g, first), gen_get(g, second));
}

void gen_agg_clear(struct codegen *g, const struct map *m, value key)
{
	struct cpu_loop l;

	gen_zero(g, each_cpu(g, m, key, &l), layout_map_value(m));
	each_cpu_end(g, &l);
}
