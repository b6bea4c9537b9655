/* SPDX-License-Identifier: Apache-2.0 */
/* world.h - the built-in generated language: documents for pre-training and labelled tasks whose
 * answers depend on known things (docs/world.md states the truth). The language - its words and
 * what they mean - is fixed; a seed only draws from it. Everything is a pure function of (seed,
 * split, index). */
#ifndef ABL_WORLD_H
#define ABL_WORLD_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ABL_WORLD "world"        /* what `data:`, `texts:`, `train:` say to mean it */
#define ABL_WORLD_SEED 1         /* what is drawn unless a study asks for another sample */
#define ABL_WORLD_VERSION 1      /* raise it when any sentence or label changes */
#define ABL_WORLD_DOCUMENTS 1000 /* about 209,000 words */
#define ABL_WORLD_NOISE .08      /* share of the labels that are wrong on purpose, in every split */
#define ABL_WORLD_CHOICES 4

/* Calls `line` for each line of `documents` documents, in the layout of a text file: one sentence a
 * line, an empty one after each document. A non-zero result of `line` ends it and is passed on. */
int abl_world_documents(uint64_t seed, size_t documents,
			int (*line)(void *data, const char *sentence), void *data);

struct abl_world_task {
	const char *name;   /* "sentiment", "entailment", "tags", ... */
	const char *help;   /* one line */
	const char *labels; /* class names in class order, joined by '|'; of a number: what it
			       can be; NULL: not of classes */
	bool pair;
	const char *type;   /* of the task: "classify", "tag", ... */
	const char *format; /* NULL: examples one by one; else whole texts, abl_world_text() */
	const char *metric;
	int train_examples; /* how many it has unless a study says otherwise */
	bool no_answer;     /* some questions have none */
};

size_t abl_world_task_count(void);
const struct abl_world_task *abl_world_task_at(size_t i);
const struct abl_world_task *abl_world_task_find(const char *name); /* NULL if there is none */

/* Appends a split as a file of the task's format: "conll" (tags), "babi" (stories), "squad" (spans,
 * spans2), and TAB-separated columns with a header for the others (text, text_b, choice0 ...,
 * label). ABL_EINPUT: there is no such task. */
int abl_world_text(const char *task, uint64_t seed, const char *split, size_t examples,
		   struct abl_str *out, struct abl_err *err) ABL_MUST_USE;

/* Example `index` of a split ("train", "dev", "test") of a task that is not text. No text lies in
 * two splits. */
struct abl_world_example {
	struct abl_str a, b;                       /* b stays empty in a single-sentence task */
	struct abl_str choices[ABL_WORLD_CHOICES]; /* "endings": one of them follows a */
	int label; /* as given, noise included: a class, or a choice */
	int truth; /* what the rule says */
};
/* Overwrites *e: zero-initialise it before the first call, finish it after the last. */
void abl_world_example(const struct abl_world_task *task, uint64_t seed, const char *split,
		       uint64_t index, struct abl_world_example *e);
void abl_world_example_finish(struct abl_world_example *e);

#endif
