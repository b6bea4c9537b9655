/* SPDX-License-Identifier: Apache-2.0 */
/* span.c - an answer that stands in a passage, word for word: SQuAD 1.1 and 2.0 (with questions
 * that have none). The file format is squad.h's, windows and answers are BERT's (Devlin et al. 2019
 * and its run_squad.py), figures those of the official scripts, here as shares of 1. */
#include "span_internal.h"
#include "split_rows.h"
#include "squad_score.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

enum { STRIDE = 128, MAX_QUESTION = 64, N_BEST = 20, MAX_ANSWER = 30 };
enum { N_BEST_MAX = 1000 }; /* pairs are looked through one by one */

static void destroy(struct abl_task *t)
{
	if (!t)
		return;
	abl_squad_finish(&t->squad);
	abl_ids_finish(&t->ids);
	abl_piece_places_finish(&t->places);
	free(t->questions), free(t->windows), free(t->candidates);
	free(t);
}

static size_t or_default(int64_t value, size_t other)
{
	return value > 0 ? (size_t)value : other;
}

static int create(struct abl_task **out, const struct abl_task_spec *spec, struct abl_err *err)
{
	struct abl_task *t;

	if (spec->n_best > N_BEST_MAX)
		return abl_err_set(err, ABL_EINPUT, "task '%s': 'n_best' is %lld, at most %d",
				   spec->name, (long long)spec->n_best, N_BEST_MAX);
	*out = t = abl_calloc(1, sizeof *t);
	t->no_answer = spec->no_answer && !strcmp(spec->no_answer, "yes");
	t->stride = or_default(spec->stride, STRIDE);
	t->max_question = or_default(spec->max_question, MAX_QUESTION);
	t->n_best = or_default(spec->n_best, N_BEST);
	t->max_answer = or_default(spec->max_answer, MAX_ANSWER);
	return 0;
}

static int finish_loading(struct abl_task **out, int rc, const struct abl_task_tools *tools,
			  struct abl_err *err)
{
	if (!rc)
		rc = span_windows_make(*out, tools, err);
	if (rc) {
		destroy(*out);
		*out = NULL;
	}
	return rc;
}

static int load(struct abl_task **out, const struct abl_task_spec *spec, const char *split,
		const struct abl_task *train, const struct abl_task_tools *tools,
		struct abl_err *err)
{
	int rc = create(out, spec, err);

	(void)train; /* an answer's place is no label that others would have to share */
	if (rc)
		return rc;
	return finish_loading(out, abl_squad_load(spec, split, &(*out)->squad, err), tools, err);
}

static int ask(struct abl_task **out, const struct abl_task_spec *spec, const char *const *texts,
	       size_t count, const struct abl_task_tools *tools, struct abl_err *err)
{
	int rc;

	if (count != 2)
		return abl_err_set(err, ABL_EINPUT,
				   "task '%s' takes two texts, a question and a passage: %zu given",
				   spec->name, count);
	rc = create(out, spec, err);
	if (rc)
		return rc;
	return finish_loading(out, abl_squad_ask(texts[0], texts[1], &(*out)->squad, err), tools,
			      err);
}

static size_t left_out(const struct abl_task *t)
{
	return abl_left_out_count(&t->squad.left_out);
}

static size_t count(const struct abl_task *t)
{
	return t->window_count;
}

static size_t answers(const struct abl_task *t)
{
	return t->question_count;
}

static void labels(const struct abl_task *t, struct abl_str *out)
{
	(void)t;
	abl_str_puts(out, "");
}

static const char *span_answer(size_t i, const void *data)
{
	const struct abl_squad_question *q = &((const struct abl_squad *)data)->questions[i];

	return q->answer_count && !q->impossible ? "(answer)" : NULL;
}

static uint64_t span_group(size_t i, const void *data)
{
	return ((const struct abl_squad *)data)->questions[i].group;
}

static size_t span_words(size_t i, const void *data)
{
	const struct abl_squad_question *q = &((const struct abl_squad *)data)->questions[i];

	return abl_count_words(q->text) + abl_count_words(q->context);
}

/* Questions on passages; a group is an article, or a paragraph. */
static int describe(struct abl_split_rows *d, const char *split, struct abl_err *err)
{
	struct abl_squad s;
	int rc = abl_squad_load(d->spec, split, &s, err);

	if (rc)
		return rc;
	(void)abl_split_rows_add_items(d, split,
				       &(struct abl_split_items){.count = s.count,
								 .left_out = &s.left_out,
								 .label = span_answer,
								 .group = span_group,
								 .words = span_words,
								 .data = &s},
				       NULL);
	abl_squad_finish(&s);
	return 0;
}

static const char *const metrics[] = {"f1", "exact_match", "exact", NULL};

const struct abl_task_type abl_task_span = {
	.facts = &abl_facts_span,
	.help = "an answer within a passage (SQuAD 1.1 and 2.0)",
	.metrics = metrics,
	.load = load,
	.ask = ask,
	.destroy = destroy,
	.count = count,
	.left_out = left_out,
	.answers = answers,
	.labels = labels,
	.subset = span_windows_subset,
	.put = span_windows_put,
	.collect = span_best_collect,
	.calibrate = span_best_calibrate,
	.use_decided = span_best_threshold,
	.score = span_report_score,
	.write = span_report_write,
	.submit = span_report_submit,
	.answer = span_report_answer,
	.note = span_windows_note,
	.describe = describe,
	.mark = abl_squad_mark,
};
