/* SPDX-License-Identifier: Apache-2.0 */
/* study.h - a study file, checked and unfolded into variants. The face of this folder.
 *
 * Every error is the user's (ABL_EINPUT) and reads "file:line:column: error: ..." with the source
 * line and a caret below it. Nothing is written and no store is touched here. */
#ifndef ABL_STUDY_H
#define ABL_STUDY_H

#include "cluster.h"
#include "fraction.h"
#include "program.h"
#include "space.h"
#include "task_spec.h"
#include "variant_kind.h"

#include <stdbool.h>

/* A setting as the study wrote it. */
struct abl_setting {
	const struct abl_key *key;
	struct abl_value value;
};

/* One task and what its own recipe says differently (fine-tuning recipe keys only). */
struct abl_study_task {
	struct abl_task_spec spec;
	struct abl_setting *overrides;
	size_t override_count;
	bool tested; /* set by whoever wants its test file scored by every trial, too */
};

struct abl_variant {
	char *label;   /* unique in the study: "baseline", "no segments", "layers=4, hidden=256" */
	char *subject; /* what was removed or added: "segments"; the label for other kinds */
	enum abl_variant_kind kind;
	struct abl_values *config;      /* resolved, without the overrides of tasks */
	const struct abl_key **changed; /* active keys whose resolved value is not the baseline's */
	size_t changed_count;
	struct abl_setting *set; /* those of them that its design has set, with its values */
	size_t set_count;
};

/* A point of the design that makes no trials, or a change that the user did not write. */
enum abl_note_kind {
	ABL_NOTE_EXCLUDED,  /* an exclude rule matches */
	ABL_NOTE_INCLUDED,  /* no include rule matches */
	ABL_NOTE_INVALID,   /* constraints.def refuses it */
	ABL_NOTE_DUPLICATE, /* the same configuration as an earlier variant */
	ABL_NOTE_IMPLIED,   /* not dropped: something follows from what was written */
};
struct abl_study_note {
	enum abl_note_kind kind;
	char *label;  /* the point, or the first variant that the change concerns */
	char *text;   /* why: the rule ("{hidden: 512}"), the message, the label of the earlier
			 variant */
	char *place;  /* "study.yaml:14" of the rule or the point; NULL for implied changes */
	size_t count; /* implied changes: variants concerned; else 1 */
};

enum abl_tune_by { ABL_TUNE_HELD_BACK, ABL_TUNE_DEV };

struct abl_study_tune {            /* key NULL: nothing is tuned */
	const struct abl_key *key; /* a recipe key */
	struct abl_value *values;
	size_t value_count;
	enum abl_tune_by by;
	size_t metric; /* of a program: which of its metrics selects */
};

enum abl_price_of { ABL_PRICE_NONE, ABL_PRICE_CORE_HOUR, ABL_PRICE_HOUR, ABL_PRICE_GPU_HOUR };
struct abl_study_price {
	double amount;
	char currency[16]; /* "" where none is said */
	bool before;       /* "$0.12" */
	enum abl_price_of of;
};

/* What stays of what is trained; NULL-terminated. */
#define ABL_KEEP_WEIGHTS "weights"
#define ABL_KEEP_NONE "none"
#define ABL_KEEP_LAST "last" /* the weights of the last seed alone */
extern const char *const abl_keep_words[];

struct abl_study_limits {     /* 0 = not said */
	double hours;         /* of the whole run */
	double trial_minutes; /* of one stage */
	int64_t workers;      /* 0 = auto */
	int64_t variants;
	struct abl_study_price price;
	char *by; /* a time that abl_when() reads; NULL: none */
};

/* Tries after a failure, by its cause. */
struct abl_study_retry {
#define RETRY(key, cause, tries, pause, growth, help) int64_t key;
#include "retries.def"
#undef RETRY
	int64_t breaker; /* stages that fail at once, one after another, until no more start; 0: off
			  */
};

struct abl_study_factor { /* of a factorial design */
	const struct abl_key *key;
	struct abl_value level[2]; /* the first one is the baseline's, where that is among them */
};

