/* SPDX-License-Identifier: Apache-2.0 */
/* program_metrics.c - the numbers that a study with `command:` is about, and its predictions. */
#include "hint.h"
#include "node_value.h"
#include "program_source.h"
#include "study_name.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_BYTES 64

static int read_choice(const struct abl_node *map, const char *name, const char *const *words,
		       bool *second, struct abl_err *err)
{
	const struct abl_option row = {.name = name, .type = ABL_CHOICE, .choices = words};
	const struct abl_node *n = abl_node_get(map, name);
	const char *word = NULL;
	int rc = n ? abl_program_value(n, &row, &word, err) : 0;

	*second = word == words[1];
	return rc;
}

static int read_text(const struct abl_node *map, const char *name, char **out, struct abl_err *err)
{
	const struct abl_node *n = abl_node_get(map, name);
	const char *text;

	if (!n)
		return 0;
	if (abl_node_text(n, name, &text, err))
		return ABL_EINPUT;
	free(*out);
	*out = abl_strdup(text);
	return 0;
}

static int read_truth(const struct abl_node *map, const char *name, bool *out, struct abl_err *err)
{
	const struct abl_node *n = abl_node_get(map, name);

	return n ? abl_program_truth(n, name, out, err) : 0;
}

/* The parts of a study's data; others would be taken for a selection on what they are not. */
static int check_split(const struct abl_node *map, const struct abl_program_metric *m,
		       struct abl_err *err)
{
	const struct abl_node *n = abl_node_get(map, "split");
	const char *text;

	if (n && abl_node_name(n, "split", &text, err))
		return ABL_EINPUT;
	if (m->best && !strncasecmp(m->split, "test", 4))
		return abl_node_fail(abl_node_get(map, "pick"),
				     "take the last point, or select on dev data", err,
				     "the best point of a test split is no result: the maximum of "
				     "noise rises with the number of looks at it");
	return 0;
}

static int read_map(struct abl_program_reading *r, struct abl_program_metric *m,
		    const struct abl_node *map, struct abl_err *err)
{
	static const char *const goals[] = {"max", "min", NULL}, *const picks[] = {"last", "best",
										   NULL};
	int rc = abl_study_check_keys(r->study, map, "metrics.NAME.", err);

	rc = rc ? rc : read_choice(map, "goal", goals, &m->lower_is_better, err);
	rc = rc ? rc : read_choice(map, "pick", picks, &m->best, err);
	rc = rc ? rc : read_truth(map, "main", &m->main, err);
	rc = rc ? rc : read_truth(map, "series", &m->series, err);
	rc = rc ? rc : read_text(map, "split", &m->split, err);
	rc = rc ? rc : read_text(map, "from", &m->from, err);
	rc = rc ? rc : read_text(map, "step", &m->step, err);
	return rc ? rc : check_split(map, m, err);
}

static int read_name(const struct abl_program_reading *r, const struct abl_node *n,
		     const char **out, struct abl_err *err)
{
	const struct abl_program *p = r->program;

	if (abl_node_label(n, "metric", out, err))
		return ABL_EINPUT;
	if (strlen(*out) > NAME_BYTES || strpbrk(*out, "{}=,\"'"))
		return abl_node_fail(n, "where the program calls it otherwise, 'from:' says so",
				     err,
				     "the name of a metric has at most %d bytes, and none of "
				     "{ } = , and quotes",
				     NAME_BYTES);
	if (abl_space_key(r->study->space, *out))
		return abl_node_fail(n, "give one of them another name", err,
				     "an option is called '%s', too", *out);
	for (size_t i = 0; i < p->metric_count; i++)
		if (!strcmp(p->metrics[i].name, *out))
			return abl_node_fail(n, "give one of them another name", err,
					     "two metrics are called '%s'", *out);
	return 0;
}

/* `value` NULL: only its name is given, so the program says it by that name. */
static int read_metric(struct abl_program_reading *r, const struct abl_node *name,
		       const struct abl_node *value, struct abl_err *err)
{
	struct abl_program *p = r->program;
	struct abl_program_metric *m = &p->metrics[p->metric_count];
	const char *text;

	if (read_name(r, name, &text, err))
		return ABL_EINPUT;
	m->name = abl_strdup(text);
	m->split = abl_strdup("dev");
	r->metrics[p->metric_count++] = name;
	if (!value || abl_node_is_null(value))
		return 0;
	if (value->kind == ABL_NODE_MAP)
		return read_map(r, m, value, err);
	if (value->kind == ABL_NODE_LIST)
		return abl_node_expect(value, ABL_NODE_MAP, m->name, err);
	if (abl_node_text(value, "from", &text, err))
		return ABL_EINPUT;
	m->from = abl_strdup(text);
	return 0;
}

