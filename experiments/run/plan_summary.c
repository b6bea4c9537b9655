/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_summary.h"

#include "inputs.h"
#include "engine.h"
#include "plan_cost.h"
#include "plan_design.h"
#include "plan_power.h"
#include "plan_program.h"
#include "plan_rates.h"
#include "plan_steps.h"
#include "plan_stored.h"
#include "plan_tasks.h"
#include "plan_value.h"
#include "program.h"
#include "progress.h"
#include "retry.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

static void line(struct abl_str *out, const char *name)
{
	abl_str_printf(out, "  %-9s ", name);
}

/* "36 pre-trainings", "32 runs", "32 x train" */
static void add_count(const struct abl_plan_stage *stage, const struct abl_study *study, size_t n,
		      struct abl_str *out)
{
	if (stage->step != ABL_NONE && *study->program->steps[stage->step].name)
		abl_str_printf(out, "%zu x %s", n, abl_plan_stage_name(study, stage));
	else
		abl_str_printf(out, "%zu %s", n, n == 1 ? stage->kind->one : stage->kind->many);
}

/* "36 pre-trainings, 72 fine-tunings" of the stages that `which` wants, tuning runs apart, and
 * (sharing not NULL) which other studies have them. False: none. */
static bool add_kinds(const struct abl_run *run, bool (*which)(const struct abl_node *),
		      const struct abl_sharing *sharing, struct abl_str *out)
{
	const struct abl_plan_stage *first[ABL_KINDS_MAX] = {NULL};
	size_t count[ABL_KINDS_MAX] = {0};
	bool any = false;

	for (size_t i = 0; i < run->node_count; i++) {
		const size_t k = abl_plan_class(&run->plan->stages[i]);

		count[k] += which(&run->nodes[i]);
		first[k] = first[k] ? first[k] : &run->plan->stages[i];
	}
	/* what takes the time; the small stages are named where there is nothing else */
	for (int trains = 1; trains >= 0 && !any; trains--)
		for (size_t k = 0; k < ABL_KINDS_MAX; k++) {
			if (!count[k] || (trains && !first[k]->kind->trains))
				continue;
			abl_str_puts(out, any && trains ? ", " : "");
			add_count(first[k], run->plan->study, count[k], out);
			if (sharing)
				abl_sharing_add(sharing, k, count[k], out);
			any = true;
			if (!trains)
				break;
		}
	return any;
}

static bool is_done(const struct abl_node *n)
{
	return n->state == ABL_DONE;
}

static bool is_to_run(const struct abl_node *n)
{
	return n->state == ABL_WAITING && n->blocked == ABL_NONE && !n->held;
}

/* Points that make no trials, counted by rule. */
static void add_dropped(const struct abl_study *s, struct abl_str *out)
{
	static const char *const words[] = {
		[ABL_NOTE_EXCLUDED] = "by the exclude rule",
		[ABL_NOTE_INCLUDED] = "that no include rule matches",
		[ABL_NOTE_INVALID] = "that cannot be",
		[ABL_NOTE_DUPLICATE] = "the same as",
		[ABL_NOTE_IMPLIED] = "",
	};

	for (size_t i = 0; i < s->dropped_count; i++) {
		const struct abl_study_note *n = &s->dropped[i];
		const bool one_by_one =
			n->kind == ABL_NOTE_INVALID || n->kind == ABL_NOTE_DUPLICATE;
		size_t same = 0;
		bool seen = false;

		for (size_t k = 0; k < s->dropped_count && !one_by_one; k++) {
			const struct abl_study_note *o = &s->dropped[k];
			bool equal = o->kind == n->kind && !strcmp(o->text, n->text);

			seen |= equal && k < i;
			same += equal;
		}
		if (seen)
			continue;
		line(out, "dropped");
		if (n->kind == ABL_NOTE_DUPLICATE)
			abl_str_printf(out, "'%s': the same as '%s'", n->label, n->text);
		else if (n->kind == ABL_NOTE_INVALID)
			abl_str_printf(out, "'%s': %s", n->label, n->text);
		else
			abl_str_printf(out, "%zu point%s %s%s%s", same, abl_plural(same),
				       words[n->kind], *n->text ? " " : "", n->text);
		if (n->place)
			abl_str_printf(out, " at %s", n->place);
		abl_str_puts(out, "\n");
	}
}