/* A comparison that was named beforehand. */
struct abl_study_primary {
	size_t variant;
	size_t task; /* ABL_ALL_TASKS: the mean over them */
};
#define ABL_ALL_TASKS ((size_t)-1)

struct abl_study_margin { /* differences below it are too small to matter */
	const char *metric;
	double value; /* in its units */
};

struct abl_study_source; /* the parsed files with places, for explain */

struct abl_study {
	const struct abl_space *space; /* of the keys that it sets */
	char *name, *about;            /* about may be NULL */
	char *path;                    /* the study file as given */
	char *folder;                  /* its folder */
	char *data;                    /* resolved data folder, or "world" */
	char *text; /* source, for the record; with includes each file after a line "# file NAME" */
	char *init; /* resolved folder that every variant starts from, or NULL */
	char *init_notes;  /* what was mended to open it, a line each, or NULL */
	char *vocab_notes; /* the same of `vocab_file` where there is no `init` */
	char *vocab_file;  /* resolved, or NULL: learn one of config->vocab_size from `texts` */
	char **texts;      /* resolved texts of pre-training and of the vocabulary, or {"world"};
			      NULL-terminated, never NULL; empty: a vocab_file, or the vocabulary is
			      learned from what the tasks train on */
	size_t text_count;
	char *groups;   /* resolved file that says which documents are held out together, or NULL */
	char *held_out; /* resolved text that is held out in place of a share of `texts`, or NULL */
	bool pretraining_only; /* no tasks: the one task, `pretraining`, has no files, and its
				  trials are pre-trainings */
	bool has_pretraining;  /* false: every configuration has no pre-training */
	struct abl_study_task *tasks;
	size_t task_count;            /* >= 1 */
	struct abl_variant *variants; /* variants[0] is the baseline */
	size_t variant_count;
	struct abl_study_note *dropped;
	size_t dropped_count;
	struct abl_study_note *implied;
	size_t implied_count;
	int64_t pretrain_seeds, finetune_seeds; /* replicates, >= 1 */
	bool crossed;         /* false: `seeds: n`, each replicate has its own pre-training and one
				 fine-tuning (both counts are n); true: each pre-training gets
				 finetune_seeds fine-tunings */
	int64_t seeds_start;  /* replicates of the first look, where they grow: pretrain_seeds
				 begins with it; 0: they do not */
	double seeds_until;   /* half-width of the primary rows at which they stop */
	int64_t seeds_max;    /* or that many replicates */
	int64_t seeds_after;  /* replicates have numbers from that + 1 */
	char *confirms;       /* the name of the study whose finding it confirms, or NULL */
	const char **designs; /* their names */
	size_t design_count;
	struct abl_study_factor *factors; /* of its factorial, in the order of its letters */
	size_t factor_count;
	struct abl_fraction fraction;
	bool baseline_is_no_cell;
	struct abl_study_primary *primary; /* none: every variant, on the mean over tasks */
	size_t primary_count;
	struct abl_study_margin *margins;
	size_t margin_count;
	int64_t verdict_from;  /* units that a verdict needs; 0: not said */
	int64_t baseline_arms; /* 2: variant 1 is the baseline once more; 0: not said */
	bool exploratory;      /* a grid, zip or random design: it asks nothing beforehand */
	struct abl_study_tune tune;
	struct abl_study_limits limits;
	struct abl_study_retry retry;
	struct abl_cluster cluster;
	char ***notify; /* [notify_count] commands that are told how runs end: words, ending with
			   NULL */
	size_t notify_count;
	char **plots;     /* names of figures; NULL-terminated, never NULL */
	const char *keep; /* of what is trained: "weights", "none", "last"; NULL: not said */
	bool sharpness;   /* `measure`: that of every trial's checkpoint, too */
	struct abl_program *program; /* that it trains with; NULL: the built-in engine */
	struct abl_study_source *source;
};

struct abl_study_options {
	const char
		*data; /* --data: comes before $ABLATE_DATA and the study's own; NULL = not given */
	/* What the store has of the study and all that it includes (`text` of struct abl_study):
	 * read in place of the files. NULL: the files. */
	const char *recorded;
	bool no_files; /* do not look for data: task specs hold names only (explain, tests) */
};

