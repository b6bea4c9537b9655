/* SPDX-License-Identifier: Apache-2.0 */
/* rerun_compare.c - what a trial came to the second time, beside the first. */
#include "rerun.h"

#include "carry_files.h"
#include "files.h"
#include "seal.h"
#include "trial_name.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LINES = 5 };
#define TOLERANCE .02 /* where there is no spread over seeds to go by */
#define SEAL_MOST ((size_t)64 << 20)

struct comparing {
	struct abl_rerun *rerun;
	struct abl_rerun_found *out;
	bool foreign; /* a program: its files may hold times */
	double off;   /* of the main metric; NaN: it is not told both times */
	double tolerance;
};

static bool is_same(double a, double b)
{
	return !memcmp(&a, &b, sizeof a) || (isnan(a) && isnan(b));
}

/* ---- results and curves ---- */

static int order(const struct abl_again_number *a, const struct abl_again_number *b)
{
	if ((a->step < 0) != (b->step < 0))
		return a->step < 0 ? -1 : 1; /* results first */
	if (a->name != b->name) {
		const int by_name = strcmp(a->name, b->name);

		if (by_name)
			return by_name;
	}
	return a->step < b->step ? -1 : a->step > b->step;
}

/* How far the main metric is off, in what seeds make of it. */
static int add_spread(struct comparing *c, double was, double is, struct abl_err *err)
{
	char sd_text[32], share[32];
	int64_t seeds = 0;
	double sd;
	int rc = abl_read_again_spread(c->rerun->store, c->rerun->trial, c->rerun->metric, &sd,
				       &seeds, err);

	if (rc)
		return rc;
	c->off = fabs(is - was);
	if (isnan(sd) || sd <= 0)
		return 0;
	c->tolerance = sd;
	abl_str_printf(&c->out->differs, "; %s of the spread over %lld seeds (sd %s)",
		       abl_format_real(round(1000 * c->off / sd) / 1000, share), (long long)seeds,
		       abl_format_real(round(1e6 * sd) / 1e6, sd_text));
	return 0;
}

static int add_number(struct comparing *c, const struct abl_again_stage *s,
		      const struct abl_again_number *was, const struct abl_again_number *is,
		      struct abl_err *err)
{
	const struct abl_again_number *n = was ? was : is;
	const bool both = was && is;
	struct abl_str *out = &c->out->differs;
	char a[32], b[32];
	int rc = 0;

	abl_str_printf(out, "%s: %s", s->kind, n->name);
	if (n->step >= 0)
		abl_str_printf(out, " at step %lld", (long long)n->step);
	if (both)
		abl_str_printf(out, " is %s and was %s", abl_format_real(is->value, a),
			       abl_format_real(was->value, b));
	else
		abl_str_puts(out, was ? " is not told, and was" : " is told, and was not");
	if (both && n->step < 0 && !strcmp(s->role, "evaluate") &&
	    !strcmp(n->name, c->rerun->metric))
		rc = add_spread(c, was->value, is->value, err);
	return rc;
}

struct counts {
	size_t results, points; /* that are others */
};

/* One of both lists, or of one: a line for each result, and for the first point of the curves. */
static int compare_one(struct comparing *c, const struct abl_again_stage *s,
		       const struct abl_again_number *was, const struct abl_again_number *is,
		       struct counts *n, struct abl_err *err)
{
	const bool both = was && is, is_result = (was ? was : is)->step < 0;
	int rc = 0;

	*(is_result ? &c->out->results : &c->out->points) += 1;
	if (both && is_same(was->value, is->value))
		return 0;
	if (is_result ? n->results++ < MOST_LINES : !n->points++) {
		rc = add_number(c, s, was, is, err);
		abl_str_puts(&c->out->differs, "\n");
	}
	return rc;
}

static int compare_numbers(struct comparing *c, const struct abl_again_stage *s,
			   struct abl_err *err)
{
	struct abl_again_numbers was = {0}, is = {0};
	struct counts n = {0};
	int rc = abl_again_numbers_read(&was, c->rerun->store, s->key, err);

	rc = rc ? rc : abl_again_numbers_read(&is, c->rerun->run.store, s->key, err);
	for (size_t i = 0, k = 0; !rc && (i < was.count || k < is.count);) {
		const struct abl_again_number *a = i < was.count ? &was.number[i] : NULL,
					      *b = k < is.count ? &is.number[k] : NULL;
		const int which = !a ? 1 : !b ? -1 : order(a, b);

		rc = compare_one(c, s, which <= 0 ? a : NULL, which >= 0 ? b : NULL, &n, err);
		i += which <= 0;
		k += which >= 0;
	}
	if (n.results > MOST_LINES)
		abl_str_printf(&c->out->differs, "%s: and %zu more results\n", s->kind,
			       n.results - MOST_LINES);
	if (n.points > 1)
		abl_str_printf(&c->out->differs, "%s: and %zu more points of its curves\n", s->kind,
			       n.points - 1);
	c->out->exact &= !n.results && !n.points;
	free(was.number), free(is.number);
	return rc;
}

/* ---- what was made ---- */

/* The files of an artefact with their hashes, as sealed; NULL: it has no seal. */
static json_t *seal_of(const char *folder, json_t **root)
{
	char *path = abl_carry_join(folder, ABL_SEAL);
	struct abl_str text = {0};

	*root = NULL;
	if (abl_is_regular(path) && !abl_file_read(path, &text, SEAL_MOST, NULL))
		*root = json_loadb(text.text, text.length, 0, NULL);
	abl_str_finish(&text);
	free(path);
	return json_object_get(*root, "files");
}