/* Exactly one is what trials are compared by. */
static int find_main(struct abl_program_reading *r, const struct abl_node *n, struct abl_err *err)
{
	struct abl_program *p = r->program;
	size_t count = 0;

	if (p->metric_count == 1)
		p->metrics[0].main = true;
	for (size_t i = 0; i < p->metric_count; i++) {
		if (!p->metrics[i].main)
			continue;
		if (count++)
			return abl_node_fail(r->metrics[i], "the others are kept beside it", err,
					     "'%s' and '%s' are both 'main', and one can be",
					     p->metrics[p->main].name, p->metrics[i].name);
		p->main = i;
	}
	if (!count)
		return abl_node_fail(n, "add 'main: true' to the one that trials are compared by",
				     err, "none of the %zu metrics is the main one",
				     p->metric_count);
	return 0;
}

/* Where its folder is named first: "{train}/results.json: accuracy". */
static int find_step(const struct abl_program_reading *r, const struct abl_node *n,
		     const char *from, size_t *out, struct abl_err *err)
{
	const char *at = from, *name;
	size_t length;
	int step;

	*out = r->program->step_count; /* the last one; which it is will be known */
	if (!from || *from != '{' || !abl_placeholder_next(&at, &name, &length) ||
	    name != from + 1 || *at != '/')
		return 0;
	if ((length == 3 && !memcmp(name, "out", 3)) || (length == 5 && !memcmp(name, "state", 5)))
		return 0;
	step = abl_program_step_of(r->program, name, length);
	if (step >= 0) {
		*out = (size_t)step;
		return 0;
	}
	return abl_is_program_word(name, length)
		       ? abl_node_fail(n, "from: \"{out}/results.json: accuracy\"", err,
				       "'{%.*s}' is no folder of a step", (int)length, name)
		       : abl_placeholders_check(r->study, n, from, err);
}

static int find_steps(struct abl_program_reading *r, const struct abl_node *n, struct abl_err *err)
{
	for (size_t i = 0; i < r->program->metric_count; i++) {
		struct abl_program_metric *m = &r->program->metrics[i];
		const struct abl_node *value = n->kind == ABL_NODE_MAP ? n->items[2 * i + 1] : NULL;
		const struct abl_node *from =
			value && value->kind == ABL_NODE_MAP ? abl_node_get(value, "from") : value;

		if (find_step(r, from, m->from, &m->of, err))
			return ABL_EINPUT;
	}
	return 0;
}

static int read_predictions(struct abl_program_reading *r, const struct abl_node *n,
			    struct abl_err *err)
{
	struct abl_program *p = r->program;
	const struct {
		const char *name;
		char **to;
	} parts[] = {{"from", &p->predictions},
		     {"id", &p->predictions_id},
		     {"correct", &p->predictions_correct}};
	int rc = abl_node_expect(n, ABL_NODE_MAP, "predictions", err);

	rc = rc ? rc : abl_study_check_keys(r->study, n, "predictions.", err);
	for (size_t i = 0; i < sizeof parts / sizeof *parts && !rc; i++) {
		if (!abl_node_get(n, parts[i].name))
			return abl_node_fail(
				n, "{from: \"{out}/pred.jsonl\", id: id, correct: correct}", err,
				"'predictions' needs '%s'", parts[i].name);
		rc = read_text(n, parts[i].name, parts[i].to, err);
	}
	return rc ? rc
		  : abl_placeholders_check(r->study, abl_node_get(n, "from"), p->predictions, err);
}

int abl_program_read_metrics(struct abl_program_reading *r, struct abl_err *err)
{
	const struct abl_node *n = abl_node_get(r->root, "metrics"),
			      *predictions = abl_node_get(r->root, "predictions");
	struct abl_program *p = r->program;
	const bool map = n && n->kind == ABL_NODE_MAP;
	size_t count = 0;
	const struct abl_node *const *items = n ? abl_node_items(&n, &count) : NULL;
	int rc = 0;

	if (map)
		count = n->count / 2;
	if (!count || abl_node_is_null(n))
		return abl_node_fail(n ? n : r->root,
				     "metrics: {accuracy: \"{out}/results.json: accuracy\"}", err,
				     "'metrics' needs the numbers that the program gives");
	p->metrics = abl_calloc(count, sizeof *p->metrics);
	r->metrics = abl_calloc(count, sizeof(struct abl_node *));
	for (size_t i = 0; i < count && !rc; i++)
		rc = map ? read_metric(r, n->items[2 * i], n->items[2 * i + 1], err)
			 : read_metric(r, items[i], NULL, err);
	rc = rc ? rc : find_main(r, n, err);
	rc = rc ? rc : find_steps(r, n, err);
	return rc || !predictions ? rc : read_predictions(r, predictions, err);
}
