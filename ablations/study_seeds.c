/* SPDX-License-Identifier: Apache-2.0 */
/* study_seeds.c - `seeds:`: how many replicates, of what, and whether they grow. */
#include "node_value.h"
#include "str.h"
#include "study_source.h"

#include <math.h>
#include <string.h>

#define FIELD(member) offsetof(struct abl_study, member)
#define MOST 1000
#define MAX_DEFAULT 30

static const struct abl_option seeds_row = {
	.name = "seeds", .type = ABL_INT, .offset = FIELD(pretrain_seeds), .min = 1, .max = MOST};

/* One key of the map, and those that it belongs with. */
static const struct row {
	struct abl_option option;
	bool grows;
} rows[] = {
	{{.name = "pretrain", .offset = FIELD(pretrain_seeds), .min = 1, .max = MOST}, false},
	{{.name = "finetune", .offset = FIELD(finetune_seeds), .min = 1, .max = MOST}, false},
	{{.name = "start", .offset = FIELD(seeds_start), .min = 2, .max = MOST}, true},
	{{.name = "until",
	  .type = ABL_REAL,
	  .offset = FIELD(seeds_until),
	  .max = INFINITY,
	  .above_min = true,
	  .below_max = true},
	 true},
	{{.name = "max", .offset = FIELD(seeds_max), .min = 2, .max = MOST}, true},
};
enum { ROWS = sizeof rows / sizeof *rows };

static int need(const struct abl_node *map, const char *key, const char *help, struct abl_err *err)
{
	return abl_node_get(map, key) ? 0
				      : abl_node_fail(map, help, err, "'seeds.%s' is missing", key);
}

/* Pre-trainings with fine-tunings each. */
static int check_crossed(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	if (need(n, "pretrain", "pre-trainings of every variant", err) ||
	    need(n, "finetune", "fine-tunings of each pre-training", err))
		return ABL_EINPUT;
	s->crossed = true;
	if (!s->has_pretraining)
		return abl_node_fail(
			n, "write one number: 'seeds: 5'", err,
			"this study does no pre-training, so it has no pre-training seeds");
	return 0;
}

/* Replicates that are added until the intervals are narrow enough. */
static int check_growing(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	const struct abl_node *max = abl_node_get(n, "max");

	if (need(n, "start", "seeds that every variant gets at first", err) ||
	    need(n, "until", "the half-width of an interval that is narrow enough", err))
		return ABL_EINPUT;
	if (!s->seeds_max)
		s->seeds_max = s->seeds_start > MAX_DEFAULT ? s->seeds_start : MAX_DEFAULT;
	if (s->seeds_max < s->seeds_start)
		return abl_node_fail(max, NULL, err, "'seeds.max' is below 'seeds.start'");
	if (s->tune.key)
		return abl_node_fail(
			n, "write one number: 'seeds: 8'", err,
			"'%s' is tuned by the mean over all seeds, so seeds cannot be added to it",
			s->tune.key->name);
	s->pretrain_seeds = s->finetune_seeds = s->seeds_start;
	return 0;
}

static int read_map(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	const struct abl_node *of[2] = {NULL}; /* a key of each kind */

	if (abl_study_check_keys(s, n, "seeds.", err))
		return ABL_EINPUT;
	for (size_t i = 0; i < ROWS; i++) {
		const struct abl_node *value = abl_node_get(n, rows[i].option.name);
		int rc = value ? abl_study_read_option(s, &rows[i].option, value, err) : 0;

		if (rc)
			return rc;
		of[rows[i].grows] = value ? value : of[rows[i].grows];
	}
	if (of[0] && of[1])
		return abl_node_fail(
			of[1], "write {pretrain: 5, finetune: 2} or {start: 8, until: 1.0}", err,
			"seeds that are added each have their own pre-training and one "
			"fine-tuning");
	return of[1] ? check_growing(s, n, err) : check_crossed(s, n, err);
}

int abl_study_read_seeds(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	if (n->kind == ABL_NODE_MAP && s->program &&
	    (abl_node_get(n, "pretrain") || abl_node_get(n, "finetune")))
		return abl_node_fail(n, "write one number: 'seeds: 5'", err,
				     "a program has one kind of seeds");
	if (n->kind == ABL_NODE_MAP)
		return read_map(s, n, err);
	if (abl_study_read_option(s, &seeds_row, n, err))
		return ABL_EINPUT;
	s->finetune_seeds = s->pretrain_seeds;
	return 0;
}