static bool has_hash(const json_t *files, const char *name, const json_t *file)
{
	const char *a = json_string_value(json_object_get(file, "xxh3")),
		   *b = json_string_value(json_object_get(json_object_get(files, name), "xxh3"));

	return a && b && !strcmp(a, b);
}

static void compare_files(struct comparing *c, const struct abl_again_stage *s, json_t *was,
			  json_t *is)
{
	size_t differing = 0;
	const char *name;
	json_t *file;

	json_object_foreach(was, name, file)
	{
		const bool counts =
			!c->foreign || (s->predictions && !strcmp(name, s->predictions));

		c->out->files++;
		if (has_hash(is, name, file))
			continue;
		c->out->exact &= !counts;
		if (differing++ < MOST_LINES)
			abl_str_printf(
				&c->out->differs, "%s: file '%s' %s%s\n", s->kind, name,
				json_object_get(is, name) ? "has other bytes" : "is not made",
				counts ? "" : " (not judged: a program's files may hold times)");
	}
	json_object_foreach(is, name, file)
	{
		if (s->dropped || json_object_get(was, name))
			continue; /* it may have been there */
		c->out->exact &= c->foreign;
		abl_str_printf(&c->out->differs, "%s: file '%s' is made, and was not\n", s->kind,
			       name);
	}
	if (differing > MOST_LINES)
		abl_str_printf(&c->out->differs, "%s: and %zu more files\n", s->kind,
			       differing - MOST_LINES);
}

static void compare_made(struct comparing *c, const struct abl_again_stage *s)
{
	struct abl_str here = {0};
	char *there =
		s->artifact ? abl_carry_join(abl_store_folder(c->rerun->store), s->artifact) : NULL;
	json_t *was_root = NULL, *is_root = NULL, *was, *is;

	abl_str_printf(&here, "%s/artifacts/%s", c->rerun->scratch, s->key);
	was = there ? seal_of(there, &was_root) : NULL;
	is = seal_of(here.text, &is_root);
	if (was && is)
		compare_files(c, s, was, is);
	json_decref(was_root), json_decref(is_root);
	abl_str_finish(&here);
	free(there);
}

/* ---- where ---- */

static void compare_word(struct comparing *c, const char *what, const char *was, const char *is)
{
	struct abl_str line = {0};

	if (was && is && !strcmp(was, is))
		return;
	abl_str_printf(&line, "%s: '%s' then, '%s' now\n", what, was ? was : "not known",
		       is ? is : "not known");
	if (!c->out->machine.length || !strstr(c->out->machine.text, line.text))
		abl_str_puts(&c->out->machine, line.text);
	abl_str_finish(&line);
	c->out->same_machine = false;
}

static int compare_machine(struct comparing *c, struct abl_err *err)
{
	const struct abl_trial_name name = {.study = c->rerun->study,
					    .variant = c->rerun->variant,
					    .task = c->rerun->task,
					    .seed = c->rerun->seed};
	struct abl_again_stages now = {0};
	struct abl_str text = {0};
	int64_t trial = 0;
	int rc;

	abl_trial_name_text(&name, &text);
	rc = abl_trial_find(c->rerun->run.store, text.text, &trial, err);
	rc = rc ? rc : abl_again_stages_read(&now, c->rerun->run.store, trial, err);
	for (size_t i = 0; i < c->rerun->stages.count && !rc; i++) {
		const struct abl_again_stage *was = &c->rerun->stages.stage[i],
					     *is = abl_again_stages_role(&now, was->role);

		if (!is)
			continue;
		compare_word(c, "cpu", was->cpu, is->cpu);
		compare_word(c, "kernels", was->kernels, is->kernels);
		compare_word(c, "engine", was->engine, is->engine);
	}
	abl_again_stages_finish(&now);
	abl_str_finish(&text);
	return rc;
}

int abl_rerun_compare(struct abl_rerun *r, struct abl_rerun_found *out, struct abl_err *err)
{
	struct comparing c = {.rerun = r,
			      .out = out,
			      .foreign = r->run.study->program != NULL,
			      .off = NAN,
			      .tolerance = TOLERANCE};
	char tolerance[32];
	int rc;

	*out = (struct abl_rerun_found){.exact = true, .same_machine = true};
	rc = compare_machine(&c, err);
	for (size_t i = 0; i < r->stages.count && !rc; i++) {
		rc = compare_numbers(&c, &r->stages.stage[i], err);
		if (!rc)
			compare_made(&c, &r->stages.stage[i]);
	}
	/* other rounding acts at most as another seed does */
	out->equal = out->exact || (!out->same_machine && (isnan(c.off) || c.off <= c.tolerance));
	if (!rc && !out->exact && !out->same_machine)
		abl_str_printf(&out->differs,
			       "%s is judged by the tolerance %s, since the machine is another: "
			       "%s\n",
			       r->metric, abl_format_real(c.tolerance, tolerance),
			       out->equal ? "within it" : "beyond it");
	return rc;
}

void abl_rerun_found_finish(struct abl_rerun_found *f)
{
	if (!f)
		return;
	abl_str_finish(&f->differs);
	abl_str_finish(&f->machine);
}
