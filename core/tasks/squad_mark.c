/* SPDX-License-Identifier: Apache-2.0 */
/* squad_mark.c - a file of predictions against gold, by the official scripts' rules. */
#include "squad_score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct marking {
	const struct abl_mark_request *r;
	struct abl_squad gold;
	json_t *predictions, *no_answer; /* by id */
	struct abl_squad_result *results;
	size_t *order;
	size_t missing;
	bool v2;
};

/* 1.1 counts a question without a prediction as wrong; the script of 2.0 leaves it out and then
 * breaks off. */
static int score_all(struct marking *m, struct abl_err *err)
{
	m->results = abl_calloc(m->gold.count, sizeof *m->results);
	for (size_t i = 0; i < m->gold.count; i++) {
		const struct abl_squad_question *q = &m->gold.questions[i];
		const json_t *prediction = json_object_get(m->predictions, q->id);

		if (!q->labelled)
			return abl_err_set(err, ABL_EINPUT,
					   "%s: question '%s' has no 'answers': this is not a gold "
					   "file",
					   m->r->spec->test, q->id);
		if (!m->v2 && !q->answer_count)
			return abl_err_set(err, ABL_EINPUT,
					   "%s: question '%s' has no answer, in SQuAD 1.1 each has "
					   "one: is it 2.0 (squad2)?",
					   m->r->spec->test, q->id);
		if (prediction && !json_is_string(prediction))
			return abl_err_set(err, ABL_EINPUT,
					   "%s: the prediction for question '%s' is %s, not a text",
					   m->r->predictions, q->id,
					   abl_squad_type_name(prediction));
		if (!prediction && m->v2)
			return abl_err_set(err, ABL_EINPUT,
					   "%s: no prediction for question '%s': SQuAD 2.0 needs "
					   "one for each; \"\" means no answer",
					   m->r->predictions, q->id);
		m->missing += !prediction;
		m->results[i] = abl_squad_score(q, json_string_value(prediction), m->v2);
	}
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct abl_squad_question *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

static int find_id(const void *id, const void *q)
{
	return strcmp(id, (*(const struct abl_squad_question *const *)q)->id);
}

/* Probabilities, and the order they are in: that of equal ones in the script's sort. */
static int read_no_answer(struct marking *m, struct abl_err *err)
{
	size_t n = m->gold.count, found = 0;
	const struct abl_squad_question **sorted;
	const char *id;
	json_t *value;
	int rc = abl_squad_read_object(m->r->no_answer, &m->no_answer, err);

	if (rc)
		return rc;
	sorted = abl_calloc(n, sizeof *sorted);
	m->order = abl_calloc(n, sizeof *m->order);
	for (size_t i = 0; i < n; i++)
		sorted[i] = &m->gold.questions[i];
	qsort(sorted, n, sizeof *sorted, by_id);
	json_object_foreach(m->no_answer, id, value)
	{
		const struct abl_squad_question *const *q =
			bsearch(id, sorted, n, sizeof *sorted, find_id);

		if (q && json_is_number(value)) {
			size_t i = (size_t)(*q - m->gold.questions);

			m->results[i].no_answer = json_number_value(value);
			m->order[found++] = i;
		} else if (q) {
			free(sorted);
			return abl_err_set(
				err, ABL_EINPUT,
				"%s: the probability of question '%s' is %s, not a number",
				m->r->no_answer, id, abl_squad_type_name(value));
		}
	}
	free(sorted);
	return found == n ? 0
			  : abl_err_set(err, ABL_EINPUT,
					"%s: %zu of %zu questions have no probability: each needs "
					"one",
					m->r->no_answer, n - found, n);
}

int abl_squad_mark(const struct abl_mark_request *r, abl_metric_hook *emit, void *data,
		   struct abl_err *err)
{
	struct marking m = {.r = r, .v2 = r->spec->no_answer && !strcmp(r->spec->no_answer, "yes")};
	int rc = abl_squad_load(r->spec, "test", &m.gold, err);

	if (rc)
		return rc;
	if (r->no_answer && !m.v2)
		rc = abl_err_set(err, ABL_EINPUT,
				 "every question of SQuAD 1.1 has an answer: no-answer "
				 "probabilities need a task with `no_answer: yes`");
	if (!rc)
		rc = abl_squad_read_object(r->predictions, &m.predictions, err);
	if (!rc)
		rc = score_all(&m, err);
	if (!rc && r->no_answer)
		rc = read_no_answer(&m, err);
	if (!rc) {
		abl_squad_tell(&(struct abl_squad_totals){.results = m.results,
							  .count = m.gold.count,
							  .scale = 100,
							  .v2 = m.v2,
							  .order = m.order,
							  .threshold = 1},
			       emit, data);
		if (m.missing)
			emit(data, "missing", (double)m.missing);
	}
	free(m.results), free(m.order);
	json_decref(m.predictions), json_decref(m.no_answer);
	abl_squad_finish(&m.gold);
	return rc;
}
