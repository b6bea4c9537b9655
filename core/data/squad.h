/* SPDX-License-Identifier: Apache-2.0 */
/* squad.h - questions on passages, read from SQuAD's JSON (Rajpurkar et al. 2016, version 1.1;
 * 2018, version 2.0) and whatever has its layout: {"data": [{"title", "paragraphs": [{"context",
 * "qas":
 * [{"id", "question", "answers": [{"text", "answer_start"}], "is_impossible"}]}]}]}, keys in any
 * order, others passed over. */
#ifndef ABL_SQUAD_H
#define ABL_SQUAD_H

#include "class_labels.h"
#include "errors.h"
#include "left_out.h"
#include "task_spec.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_squad_answer {
	const char *text;
	size_t begin, end; /* bytes of the passage (the file counts in code points) */
	bool there;        /* the passage has the text at that place; else begin = end = 0 */
};

struct abl_squad_question {
	const char *id;             /* its place in the file, where train has none */
	const char *text, *context; /* questions on one paragraph share the pointer */
	const struct abl_squad_answer *answers;
	size_t answer_count;  /* 0: none given, or none to be had; an empty text is no answer */
	bool labelled;        /* the file has a list of answers, be it empty */
	bool said_impossible; /* is_impossible is true */
	bool impossible;      /* is_impossible, or (where that may be) a list without answers */
	uint64_t group;       /* hash of what is held back together: its article; its paragraph in a
				 file of fewer than 20 articles */
};

struct abl_squad {
	struct abl_squad_question *questions; /* [count], in the order of the file */
	size_t count;
	size_t articles, paragraphs;      /* of the whole file */
	struct abl_left_out left_out;     /* of train, because the spec says `broken: skip` */
	struct abl_squad_answer *answers; /* what the questions point into */
	json_t *root;                     /* holds the texts */
	struct abl_class_labels ids;      /* those that the file has not as texts */
};

/* Reads one split of a task ("train", "dev", "test", "held-back", "train-rest"; see examples.h).
 * spec->limit cuts train to its first questions before it is divided. *out is overwritten; end it
 * with abl_squad_finish() after success. ABL_EINPUT, with the file and the place in it: what is not
 * JSON, lacks a part or has it in the wrong type; an empty file; in train, unless spec->broken is
 * "skip", a question without an answer where spec->no_answer is not "yes", and an answer that is
 * not where answer_start says (BERT's run_squad.py leaves such questions out, too); in dev and
 * test, no id, or two questions of one id. What is not needed is not asked for: an id in train,
 * answer_start in dev and test. */
int abl_squad_load(const struct abl_task_spec *spec, const char *split, struct abl_squad *out,
		   struct abl_err *err) ABL_MUST_USE;
/* The same of one question on one passage, without an answer. */
int abl_squad_ask(const char *question, const char *passage, struct abl_squad *out,
		  struct abl_err *err) ABL_MUST_USE;
void abl_squad_finish(struct abl_squad *s); /* null-safe */

/* Reads a JSON object of one value a question id (predictions, probabilities): the caller's
 * reference. ABL_EINPUT: no such file, no JSON, not an object. */
int abl_squad_read_object(const char *path, json_t **out, struct abl_err *err) ABL_MUST_USE;
/* "a text", "a list", ... for messages. */
const char *abl_squad_type_name(const json_t *value);

#endif
