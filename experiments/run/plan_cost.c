/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_cost.h"

#include "plan_room.h"
#include "program.h"
#include "schedule.h"
#include "when.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAMED 6 /* variants of a seed; the rest are counted */

static void put(struct abl_str *out, const char *name, struct abl_str *text)
{
	abl_str_printf(out, "  %-9s ", name);
	abl_str_wrap(out, 12, 12, text->text);
	abl_str_clear(text);
}

/* "CPU 12 min", "13.1 CPU hours" */
static void add_cpu(double seconds, struct abl_str *out)
{
	char text[32];

	if (seconds < 3600)
		abl_str_printf(out, "CPU %s", abl_format_duration(seconds, text));
	else
		abl_str_printf(out, "%.*f CPU hours", seconds < 36e4, seconds / 3600);
}

/* "1.57 EUR" */
static void add_money(const struct abl_study_price *price, double cpu_seconds, double seconds,
		      double card_seconds, struct abl_str *out)
{
	const double hours = (price->of == ABL_PRICE_CORE_HOUR ? cpu_seconds
			      : price->of == ABL_PRICE_HOUR    ? seconds
							       : card_seconds) /
			     3600,
		     sum = hours * price->amount;
	const char *currency = price->currency;

	abl_str_printf(out, "%s%s%s%.2f%s%s", sum < .005 ? "less than " : "",
		       price->before ? currency : "",
		       price->before && strlen(currency) > 2 ? " " : "", fmax(sum, .01),
		       price->before || !*currency ? "" : " ", price->before ? "" : currency);
}

static void add_price(const struct abl_study_price *price, struct abl_str *out)
{
	static const char *const units[] = {
		[ABL_PRICE_CORE_HOUR] = "core-hour",
		[ABL_PRICE_HOUR] = "hour",
		[ABL_PRICE_GPU_HOUR] = "gpu-hour",
	};
	const char *point;
	char amount[32];

	snprintf(amount, sizeof amount, "%g", price->amount);
	point = strchr(amount, '.');
	if (point && strlen(point) == 2) /* "2.1": two decimals, as money has */
		snprintf(amount, sizeof amount, "%.2f", price->amount);
	abl_str_printf(out, "%s%s%s%s%s per %s", price->before ? price->currency : "",
		       price->before && strlen(price->currency) > 2 ? " " : "", amount,
		       price->before || !*price->currency ? "" : " ",
		       price->before ? "" : price->currency, units[price->of]);
}

static void put_money(const struct abl_study *s, const struct abl_schedule *all,
		      struct abl_str *out)
{
	const struct abl_study_price *price = &s->limits.price;
	struct abl_str text = {0};

	if (!price->of)
		return;
	add_money(price, all->cpu_seconds, all->seconds, all->card_seconds, &text);
	abl_str_puts(&text, " at ");
	add_price(price, &text);
	put(out, "money", &text);
	abl_str_finish(&text);
}

static const char *name_of(const struct abl_study *s, const struct abl_plan_stage *stage)
{
	const bool named = stage->step != ABL_NONE && *s->program->steps[stage->step].name;

	return named ? s->program->steps[stage->step].name : stage->kind->one;
}

/* "pre-training CPU 20 min, 310 MiB memory, 4.2 MiB disk" of one stage of each kind that counts. */
static void put_kinds(const struct abl_run *run, const struct abl_schedule *all,
		      struct abl_str *out)
{
	const struct abl_plan_stage *first[ABL_KINDS_MAX] = {NULL};
	struct abl_str text = {0};
	char bytes[32];

