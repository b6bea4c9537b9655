/* SPDX-License-Identifier: Apache-2.0 */
/* span_report.c - what came out: figures, files, an answer to someone who asked. */
#include "files.h"
#include "json.h"
#include "span_internal.h"
#include "squad_score.h"
#include "str.h"
#include "utf8.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

/* ---- figures ---- */

static size_t score_questions(const struct abl_task *t, struct abl_squad_result *results,
			      size_t *order)
{
	struct abl_str text = {0};
	size_t n = 0;

	for (size_t i = 0; i < t->question_count; i++) {
		const struct span_question *q = &t->questions[i];

		if (!q->gold->labelled)
			continue;
		results[n] = abl_squad_score(q->gold, span_best_text(t, q, &text), t->no_answer);
		results[n].no_answer = span_best_none(q);
		order[n] = n;
		n++;
	}
	abl_str_finish(&text);
	return n;
}

void span_report_score(const struct abl_task *t, abl_metric_hook *emit, void *data)
{
	struct abl_squad_result *results = abl_calloc(t->question_count, sizeof *results);
	size_t *order = abl_calloc(t->question_count, sizeof *order);
	size_t n = score_questions(t, results, order), none = 0;
	/* the threshold is in the predictions already; no probability is above 1 */
	struct abl_squad_totals totals = {.results = results,
					  .count = n,
					  .scale = 1,
					  .v2 = t->no_answer,
					  .order = order,
					  .threshold = 1};

	for (size_t i = 0; t->no_answer && i < n; i++)
		none += !results[i].has_answer;
	if (n) {
		abl_squad_tell(&totals, emit, data);
		/* always to say that there is no answer */
		emit(data, "majority", (double)none / (double)n);
		emit(data, "f1_majority", (double)none / (double)n);
	}
	if (t->no_answer)
		emit(data, "threshold", t->threshold);
	emit(data, "examples", (double)n);
	free(results), free(order);
}

/* ---- files ---- */

/* A cell of a table: its tabs and line ends become blanks. */
static void put_cell(struct abl_str *out, const char *text)
{
	for (; *text; text++)
		abl_str_add(out, strchr("\t\r\n", *text) ? " " : text, 1);
}

/* What each question adds to exact match and F1; nothing where gold does not say. */
static void put_scores(struct abl_str *out, const struct abl_task *t, const struct span_question *q,
		       const char *answer)
{
	struct abl_squad_result scored;

	if (!q->gold->labelled) {
		abl_str_puts(out, "\t\t\n");
		return;
	}
	scored = abl_squad_score(q->gold, answer, t->no_answer);
	abl_str_printf(out, "\t%.0f\t%.6f\n", scored.exact, scored.f1);
}

int span_report_write(const struct abl_task *t, const char *path, struct abl_err *err)
{
	struct abl_str out = {0}, text = {0};
	int rc;

	abl_str_puts(&out, "id\tgold\tprediction\tprobability\tno_answer\texact\tf1\n");
	for (size_t i = 0; i < t->question_count; i++) {
		const struct span_question *q = &t->questions[i];

		put_cell(&out, q->gold->id);
		abl_str_puts(&out, "\t");
		put_cell(&out, q->gold->answer_count ? q->gold->answers[0].text : "");
		abl_str_puts(&out, "\t");
		put_cell(&out, span_best_text(t, q, &text));
		abl_str_printf(&out, "\t%.5f\t%.5f", span_best_probability(t, q),
			       t->no_answer ? span_best_none(q) : 0.0);
		put_scores(&out, t, q, span_best_text(t, q, &text));
	}
	rc = abl_file_write(path, out.text, out.length, err);
	abl_str_finish(&out), abl_str_finish(&text);
	return rc;
}

static int write_object(const char *path, struct abl_json *j, struct abl_err *err)
{
	struct abl_str text = {0};
	int rc = abl_json_end(j, JSON_INDENT(1) | JSON_REAL_PRECISION(17), path, &text, err);

	rc = rc ? rc : abl_file_write(path, text.text, text.length, err);
	abl_str_finish(&text);
	return rc;
}

int span_report_submit(const struct abl_task *t, const char *path, struct abl_err *err)
{
	struct abl_json answers, none;
	struct abl_str text = {0};
	int rc;

	abl_json_begin(&answers), abl_json_begin(&none);

	for (size_t i = 0; i < t->question_count; i++) {
		const struct span_question *q = &t->questions[i];

		abl_json_text(&answers, answers.root, q->gold->id, span_best_text(t, q, &text));
		abl_json_real(&none, none.root, q->gold->id, span_best_none(q));
	}
	rc = write_object(path, &answers, err);
	abl_str_clear(&text);
	abl_str_printf(&text, "%s.na-prob.json", path);
	if (!rc && t->no_answer)
		rc = write_object(text.text, &none, err);
	abl_json_finish(&none);
	abl_str_finish(&text);
	return rc;
}

/* ---- an answer ---- */

void span_report_answer(const struct abl_task *t, struct abl_str *out)
{
	const struct span_question *q = &t->questions[0];
	const struct span_candidate *c = span_best_answer(t, q);
	double probability = span_best_probability(t, q);
	struct abl_str text = {0};
	char share[32];

	if (c)
		abl_str_printf(out, "%s\tcharacters %zu to %zu\tprobability %s\n",
			       span_best_text(t, q, &text),
			       abl_utf8_points(q->gold->context, c->begin),
			       abl_utf8_points(q->gold->context, c->end),
			       abl_format_share(probability, share));
	else
		abl_str_printf(out, "no answer\tprobability %s\n",
			       abl_format_share(probability, share));
	abl_str_finish(&text);
}
