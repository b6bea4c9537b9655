/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_rates.h"

#include "plan_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What Adam changes of a weight in a step is about the rate, whatever the width, and a narrow layer
 * adds up fewer of such changes. Runs bear out the product of rate and width. At .0064 (128 wide,
 * 5e-5) CoLA got one class in five seeds of five and SST-2 without pre-training stayed at chance;
 * at .0128 (128 wide, 1e-4; 256 wide, 5e-5) models learn, and BERT's own rates (768 wide, 2e-5 to
 * 5e-5) are .015 to .038. docs/studies.md and ablations/studies/sst2-lr.yaml have the numbers. */
#define TOO_LOW .01
#define SUITS .038

static const char *const rates[] = {"learning_rate", NULL};

/* Raises the rate to the largest that `tune:` may choose. */
static void look_at_tuning(const struct abl_study *s, const struct abl_values *config, double *rate)
{
	struct abl_value tuning;

	if (!s->tune.key || strcmp(s->tune.key->name, "learning_rate") ||
	    !abl_plan_value(s, config, "tuning", &tuning) || !strcmp(tuning.choice, "off"))
		return;
	for (size_t i = 0; i < s->tune.value_count; i++)
		if (s->tune.values[i].r > *rate)
			*rate = s->tune.values[i].r;
}

/* One warning: a rate and a width, and where they meet. */
struct meeting {
	double rate;
	int64_t width;
	size_t variant, task, count;
};

struct meetings {
	struct meeting *items;
	size_t count, capacity;
};

static void add_meeting(struct meetings *all, struct meeting m)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].rate == m.rate && all->items[i].width == m.width) {
			all->items[i].count++;
			return;
		}
	m.count = 1;
	abl_grow(&all->items, &all->capacity, all->count + 1, sizeof *all->items);
	all->items[all->count++] = m;
}

static void look_at(const struct abl_study *s, size_t variant, size_t task, struct meetings *all)
{
	struct abl_values *config = abl_study_config(s, variant, task);
	struct abl_value rate, width, optimizer;

	if (abl_plan_value(s, config, "learning_rate", &rate) &&
	    abl_plan_value(s, config, "hidden", &width) &&
	    abl_plan_value(s, config, "optimizer", &optimizer) &&
	    strcmp(optimizer.choice, "sgd") != 0) {
		look_at_tuning(s, config, &rate.r);
		if (rate.r * (double)width.i < TOO_LOW)
			add_meeting(all, (struct meeting){.rate = rate.r,
							  .width = width.i,
							  .variant = variant,
							  .task = task});
	}
	abl_values_destroy(config);
}

static void say(const struct abl_study *s, const struct meeting *m, struct abl_str *out)
{
	char rate[32], suits[32];

	snprintf(suits, sizeof suits, "%.0e", SUITS / (double)m->width);
	abl_str_printf(
		out,
		"  warning   learning_rate %s is low for models %lld wide: they often learn\n"
		"            one class only; about %s suits ('%s' on %s",
		abl_format_real(m->rate, rate), (long long)m->width,
		abl_format_real(strtod(suits, NULL), suits), s->variants[m->variant].label,
		s->tasks[m->task].spec.name);
	if (m->count > 1)
		abl_str_printf(out, ", and %zu more", m->count - 1);
	abl_str_puts(out, ")\n");
}

void abl_plan_rates(const struct abl_study *s, struct abl_str *out)
{
	struct meetings all = {0};

	for (size_t v = 0; v < s->variant_count; v++)
		for (size_t t = 0; t < s->task_count && !s->pretraining_only &&
				   !abl_plan_varies(&s->variants[v], rates);
		     t++)
			look_at(s, v, t, &all);
	for (size_t i = 0; i < all.count; i++)
		say(s, &all.items[i], out);
	free(all.items);
}