	for (size_t i = 0; i < run->node_count; i++) {
		const size_t k = abl_plan_class(&run->plan->stages[i]);

		first[k] = first[k] ? first[k] : &run->plan->stages[i];
	}
	for (size_t k = 0; k < ABL_KINDS_MAX; k++) {
		const struct abl_schedule_kind *kind = &all->kinds[k];
		const double n = (double)kind->count;

		if (!kind->count ||
		    (!first[k]->kind->trains && kind->cpu_seconds < .01 * all->cpu_seconds))
			continue;
		abl_str_printf(&text, "%s%s ", text.length ? "; " : "",
			       name_of(run->plan->study, first[k]));
		if (first[k]->kind->foreign) /* it may wait for others, or for a card */
			abl_str_printf(&text, "%s, ",
				       abl_format_duration(kind->seconds / n, bytes));
		add_cpu(kind->cpu_seconds / n, &text);
		if (kind->memory > 0)
			abl_str_printf(&text, ", %s memory", abl_format_bytes(kind->memory, bytes));
		if (kind->disk > 0)
			abl_str_printf(&text, ", %s disk", abl_format_bytes(kind->disk / n, bytes));
	}
	if (text.length)
		put(out, "each", &text);
	abl_str_finish(&text);
}

static void put_growth(const struct abl_study *s, const struct abl_schedule *all,
		       struct abl_str *out)
{
	const double planned = (double)abl_plan_seeds(s);
	struct abl_str text = {0};
	char duration[32];

	if (!(s->seeds_until > 0) || (double)s->seeds_max <= planned)
		return;
	abl_str_printf(
		&text, "if it grows to all %lld seeds: %s more, ", (long long)s->seeds_max,
		abl_format_duration(all->seconds / planned * ((double)s->seeds_max - planned),
				    duration));
	add_cpu(all->cpu_seconds / planned * ((double)s->seeds_max - planned), &text);
	put(out, "", &text);
	abl_str_finish(&text);
}

/* ---- by when ---- */

struct seed_fits { /* of the trials of one replicate */
	int64_t seed;
	size_t fits, trials;
};

/* "'baseline', 'no nsp' and 3 more": variants all of whose trials of the seed fit. */
static void add_variants(const struct abl_run *run, const struct abl_schedule *s, int64_t seed,
			 struct abl_str *out)
{
	const struct abl_plan *p = run->plan;
	size_t *missing = abl_calloc(p->study->variant_count + 1, sizeof *missing), named = 0,
	       more = 0;
	bool *has = abl_calloc(p->study->variant_count + 1, sizeof *has);

	for (size_t i = 0; i < p->trial_count; i++)
		if (p->trials[i].seed == seed && abl_run_wants(run, i)) {
			missing[p->trials[i].variant] += !s->fits[i];
			has[p->trials[i].variant] = true;
		}
	for (size_t v = 0; v < p->study->variant_count; v++) {
		if (!has[v] || missing[v])
			continue;
		if (named < NAMED)
			abl_str_printf(out, "%s'%s'", named++ ? ", " : "",
				       p->study->variants[v].label);
		else
			more++;
	}
	if (more)
		abl_str_printf(out, " and %zu more", more);
	if (!named)
		abl_str_puts(out, "no variant whole");
	free(missing), free(has);
}

static struct seed_fits *count_seeds(const struct abl_run *run, const struct abl_schedule *s,
				     size_t *count)
{
	const struct abl_plan *p = run->plan;
	struct seed_fits *seeds = abl_calloc(p->trial_count + 1, sizeof *seeds);

	*count = 0;
	for (size_t i = 0; i < p->trial_count; i++) { /* they come seed by seed */
		if (!abl_run_wants(run, i))
			continue;
		if (!*count || seeds[*count - 1].seed != p->trials[i].seed)
			seeds[(*count)++].seed = p->trials[i].seed;
		seeds[*count - 1].trials++;
		seeds[*count - 1].fits += s->fits[i];
	}
	return seeds;
}

/* "seeds 1 to 3; of seed 4 'baseline', 'no nsp'" */
static void add_seeds(const struct abl_run *run, const struct abl_schedule *s, struct abl_str *out)
{
	size_t count, whole = 0, partly = 0;
	struct seed_fits *seeds = count_seeds(run, s, &count);
	char first[32], last[32];

	while (whole < count && seeds[whole].fits == seeds[whole].trials)
		whole++;
	if (whole)
		abl_str_printf(out, ": seed%s %s%s%s", whole == 1 ? "" : "s",
			       abl_format_seed(seeds[0].seed, first),
			       whole > 2   ? " to "
			       : whole > 1 ? " and "
					   : "",
			       whole > 1 ? abl_format_seed(seeds[whole - 1].seed, last) : "");
	for (size_t i = whole; i < count; i++) {
		if (!seeds[i].fits)
			continue;
		if (partly++ == 2) {
			abl_str_puts(out, "; and some of later ones");
			break;
		}
		abl_str_printf(out, "%s of seed %s ", whole || partly > 1 ? ";" : ":",
			       abl_format_seed(seeds[i].seed, first));
		add_variants(run, s, seeds[i].seed, out);
	}
	free(seeds);
}

