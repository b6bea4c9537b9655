/* SPDX-License-Identifier: Apache-2.0 */
/* program_source.h - what the files about studies with `command:` share while one is read. */
#ifndef ABL_PROGRAM_SOURCE_H
#define ABL_PROGRAM_SOURCE_H

#include "program.h"
#include "study_source.h"

/* ---- the option space that a study declares ---- */

/* "norm: layer", or "norm: [layer, rms]": the key holds one of the values. */
struct abl_program_term {
	const struct abl_key *key;
	struct abl_value *values;
	size_t value_count;
};
struct abl_program_terms { /* all of them */
	struct abl_program_term *items;
	size_t count, capacity;
};
struct abl_program_rule { /* of `constraints:` */
	struct abl_program_terms when, needs, conflicts;
	char *message;
};

struct abl_program_space {
	struct abl_space space; /* first: its functions are given this one */
	struct abl_option *rows;
	struct abl_key *keys;
	const struct abl_key **list;
	struct abl_program_terms *when; /* [key_count] of each key; it is active where they hold */
	struct abl_program_rule *rules;
	size_t rule_count, rule_capacity;
};

/* For that many options and the placebo; its rows are still to be filled. */
struct abl_program_space *abl_program_space_create(size_t options);
void abl_program_space_destroy(struct abl_program_space *p); /* null-safe */
/* Appends "norm: layer or rms, augment: true". */
void abl_program_terms_print(const struct abl_program_terms *t, struct abl_str *out);
void abl_program_terms_add(struct abl_program_terms *t, const struct abl_program_term *term);

/* ---- a study while it is read ---- */

struct abl_program_step_nodes { /* NULL where nothing is said */
	const struct abl_node *name, *command, *reads, *options, *gpus;
};

struct abl_program_reading {
	struct abl_study *study;
	struct abl_program *program;
	const struct abl_node *root;
	const struct abl_node *command, *steps;
	struct abl_program_step_nodes step[ABL_PROGRAM_STEPS];
	const struct abl_node **metrics; /* [metric_count] their names */
};

/* program_fields.c: what is neither a step, an option nor a metric */
int abl_program_read_fields(struct abl_program_reading *r, struct abl_err *err) ABL_MUST_USE;
/* program_lists.c */
/* The words of a list, or of one text where `one` allows that; *out is the caller's, and to be
 * freed after an error, too. */
int abl_program_words_read(const struct abl_node *n, const char *name, bool one, char ***out,
			   struct abl_err *err) ABL_MUST_USE;
char **abl_program_no_words(void);
void abl_program_words_free(char **words); /* null-safe */
/* Environment variables, appended to *out. */
int abl_program_settings_read(const struct abl_node *n, const char *name,
			      struct abl_program_setting **out, size_t *count,
			      struct abl_err *err) ABL_MUST_USE;
/* The name of an environment variable that is not one of the harness's own. */
int abl_program_variable(const struct abl_node *n, const char **out,
			 struct abl_err *err) ABL_MUST_USE;
/* Does the harness set that variable itself? */
bool abl_is_own_variable(const char *name);
/* A plain value by an option row whose field is *out. */
int abl_program_value(const struct abl_node *n, const struct abl_option *row, void *out,
		      struct abl_err *err) ABL_MUST_USE;
/* A truth value. */
int abl_program_truth(const struct abl_node *n, const char *name, bool *out,
		      struct abl_err *err) ABL_MUST_USE;
/* "120", "120 s", "2 min": seconds. */
int abl_program_seconds(const struct abl_node *n, const char *name, double *out,
			struct abl_err *err) ABL_MUST_USE;

/* program_steps.c: names and commands */
int abl_program_read_steps(struct abl_program_reading *r, struct abl_err *err) ABL_MUST_USE;
/* Which step has that name, or -1; the name nearest to it, or NULL. */
int abl_program_step_of(const struct abl_program *p, const char *name, size_t length);
const char *abl_program_step_near(const struct abl_program *p, const char *name);
/* program_options.c: the space, and with it s->space */
int abl_program_read_options(struct abl_program_reading *r, struct abl_err *err) ABL_MUST_USE;
/* program_rules.c: `when:` of option i, and `constraints:` */
int abl_program_read_when(struct abl_program_reading *r, size_t i, const struct abl_node *n,
			  struct abl_err *err) ABL_MUST_USE;
int abl_program_check_when(const struct abl_program_reading *r,
			   struct abl_err *err) ABL_MUST_USE; /* no circles */
int abl_program_read_rules(struct abl_program_reading *r, struct abl_err *err) ABL_MUST_USE;
/* program_metrics.c: and the predictions */
int abl_program_read_metrics(struct abl_program_reading *r, struct abl_err *err) ABL_MUST_USE;
/* program_graph.c: which steps each reads, and their order */
int abl_program_order_steps(struct abl_program_reading *r, struct abl_err *err) ABL_MUST_USE;
/* program_reach.c: which options each step gets, and whether they reach its program */
int abl_program_hand_out_options(struct abl_program_reading *r, struct abl_err *err) ABL_MUST_USE;
/* May the words stand in {flags} of each step, or `everywhere` in each command? */
int abl_program_check_flags(const struct abl_study *s, const struct abl_node *n, char **words,
			    bool everywhere, struct abl_err *err) ABL_MUST_USE;
/* Appends the steps that an option changes: "train, score (reads train)". */
void abl_program_affects(const struct abl_study *s, const struct abl_key *key, struct abl_str *out);
/* program_variables.c: has each option its own variable, where they are passed so? */
int abl_program_check_variables(const struct abl_program_reading *r,
				struct abl_err *err) ABL_MUST_USE;

/* program_words.c */
/* The next {name} of a text from *at on; false: there is none. "{{" is a brace. */
bool abl_placeholder_next(const char **at, const char **name, size_t *length);
bool abl_is_program_word(const char *name, size_t length);
/* Does the text name {name}? */
bool abl_placeholder_named(const char *text, const char *name);
/* Fails at the first name in the text that stands for nothing in this study. */
int abl_placeholders_check(const struct abl_study *s, const struct abl_node *n, const char *text,
			   struct abl_err *err) ABL_MUST_USE;

/* program_read.c */
struct abl_program *abl_program_create(void); /* all defaults */
/* Reads all of s->program; s->space is the study's own then. */
int abl_program_read(struct abl_study *s, struct abl_err *err) ABL_MUST_USE;
/* program_tasks.c */
int abl_program_read_tasks(struct abl_study *s, const struct abl_node *n, struct abl_err *err);
int abl_program_default_task(struct abl_study *s, struct abl_err *err) ABL_MUST_USE;

#endif
