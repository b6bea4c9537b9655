/* SPDX-License-Identifier: Apache-2.0 */
/* study_source.h - what the files of this folder share about a study while it is read, and keep for
 * explain: the tree and the settings with their places. */
#ifndef ABL_STUDY_SOURCE_H
#define ABL_STUDY_SOURCE_H

#include "study.h"
#include "str.h"
#include "yaml_tree.h"

#define ABL_VARIANTS_DEFAULT 10000 /* more need `limits: {variants: N}` */

/* A setting and where it is written. */
struct abl_placed {
	struct abl_setting setting;
	const struct abl_node *key, *value;
};
struct abl_placed_list {
	struct abl_placed *items;
	size_t count, capacity;
};

/* What a design asks for, before it is checked. */
struct abl_point {
	char *label, *subject;
	enum abl_variant_kind kind;
	struct abl_placed_list settings; /* what differs from the baseline as written */
	const struct abl_node *node;     /* its place; NULL for the baseline */
	char *why_not;                   /* it makes no variant, for this reason; or NULL */
	bool again; /* a variant of that label may be there already: that is no news */
};

struct abl_study_source {
	const struct abl_study_field *fields; /* the file's own keys: abl_study_fields */
	struct abl_yaml_tree tree;
	struct abl_study_options options;
	struct abl_placed_list baseline;
	const struct abl_node **task_maps; /* per task: its map of overrides, or NULL */
	struct abl_point *points; /* [0] is the baseline; after the load those of the variants */
	size_t point_count, point_capacity;
	struct abl_values *init; /* of the folder of `init:`; the defaults where it was not looked
				    for; NULL without `init:` */
	bool init_known;
	const struct abl_node *primary;           /* or NULL; read when there are variants */
	const struct abl_node *exclude, *include; /* lists of rules, or NULL */
};

void abl_placed_add(struct abl_placed_list *l, const struct abl_placed *p);

/* study.c */
/* Reads a study file and what it includes. On success and on failure the caller ends the tree. */
int abl_study_files(struct abl_yaml_tree *tree, const char *path, struct abl_err *err) ABL_MUST_USE;
/* Appends all files as one text, for the record: what was included comes first, as it is merged. */
void abl_study_files_text(const struct abl_yaml_tree *tree, struct abl_str *out);

/* study_notify.c */
int abl_study_read_notify(struct abl_study *s, const struct abl_node *n,
			  struct abl_err *err) ABL_MUST_USE;
void abl_study_notify_finish(struct abl_study *s);

/* study_read.c */
/* Is it a map, and are its keys those of the rows whose name is prefix + key? */
int abl_study_check_keys(const struct abl_study *s, const struct abl_node *map, const char *prefix,
			 struct abl_err *err) ABL_MUST_USE;
/* Reads the keys of a map by the rows of source->fields whose name is prefix + key. */
int abl_study_read_fields(struct abl_study *s, const struct abl_node *map, const char *prefix,
			  struct abl_err *err) ABL_MUST_USE;
/* The row of a key of that map ("baseline", "init"), or NULL. */
const struct abl_study_field *abl_study_field_of(const struct abl_study *s, const char *map,
						 const char *key);
/* A plain value: into the study by the option's row. */
int abl_study_read_option(struct abl_study *s, const struct abl_option *o, const struct abl_node *n,
			  struct abl_err *err) ABL_MUST_USE;

/* study_place.c */
/* What stands at a dotted path in the file. `whole`: NULL if nothing does; else as much of the path
 * as there is. */
const struct abl_node *abl_study_node(const struct abl_study *s, const char *path, bool whole);

/* study_config.c */
/* One configuration key and its value; unknown keys fail with the nearest name. */
int abl_placed_read(const struct abl_study *s, const struct abl_node *key,
		    const struct abl_node *value, struct abl_placed *out,
		    struct abl_err *err) ABL_MUST_USE;
/* Where to find the names of the study's keys; where to find what goes with what. */
void abl_study_keys_help(const struct abl_study *s, char *out, size_t size);
const char *abl_study_combined_help(const struct abl_study *s);
/* All keys of a map, appended. */
int abl_placed_read_map(const struct abl_study *s, const struct abl_node *map, const char *name,
			struct abl_placed_list *out, struct abl_err *err) ABL_MUST_USE;
