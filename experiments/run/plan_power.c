/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_power.h"

#include "engine.h"
#include "past.h"
#include "power.h"
#include "stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void line(struct abl_str *out, const char *name)
{
	abl_str_printf(out, "  %-9s ", name);
}

/* What a verdict needs, in pre-trainings where they are crossed with fine-tunings. */
static int64_t needed(const struct abl_study *s)
{
	return s->verdict_from ? s->verdict_from : ABL_VERDICT_PAIRS;
}

/* Variants that are compared: placebos have a family of their own, arms are the baseline, and the
 * cells of pairs and factorials are judged by their interactions. */
static size_t compared(const struct abl_study *s)
{
	static const bool apart[ABL_VARIANT_KINDS] = {[ABL_VARIANT_PLACEBO] = true,
						      [ABL_VARIANT_ARM] = true,
						      [ABL_VARIANT_PAIR] = true,
						      [ABL_VARIANT_FACTORIAL] = true};
	size_t n = 0;

	for (size_t v = 1; v < s->variant_count; v++)
		n += !apart[s->variants[v].kind];
	return n;
}

/* What is corrected for. */
static size_t primary_rows(const struct abl_study *s)
{
	const size_t n = s->primary_count ? s->primary_count : compared(s);

	return n ? n : 1; /* a placebo alone */
}

/* The effect that is found with power .8 where differences of units spread as in the past; NaN: no
 * past. A second arm takes away half of the baseline's part. */
static double could_see(const struct abl_study *s, double sd, size_t rows)
{
	const double n = (double)s->pretrain_seeds, arms = s->baseline_arms > 1 ? sqrt(.75) : 1;

	return sd > 0 ? abl_could_see(arms * sd / sqrt(n), n - 1, ABL_LEVEL / (double)rows) : NAN;
}

/* The past of these tasks together, or of one. */
static double past_spread(const struct abl_run *run, size_t first, size_t count,
			  struct abl_str *from)
{
	const struct abl_study *s = run->plan->study;
	struct abl_past_task *tasks = abl_calloc(count, sizeof *tasks);
	double sd = NAN;

	for (size_t t = 0; t < count; t++)
		tasks[t] = (struct abl_past_task){s->tasks[first + t].spec.name,
						  abl_plan_metric(s, first + t),
						  run->plan->engine->lower_is_better(s, first + t)};
	if (!run->store ||
	    abl_read_past_spread(run->store, s->name, tasks, count, &sd, from, NULL) != 1)
		sd = NAN;
	free(tasks);
	return sd;
}

/* Do all tasks have one metric? Else the mean over them is in points. */
static bool one_metric(const struct abl_study *s)
{
	for (size_t t = 1; t < s->task_count; t++)
		if (strcmp(abl_plan_metric(s, t), abl_plan_metric(s, 0)) != 0)
			return false;
	return true;
}

static void add_score(double see, bool points, struct abl_str *out)
{
	char text[32];

	if (!isfinite(see))
		abl_str_puts(out, "unknown until two seeds are done");
	else if (points)
		abl_str_printf(out, "%.1f points", 100 * see);
	else
		abl_str_puts(out, abl_format_score(see, text));
}

/* Contrasts of cells, whose runs spread like those that the past compared: the sum of the squares
 * of their weights is 2 in a difference of two runs, 4 in the interaction of a pair, 4 / N in the
 * effect of a factor over N cells and 16 / N in an interaction there. */
static size_t add_factors(const struct abl_study *s, double sd, struct abl_str *out)
{
	const double cells = ldexp(1, (int)s->fraction.base);
	const size_t effects = s->factor_count * (s->factor_count + 1) / 2;
	const bool points = !one_metric(s);

	if (isfinite(sd))
		abl_str_puts(out, "effects of factors ");
	add_score(could_see(s, sd * sqrt(2 / cells), effects), points, out);
	if (isfinite(sd)) {
		abl_str_puts(out, ", their interactions ");
		add_score(could_see(s, sd * sqrt(8 / cells), effects), points, out);
	}
	return effects;
}

