/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_stored.h"

#include "past.h"

#include <stdlib.h>
#include <string.h>

/* ---- work that others share ---- */

struct asked {
	struct abl_sharing *sharing;
	const struct abl_run *run;
	size_t *stages; /* of the keys */
	size_t last;    /* the key that was counted last, + 1 */
};

static void add_source(void *data, size_t key, const char *name)
{
	struct asked *a = data;
	const size_t kind = abl_plan_class(&a->run->plan->stages[a->stages[key]]);
	struct abl_str *names = &a->sharing->names[kind], quoted = {0};

	if (a->last != key + 1)
		a->sharing->count[kind]++;
	a->last = key + 1;
	abl_str_printf(&quoted, "'%s'", name);
	if (!names->text || !strstr(names->text, quoted.text))
		abl_str_printf(names, "%s%s", names->length ? ", " : "", quoted.text);
	abl_str_finish(&quoted);
}

void abl_sharing_read(struct abl_sharing *s, const struct abl_run *run)
{
	const char **keys = abl_calloc(run->node_count + 1, sizeof *keys);
	struct asked a = {.sharing = s,
			  .run = run,
			  .stages = abl_calloc(run->node_count + 1, sizeof *a.stages)};
	size_t count = 0;

	*s = (struct abl_sharing){0};
	for (size_t i = 0; i < run->node_count; i++)
		if (run->nodes[i].state == ABL_DONE) {
			keys[count] = run->plan->stages[i].key;
			a.stages[count++] = i;
		}
	/* a summary without these names is one, too */
	if (run->store)
		(void)!abl_read_sharing(run->store, run->plan->study->name, keys, count, add_source,
					&a, NULL);
	free(keys);
	free(a.stages);
}

void abl_sharing_add(const struct abl_sharing *s, size_t kind, size_t count, struct abl_str *out)
{
	if (!s->count[kind])
		return;
	abl_str_puts(out, " (");
	if (s->count[kind] < count)
		abl_str_printf(out, "%zu with the ", s->count[kind]);
	abl_str_printf(out, "same content as in %s)", s->names[kind].text);
}

void abl_sharing_finish(struct abl_sharing *s)
{
	for (size_t i = 0; i < ABL_KINDS_MAX; i++)
		abl_str_finish(&s->names[i]);
}

/* ---- what the stored study loses ---- */

#define NAMED 8 /* of a kind; the rest are counted */

struct names {
	struct abl_str text, last;
	size_t count;
};

/* Rows come variant by variant: a name that is not the last one is new. */
static void add_name(struct names *n, const char *name)
{
	if (n->count && !strcmp(n->last.text, name))
		return;
	if (n->count++ < NAMED)
		abl_str_printf(&n->text, "%s'%s'", n->text.length ? ", " : "", name);
	abl_str_clear(&n->last);
	abl_str_puts(&n->last, name);
}

static void finish_names(struct names *n)
{
	abl_str_finish(&n->text);
	abl_str_finish(&n->last);
}

struct leaving {
	const struct abl_plan *plan;
	const struct abl_code_change *change;
	size_t at;             /* the variant that was found last */
	struct names variants; /* that the plan has not */
	struct names changed;  /* whose numbers are of other stages */
	struct names tasks;    /* that the plan has not */
	size_t seeds;          /* trials of seeds that the plan has not */
};

/* Trials are seed by seed, then by variant, then by task. */
static const struct abl_plan_trial *find_trial(const struct abl_plan *p, size_t variant,
					       size_t task, int64_t seed)
{
	const size_t block = p->study->variant_count * p->study->task_count;

	for (size_t i = variant * p->study->task_count + task; i < p->trial_count; i += block)
		if (p->trials[i].seed == seed)
			return &p->trials[i];
	return NULL;
}

static void hear_stored(void *data, const struct abl_stored_trial *stored)
{
	struct leaving *l = data;
	const size_t variant = abl_plan_variant(l->plan, stored->variant, l->at),
		     task = abl_plan_task(l->plan, stored->task);
	const struct abl_plan_trial *trial;
	size_t scored;

	if (variant == ABL_NONE)
		add_name(&l->variants, stored->variant);
	if (task == ABL_NONE)
		add_name(&l->tasks, stored->task);
	if (variant == ABL_NONE || task == ABL_NONE)
		return;
	l->at = variant;
	trial = find_trial(l->plan, variant, task, stored->seed);
	if (!trial) {
		l->seeds++;
		return;
	}
	scored = abl_plan_stage_of(trial, "evaluate");
	if (stored->scored && scored != ABL_NONE &&
	    strcmp(stored->scored, l->plan->stages[scored].key) != 0 &&
	    !abl_code_change_is_of(l->change, stored->scored))
		add_name(&l->changed, stored->variant);
}

static void add_line(struct abl_str *out, const char *head, const struct names *n, const char *what)
{
	if (!n->count)
		return;
	abl_str_printf(out, "  %-9s %s", head, n->text.text);
	if (n->count > NAMED)
		abl_str_printf(out, " and %zu more", n->count - NAMED);
	abl_str_printf(out, ": %s\n", what);
}

int abl_plan_leaving(const struct abl_plan *plan, const struct abl_code_change *change,
		     struct abl_store *store, struct abl_str *out, struct abl_err *err)
{
	struct leaving l = {.plan = plan, .change = change};
	const size_t before = out->length;
	int rc = abl_read_stored_trials(store, plan->study->name, hear_stored, &l, err);

	if (!rc) {
		add_line(out, "leaves", &l.variants,
			 l.variants.count == 1 ? "stored variant that is not in this file"
					       : "stored variants that are not in this file");
		add_line(out, "leaves", &l.tasks, "stored, and not a task of this file");
		if (l.seeds)
			abl_str_printf(
				out,
				"  %-9s %zu stored trial%s of seeds that are not in this file\n",
				"leaves", l.seeds, abl_plural(l.seeds));
		add_line(out, "changes", &l.changed,
			 "stored numbers are of other settings, seeds or data");
	}
	if (out->length > before)
		abl_str_printf(out,
			       "  %-9s a run takes these numbers out of the tables of '%s'; if it "
			       "is another\n  %-9s study, give it another name in 'study:'\n",
			       "", plan->study->name, "");
	finish_names(&l.variants);
	finish_names(&l.changed);
	finish_names(&l.tasks);
	return rc;
}