/* Loads and checks a study file. On success *out is the caller's. options may be NULL. */
int abl_study_load(struct abl_study **out, const char *path,
		   const struct abl_study_options *options, struct abl_err *err) ABL_MUST_USE;
void abl_study_destroy(struct abl_study *s); /* null-safe */

/* Makes YAML of a part of `text`, in place: stars stand there for values that are secret. */
void abl_study_mend_record(char *text);

/* Leaves the arms of the baseline and the variant of that label. ABL_EINPUT: there is none. */
int abl_study_keep_variant(struct abl_study *s, const char *label,
			   struct abl_err *err) ABL_MUST_USE;

/* Has it words that this machine would execute (`command:`, `setup:`, `notify:` and their like)?
 * Appends them, a key a line, as lines that a terminal acts upon nothing in. */
bool abl_study_commands(const struct abl_study *s, struct abl_str *out);

/* The configuration of variant v on task t: the variant's, with the task's overrides, resolved; the
 * caller's. Was checked by abl_study_load(), so it cannot fail. */
struct abl_values *abl_study_config(const struct abl_study *s, size_t v, size_t t);

/* Which task has that name, written in whatever case. ABL_EINPUT: none, with the names. */
int abl_study_task(const struct abl_study *s, const char *name, size_t *out,
		   struct abl_err *err) ABL_MUST_USE;

/* The baseline's first objective of pre-training, whose held-out loss a study without tasks
 * compares: "mlm", "lm", "nsp". */
const char *abl_study_objective(const struct abl_study *s);
/* ABL_EINPUT where the tasks are those of a program, which alone knows their files, or there are
 * none. */
int abl_study_need_files(const struct abl_study *s, struct abl_err *err) ABL_MUST_USE;

/* Fails with the message, at the place of a field of task t in the study file. */
int abl_study_task_fail(const struct abl_study *s, size_t t, const char *field, const char *message,
			struct abl_err *err);

/* The same at a dotted path in it, "metrics.accuracy.from"; items of lists by their number from 0.
 * Where it goes no deeper than a part of that, at that. */
int abl_study_fail_at(const struct abl_study *s, const char *path, const char *message,
		      struct abl_err *err);
/* As above, at the text at `path`, or in the list there, that the message quotes. 0: it quotes
 * none of them, and err is as it was. */
int abl_study_fail_quoted(const struct abl_study *s, const char *path, const char *message,
			  struct abl_err *err);

/* Appends what a key is, its value in this study and where that was set. Unknown key: ABL_EINPUT
 * with the nearest name. */
int abl_study_explain(const struct abl_study *s, const char *key, struct abl_str *out,
		      struct abl_err *err) ABL_MUST_USE;

/* The study file's own keys (not those of configurations): the parser, did-you-mean and the docs
 * read this table. Nested keys are written with a dot: "limits.hours"; NAME stands for one that the
 * user gives: "options.NAME.type". A name may have a row for studies of the built-in engine and
 * another one for those of a program. Rows end with name NULL. */
struct abl_node;
enum abl_field_of { ABL_OF_ALL, ABL_OF_ENGINE, ABL_OF_PROGRAM }; /* for which studies a key is */
struct abl_study_field {
	const char *name;
	const char *type; /* what it takes: "text", "list of tasks" ... */
	const char *def;  /* default as text, or "needed" */
	const char *help;
	const struct abl_option
		*option; /* a plain value: its field in struct abl_study; or NULL and */
	/* NULL beside an option that is NULL, too: read with others (program_read.c) */
	int (*read)(struct abl_study *, const struct abl_node *value, struct abl_err *);
	enum abl_field_of of;
};
extern const struct abl_study_field abl_study_fields[];
/* Is the row for this study? */
bool abl_study_field_fits(const struct abl_study_field *f, const struct abl_study *s);
/* "all", "the built-in engine", "command". */
const char *abl_field_of_name(enum abl_field_of of);
/* What a row takes: its type, or the range of its option; appends to out. */
void abl_study_field_type(const struct abl_study_field *f, struct abl_str *out);

#endif