static void put_deadline(const struct abl_run *run, struct abl_str *out)
{
	const time_t now = time(NULL);
	const double left = run->by - (double)now;
	struct abl_schedule s;
	struct abl_str text = {0};
	size_t fits = 0, total = abl_run_total(run);
	char when[32], duration[32];

	abl_schedule_make(&s, run, fmax(left, 0));
	for (size_t i = 0; i < run->plan->trial_count; i++)
		fits += abl_run_wants(run, i) && s.fits[i];
	abl_str_printf(&text, "%s, in %s: ", abl_when_text((time_t)run->by, now, when),
		       abl_format_duration(fmax(left, 0), duration));
	if (s.unknown) {
		abl_str_puts(&text, "what fits is not known yet; it stops then");
	} else if (fits == total) {
		abl_str_printf(&text, "all %zu trial%s fit%s", total, abl_plural((int64_t)total),
			       total == 1 ? "s" : "");
	} else {
		abl_str_printf(&text, "%zu of %zu trials fit", fits, total);
		add_seeds(run, &s, &text);
		abl_str_printf(&text, "; %zu %s left to the next run", total - fits,
			       total - fits == 1 ? "is" : "are");
	}
	put(out, "by", &text);
	abl_schedule_finish(&s);
	abl_str_finish(&text);
}

/* ---- all of it ---- */

static void put_estimate(const struct abl_run *run, const struct abl_schedule *all,
			 struct abl_str *out)
{
	const time_t now = time(NULL);
	struct abl_str text = {0};
	char buffer[32];

	abl_str_printf(&text, "%s%s", all->rough ? "roughly " : "",
		       abl_format_duration(all->seconds, buffer));
	if (all->seconds > 90)
		abl_str_printf(&text, " (until %s)",
			       abl_when_text(now + (time_t)all->seconds, now, buffer));
	abl_str_puts(&text, ", ");
	add_cpu(all->cpu_seconds, &text);
	if (all->memory > 0)
		abl_str_printf(&text, "; about %s memory", abl_format_bytes(all->memory, buffer));
	if (all->disk > 0)
		abl_str_printf(&text, ", %s disk", abl_format_bytes(all->disk, buffer));
	put(out, "estimate", &text);
	abl_str_puts(&text, all->rough
				    ? "by the rate of this machine, measured now; better once each "
				      "kind of stage has run here"
				    : "by what such stages took here");
	put(out, "", &text);
	abl_str_finish(&text);
}

void abl_plan_cost(const struct abl_run *run, struct abl_str *out)
{
	struct abl_schedule all;
	struct abl_str text = {0};
	double memory = 0;

	abl_schedule_make(&all, run, INFINITY);
	for (size_t k = 0; k < ABL_KINDS_MAX; k++)
		memory = fmax(memory, all.kinds[k].memory);
	if (all.unknown) {
		abl_str_puts(&text, "not known before the first run has ended");
		put(out, "estimate", &text);
	} else if (all.stages) {
		put_estimate(run, &all, out);
		put_kinds(run, &all, out);
		put_growth(run->plan->study, &all, out);
		put_money(run->plan->study, &all, out);
	}
	if (run->by > 0 && all.stages)
		put_deadline(run, out);
	if (all.stages && memory > 0 && run->workers > run->elsewhere)
		abl_plan_room(&(struct abl_plan_wants){.memory = memory,
						       .workers = run->workers - run->elsewhere,
						       .disk = all.disk,
						       .folder = run->place},
			      out);
	abl_schedule_finish(&all);
	abl_str_finish(&text);
}