static void add_pairs(const struct abl_study *s, double sd, struct abl_str *out)
{
	size_t n = 0;

	for (size_t v = 1; v < s->variant_count; v++)
		n += s->variants[v].kind == ABL_VARIANT_PAIR;
	if (!n || !isfinite(sd))
		return;
	abl_str_puts(out, "; interactions of pairs: ");
	add_score(could_see(s, sd * sqrt(2), n), !one_metric(s), out);
	abl_str_printf(out, " (%zu comparison%s)", n, abl_plural((int64_t)n));
}

/* The task that all primary rows are on; ABL_NONE: the mean, or several. */
static size_t primary_task(const struct abl_study *s)
{
	size_t one = s->task_count > 1 ? ABL_NONE : 0;

	for (size_t i = 0; i < s->primary_count; i++) {
		if (i && s->primary[i].task != one)
			return ABL_NONE;
		one = s->primary[i].task;
	}
	return one;
}

/* The primary rows, then the rows of each task. */
static void add_sizes(const struct abl_run *run, struct abl_str *out)
{
	const struct abl_study *s = run->plan->study;
	const bool cells = s->factor_count && !s->primary_count && !compared(s);
	size_t rows = primary_rows(s);
	const size_t of_tasks = rows * s->task_count;
	const char *unit = s->crossed ? "pre-training" : "seed";
	const size_t one = primary_task(s);
	struct abl_str from = {0}, text = {0};
	double see, sd;

	abl_str_printf(&text,
		       "%s: ", one == ABL_NONE ? "mean over tasks" : s->tasks[one].spec.name);
	sd = one == ABL_NONE ? past_spread(run, 0, s->task_count, &from)
			     : past_spread(run, one, 1, &from);
	see = could_see(s, sd, rows);
	if (cells)
		rows = add_factors(s, sd, &text);
	else
		add_score(see, one == ABL_NONE && !one_metric(s), &text);
	abl_str_printf(&text, " (%zu comparison%s, %lld %s%s, power .8", rows,
		       abl_plural((int64_t)rows), (long long)s->pretrain_seeds, unit,
		       abl_plural(s->pretrain_seeds));
	if (from.length)
		abl_str_printf(&text, ", spread from '%s'", from.text);
	abl_str_puts(&text, ")");
	for (size_t t = 0; t < s->task_count && s->task_count > 1 && isfinite(see) && !cells; t++) {
		abl_str_printf(&text, "%s%s: ", t ? ", " : "; by task: ", s->tasks[t].spec.name);
		add_score(could_see(s, past_spread(run, t, 1, &from), of_tasks), false, &text);
	}
	if (s->factor_count && !cells) {
		abl_str_puts(&text, "; ");
		abl_str_printf(&text, " (%zu comparisons)", add_factors(s, sd, &text));
	}
	add_pairs(s, sd, &text);
	line(out, "can see");
	abl_str_wrap(out, 12, 12, text.text);
	abl_str_finish(&from), abl_str_finish(&text);
}

/* Seconds that all pre-trainings take, and all that comes after them. */
static void add_costs(const struct abl_run *run, double *before, double *after)
{
	*before = *after = 0;
	for (size_t i = 0; i < run->node_count; i++) {
		const struct abl_plan_stage *stage = &run->plan->stages[i];
		struct abl_forecast f;

		if (stage->kind->prepares)
			continue;
		abl_forecast_stage(run->forecasts, run->plan, i, &f);
		*(stage->task == ABL_NONE ? before : after) += f.cpu_seconds;
	}
}

