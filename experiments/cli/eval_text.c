/* SPDX-License-Identifier: Apache-2.0 */
#include "eval_text.h"

#include "args_checkpoint.h"
#include "checkpoint_texts.h"
#include "compute.h"
#include "held_out.h"
#include "text_score.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options of `eval` that are about files of predictions. */
static const char *const others[] = {"gold", "pred", "na-prob", "study", "type", "layout"};

static int check(const struct abl_args *a, struct abl_err *err)
{
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (abl_args_text(a, others[i]))
			return abl_err_set(err, ABL_EINPUT,
					   "--%s is for a file of predictions, not for a text that "
					   "--checkpoint scores",
					   others[i]);
	if (!abl_args_text(a, "task"))
		return abl_err_set(err, ABL_EINPUT,
				   "--task is missing: mlm, lm or nsp, what the checkpoint is to "
				   "do on the text");
	if (!a->words)
		return abl_err_set(err, ABL_EINPUT, "no text to score: give files, or 'world'");
	if (abl_args_int(a, "sequences", 1) < 1 || abl_args_int(a, "threads", 1) < 1 ||
	    abl_args_int(a, "threads", 1) > 4096)
		return abl_err_set(err, ABL_EINPUT,
				   "--sequences and --threads (up to 4096) must be 1 or more");
	return 0;
}

/* --split dev: what the checkpoint was not trained on; otherwise all that the texts hold. */
static int choose(struct abl_corpus *c, const struct abl_args *a, const struct abl_saved *saved,
		  struct abl_err *err)
{
	const char *split = abl_args_text(a, "split");

	if (split && !strcmp(split, "dev"))
		return abl_checkpoint_split(c, saved, a->word[0], abl_args_text(a, "groups"), true,
					    err);
	abl_held_out_all(c);
	return 0;
}

static int score(const struct abl_args *a, const struct abl_compute *compute,
		 const struct abl_saved *saved,
		 void (*take)(void *data, const char *name, double value), void *data,
		 struct abl_err *err)
{
	const char *texts[ABL_ARGS_MAX + 1] = {NULL};
	struct abl_text_score_request r = {.compute = compute,
					   .saved = saved,
					   .task = abl_args_text(a, "task"),
					   .most = (size_t)abl_args_int(a, "sequences", 0),
					   .written = abl_args_text(a, "write")};
	struct abl_corpus corpus = {0};
	int rc;

	for (int i = 0; i < a->words; i++)
		texts[i] = a->word[i];
	rc = abl_checkpoint_texts(&corpus, saved, texts, abl_args_text(a, "groups"), err);
	rc = rc ? rc : choose(&corpus, a, saved, err);
	r.corpus = &corpus;
	rc = rc ? rc : abl_text_score(&r, take, data, err);
	abl_corpus_close(&corpus);
	return rc;
}

int abl_eval_text(const struct abl_args *a,
		  void (*take)(void *data, const char *name, double value), void *data,
		  struct abl_err *err)
{
	struct abl_compute *compute = NULL;
	struct abl_saved saved;
	char *folder = NULL;
	int rc = check(a, err);

	if (rc)
		return rc;
	folder = abl_checkpoint_arg(a, abl_args_text(a, "checkpoint"), err);
	rc = folder ? abl_saved_open(&saved, folder, err) : ABL_EINPUT;
	free(folder);
	if (rc)
		return rc;
	fputs(saved.notes, stderr);
	rc = abl_compute_create(&compute, "fp32", (int)abl_args_int(a, "threads", 1), err);
	rc = rc ? rc : score(a, compute, &saved, take, data, err);
	abl_compute_destroy(compute);
	abl_saved_finish(&saved);
	return rc;
}