static void add_implied(const struct abl_study *s, struct abl_str *out)
{
	for (size_t i = 0; i < s->implied_count; i++) {
		const struct abl_study_note *n = &s->implied[i];

		line(out, "implied");
		abl_str_printf(out, "%s ('%s'", n->text, n->label);
		if (n->count > 1)
			abl_str_printf(out, " and %zu more", n->count - 1);
		abl_str_puts(out, ")\n");
	}
}

/* A training that several tasks share. */
static bool is_pretraining(const struct abl_plan_stage *stage)
{
	return stage->kind->trains && stage->task == ABL_NONE;
}

/* Lines of text, each below the word "note". */
static void add_notes(struct abl_str *out, const char *notes)
{
	struct abl_str text = {0};

	for (const char *p = notes; p && *p; p += strcspn(p, "\n") + 1) {
		abl_str_clear(&text);
		abl_str_add(&text, p, strcspn(p, "\n"));
		line(out, "note");
		abl_str_wrap(out, 12, 12, text.text);
	}
	abl_str_finish(&text);
}

/* Seconds that sharing saves: what the trials would cost one by one, less what they cost. */
static void add_shared(const struct abl_run *run, struct abl_str *out)
{
	size_t pretrained = 0, nodes = 0;
	double saved = 0;
	bool known = true;
	char text[32];

	for (size_t i = 0; i < run->plan->trial_count; i++)
		pretrained += !abl_values_lacks(
			run->plan->study->variants[run->plan->trials[i].variant].config,
			ABL_KEY_PRETRAINING);
	for (size_t i = 0; i < run->plan->stage_count; i++) {
		const struct abl_plan_stage *stage = &run->plan->stages[i];
		struct abl_forecast f;

		if (!is_pretraining(stage))
			continue;
		nodes++;
		abl_forecast_stage(run->forecasts, run->plan, i, &f);
		known &= f.known;
		if (stage->serves > 1)
			saved += (double)(stage->serves - 1) * f.cpu_seconds;
	}
	if (run->plan->program)
		return;
	if (run->plan->study->init) {
		line(out, "starts");
		abl_str_printf(
			out, "from %s (%lld layer%s of %lld)\n", run->plan->study->init,
			(long long)abl_plan_int(run->plan->study,
						run->plan->study->variants[0].config, "layers"),
			abl_plural(abl_plan_int(run->plan->study,
						run->plan->study->variants[0].config, "layers")),
			(long long)abl_plan_int(run->plan->study,
						run->plan->study->variants[0].config, "hidden"));
		add_notes(out, run->plan->study->init_notes);
		return;
	}
	add_notes(out, run->plan->study->vocab_notes);
	if (!pretrained) {
		line(out, "training");
		abl_str_puts(out, "from scratch: no 'pretraining:' in the study\n");
		return;
	}
	if (run->plan->study->pretraining_only)
		return;
	line(out, "shared");
	abl_str_printf(out, "%zu pre-training%s serve%s %zu trial%s", nodes, abl_plural(nodes),
		       nodes == 1 ? "s" : "", pretrained, abl_plural(pretrained));
	if (saved >= 1)
		abl_str_printf(out, " (saves %s%s)", known ? "" : "about ",
			       abl_format_duration(saved, text));
	abl_str_puts(out, "\n");
}