/* Few pre-trainings with many fine-tunings each: what the same hours buy instead. */
static void add_crossed(const struct abl_run *run, struct abl_str *out)
{
	const struct abl_study *s = run->plan->study;
	const int64_t p = s->pretrain_seeds, f = s->finetune_seeds, wanted = needed(s);
	struct abl_str text = {0};
	double before, after, instead;

	if (!s->crossed || p >= wanted)
		return;
	add_costs(run, &before, &after);
	if (!(after > 0))
		return;
	instead = floor(((before + after) / (double)wanted - before / (double)p) /
				(after / (double)(p * f)) +
			1e-9);
	abl_str_printf(&text,
		       "%lld pre-training%s give%s no verdict on what changes pre-training: it "
		       "needs %lld; ",
		       (long long)p, abl_plural(p), p == 1 ? "s" : "", (long long)wanted);
	if (instead >= 1)
		abl_str_printf(&text, "the same hours buy %lld x %.0f", (long long)wanted, instead);
	else
		abl_str_printf(&text, "%lld x 1 takes %.1f times the hours", (long long)wanted,
			       (double)wanted * (before / (double)p + after / (double)(p * f)) /
				       (before + after));
	abl_str_printf(&text, ": 'seeds: {pretrain: %lld, finetune: %.0f}'", (long long)wanted,
		       fmax(instead, 1));
	line(out, "warning");
	abl_str_wrap(out, 12, 12, text.text);
	abl_str_finish(&text);
}

static bool is_zero(const struct abl_study *s, const struct abl_values *config, const char *prefix,
		    const char *name)
{
	struct abl_str full = {0};
	const struct abl_key *key;
	struct abl_value v = {0};

	abl_str_printf(&full, "%s%s", prefix, name);
	key = abl_space_key(s->space, full.text);
	abl_str_finish(&full);
	if (key)
		abl_values_get(config, key, &v);
	return !(key && (v.type == ABL_INT ? (double)v.i : v.r));
}

/* Does no random stream of this training depend on the trial's seed? */
static bool is_fixed(const struct abl_study *s, const struct abl_values *config, const char *prefix)
{
	return !is_zero(s, config, prefix, "init_seed") &&
	       !is_zero(s, config, prefix, "order_seed") &&
	       (!is_zero(s, config, prefix, "dropout_seed") ||
		(is_zero(s, config, prefix, "dropout") &&
		 is_zero(s, config, prefix, "attention_dropout")));
}

static bool pretrains(const struct abl_study *s, const struct abl_values *config)
{
	const struct abl_key *key = abl_space_role(s->space, ABL_KEY_PRETRAINING);
	struct abl_value v;

	if (!key)
		return false;
	abl_values_get(config, key, &v);
	return !abl_value_equal(&v, &key->none);
}

/* Seeds that change nothing: all replicates would be one. */
static void add_idle_seeds(const struct abl_study *s, struct abl_str *out)
{
	size_t idle = 0, first = 0;
	struct abl_str text = {0};

	for (size_t v = 0; v < s->variant_count && !s->program; v++) {
		const struct abl_values *config = s->variants[v].config;

		if (!is_fixed(s, config, "") ||
		    (pretrains(s, config) && !is_fixed(s, config, "pretrain_")))
			continue;
		first = idle++ ? first : v;
	}
	if (!idle || abl_plan_seeds(s) < 2)
		return;
	abl_str_printf(
		&text,
		"seeds do nothing in '%s'%s: init_seed, order_seed and dropout_seed are all "
		"set, so every replicate is the same run and there is no spread to test with",
		s->variants[first].label, idle > 1 ? " and others" : "");
	line(out, "warning");
	abl_str_wrap(out, 12, 12, text.text);
	abl_str_finish(&text);
}

void abl_plan_power(const struct abl_run *run, struct abl_str *out)
{
	const struct abl_study *s = run->plan->study;

	add_idle_seeds(s, out);
	if (s->variant_count < 2)
		return;
	if (s->pretrain_seeds >= needed(s)) {
		add_sizes(run, out);
		return;
	}
	line(out, "can see");
	abl_str_printf(out, "values only: a verdict needs %lld %s\n", (long long)needed(s),
		       s->crossed ? "pre-trainings" : "seeds");
	add_crossed(run, out);
}