/* Baseline, then the point's settings (NULL: none), then those of task t (-1: none), resolved; of a
 * program those of the task come before the point's.
 * *out is the caller's, NULL after an error. The error has no place: several settings together are
 * to blame. r may be NULL. */
int abl_study_build(const struct abl_study *s, const struct abl_point *point, int t,
		    struct abl_values **out, struct abl_resolving *r,
		    struct abl_err *err) ABL_MUST_USE;
/* The same for the baseline; an error has the place of the setting to blame. */
int abl_study_baseline(const struct abl_study *s, struct abl_values **out,
		       struct abl_err *err) ABL_MUST_USE;
/* Is the key a part of pre-training while the study has none? Then fails and says why. */
int abl_study_check_pretraining(const struct abl_study *s, const struct abl_placed *p,
				struct abl_err *err) ABL_MUST_USE;

/* study_init.c */
/* Is it one of the keys that a folder of `init:` decides? */
bool abl_study_init_key(const struct abl_key *key);
/* What the baseline begins with: the defaults, or what the folder of `init:` says. */
int abl_study_start(const struct abl_study *s, struct abl_values *out,
		    struct abl_err *err) ABL_MUST_USE;
/* Fails where the setting goes against the folder, with its place. */
int abl_study_check_init(const struct abl_study *s, const struct abl_placed *p,
			 struct abl_err *err) ABL_MUST_USE;
int abl_study_read_init(struct abl_study *s, const struct abl_node *n, struct abl_err *err);

/* study_tasks.c, study_tune.c, study_paths.c, designs.c: readers of rows */
/* limits (study_limits.c) */
extern const struct abl_option abl_limit_hours, abl_limit_minutes, abl_limit_variants;
int abl_study_read_limits(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_limit_read_workers(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_limit_read_trials_per_gpu(struct abl_study *s, const struct abl_node *n,
				  struct abl_err *err);
int abl_limit_read_by(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_limit_read_price(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
/* study_cluster.c */
int abl_study_read_cluster(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_cluster_read_slurm(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_cluster_read_head(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_cluster_read_workers(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_cluster_read_ports(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_cluster_read_linger(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_cluster_read_lease(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_cluster_read_program(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_study_read_tasks(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_study_read_tune(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_study_read_tune_by(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_study_read_data(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_study_read_vocab(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_study_read_texts(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_study_read_groups(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_study_read_held_out(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
void abl_study_default_texts(struct abl_study *s);
int abl_design_leave_one_out(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_design_add_one_in(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_design_grid(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_design_zip(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_design_pairs(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_design_factorial(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_design_random(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_design_list(struct abl_study *s, const struct abl_node *n, struct abl_err *err);

/* study_judge.c, study_seeds.c: readers of rows */
int abl_study_read_seeds(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_study_read_primary(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_study_read_margins(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_study_read_arms(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
/* Finds the variants and tasks that `primary:` names. */
int abl_study_find_primary(struct abl_study *s, struct abl_err *err) ABL_MUST_USE;
int abl_study_read_design(struct abl_study *s, const struct abl_node *n, struct abl_err *err);

/* study_retry.c */
void abl_study_default_retry(struct abl_study *s);
int abl_study_read_retry(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_study_read_breaker(struct abl_study *s, const struct abl_node *n, struct abl_err *err);

/* point_rules.c: the first rule of the list that the configuration matches, or NULL. Rules are
 * checked.
 */
int abl_rules_check(const struct abl_study *s, const struct abl_node *rules, const char *name,
		    struct abl_err *err) ABL_MUST_USE;
const struct abl_node *abl_rules_match(const struct abl_study *s, const struct abl_node *rules,
				       const struct abl_values *config);

/* variants.c: points -> variants, dropped points, implied changes. */
int abl_study_unfold(struct abl_study *s, struct abl_err *err) ABL_MUST_USE;

/* Appends a node as it would be written on one line: "{hidden: 512, batch_size: 128}". */
void abl_node_print(const struct abl_node *n, struct abl_str *out);

#endif