static void add_tuning(const struct abl_run *run, struct abl_str *out)
{
	const struct abl_study *study = run->plan->study;
	size_t open = 0, runs = 0;

	if (!study->tune.key)
		return;
	for (size_t i = 0; i < run->plan->tune_count; i++)
		open += run->plan->tunes[i].chosen == ABL_NONE ? run->plan->tunes[i].task_count : 0;
	for (size_t i = 0; i < run->plan->stage_count; i++)
		runs += run->plan->stages[i].tuned != ABL_NONE && run->plan->stages[i].kind->trains;
	line(out, "tuning");
	abl_str_printf(out, "%s of %zu values by %s: %zu run%s", study->tune.key->name,
		       study->tune.value_count,
		       study->program ? study->program->metrics[study->tune.metric].name
		       : study->tune.by == ABL_TUNE_DEV ? "dev (every number will be marked so)"
							: "held-back",
		       runs, abl_plural(runs));
	if (open)
		abl_str_printf(out, ", then %zu %s%s", open * (size_t)abl_plan_seeds(study),
			       study->program ? "trial" : "fine-tuning",
			       abl_plural((int64_t)open * abl_plan_seeds(study)));
	abl_str_puts(out, "\n");
}

static void add_work(const struct abl_run *run, struct abl_str *out)
{
	const size_t staying = abl_retry_staying(run), diverged = run->failed - staying;
	struct abl_sharing sharing;
	struct abl_str text = {0};

	abl_sharing_read(&sharing, run);
	if (add_kinds(run, is_done, &sharing, &text)) {
		line(out, "done");
		abl_str_printf(out, "%s\n", text.text);
	}
	abl_sharing_finish(&sharing);
	if (diverged) {
		line(out, "failed");
		abl_str_printf(out, "%zu trial%s, not run again: %s %s\n", diverged,
			       abl_plural(diverged), diverged == 1 ? "it" : "they",
			       run->plan->program ? "diverged, with this code and these values"
						  : "would diverge again, bit for bit");
	}
	if (staying) {
		line(out, "failed");
		abl_str_printf(out, "%zu trial%s, tried as often as 'retry:' allows\n", staying,
			       abl_plural(staying));
	}
	abl_str_clear(&text);
	line(out, "to run");
	if (!add_kinds(run, is_to_run, NULL, &text)) {
		abl_str_printf(out, "nothing: everything is done%s\n",
			       staying ? " or has failed" : "");
	} else if (run->where) {
		abl_str_printf(out, "%s, %d stage%s at a time\n", text.text, run->workers,
			       abl_plural(run->workers));
		line(out, "on");
		abl_str_wrap(out, 12, 12, run->where);
	} else {
		abl_str_printf(out, "%s on %d worker%s x %d thread%s\n", text.text, run->workers,
			       abl_plural(run->workers), run->threads, abl_plural(run->threads));
	}
	abl_str_finish(&text);
}

void abl_plan_summary(const struct abl_run *run, struct abl_str *out)
{
	const struct abl_study *y = run->plan->study;

	abl_str_printf(out, "%s: %zu variant%s x %zu task%s x %lld seed%s = %zu trial%s\n", y->name,
		       y->variant_count, abl_plural(y->variant_count), y->task_count,
		       abl_plural(y->task_count), (long long)abl_plan_seeds(y),
		       abl_plural(abl_plan_seeds(y)), run->plan->trial_count,
		       abl_plural(run->plan->trial_count));
	if (run->growth)
		abl_str_puts(out, run->growth);
	if (run->leaving)
		abl_str_puts(out, run->leaving);
	if (run->plan->program)
		abl_plan_program(run->plan, out);
	else
		abl_plan_tasks(run->plan, out);
	abl_plan_design(y, out);
	add_dropped(y, out);
	add_implied(y, out);
	if (run->changed)
		abl_str_puts(out, run->changed);
	if (!run->plan->program)
		abl_plan_rates(y, out), abl_plan_steps(y, out);
	add_shared(run, out);
	add_tuning(run, out);
	abl_inputs_summary(run, out);
	add_work(run, out);
	abl_plan_cost(run, out);
	abl_plan_power(run, out);
}
