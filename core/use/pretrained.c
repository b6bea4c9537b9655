/* SPDX-License-Identifier: Apache-2.0 */
#include "pretrained.h"

#include "checkpoint.h"
#include "files.h"
#include "safetensors.h"
#include "task_types.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

/* The texts as one sequence. */
static int put_texts(struct abl_batch *b, const struct abl_task_tools *tools,
		     const char *const *texts, size_t count, struct abl_err *err)
{
	struct abl_ids ids[2] = {0};
	int rc = 0;

	for (size_t i = 0; !rc && i < count; i++)
		rc = abl_tokenizer_encode(tools->tokenizer, texts[i], strlen(texts[i]), &ids[i],
					  err);
	if (!rc)
		abl_batch_add(b, tools->layout,
			      &(struct abl_sequence){.a = ids[0].items,
						     .a_length = ids[0].count,
						     .b = ids[1].items,
						     .b_length = ids[1].count,
						     .pair = count > 1,
						     .label = -1});
	abl_ids_finish(&ids[0]);
	abl_ids_finish(&ids[1]);
	return rc;
}

/* Each [MASK] a target. */
static int mask_targets(struct abl_batch *b, const struct abl_task_tools *tools,
			struct abl_err *err)
{
	int32_t mask = abl_vocab_special(abl_tokenizer_vocab(tools->tokenizer), ABL_MASK);

	for (size_t i = 0; i < b->tokens; i++)
		if (b->piece[i] == mask)
			abl_batch_add_target(b, i, mask);
	return b->targets ? 0
			  : abl_err_set(err, ABL_EINPUT,
					"no [MASK] in the first %zu tokens of the text: the model "
					"was only pre-trained and fills in [MASK]",
					tools->layout->max_length);
}

/* The last token of the text predicts the next one. */
static int next_target(struct abl_batch *b, const struct abl_task_tools *tools, struct abl_err *err)
{
	const struct abl_vocab *v = abl_tokenizer_vocab(tools->tokenizer);
	size_t at = b->tokens;

	while (at > 0 && abl_vocab_is_special(v, b->piece[at - 1]))
		at--;
	if (!at)
		return abl_err_set(err, ABL_EINPUT,
				   "the text has no token: the model predicts which one follows");
	abl_batch_add_target(b, at - 1, b->piece[at - 1]);
	return 0;
}

/* scores [vocabulary]; the likeliest are taken out of it one by one. */
static void tell_pieces(const struct abl_vocab *v, real *scores, struct abl_str *out)
{
	char share[32];

	for (int k = 0; k < ABL_FILL_BEST && (size_t)k < abl_vocab_size(v); k++) {
		size_t best = 0;

		for (size_t i = 1; i < abl_vocab_size(v); i++)
			if (scores[i] > scores[best])
				best = i;
		abl_str_printf(out, "  %s  %s\n", abl_format_share((double)scores[best], share),
			       abl_vocab_piece(v, (int32_t)best));
		scores[best] = -1;
	}
}

/* scores [targets, vocabulary] */
static void tell_masks(const struct abl_vocab *v, const struct abl_batch *b, real *scores,
		       struct abl_str *out)
{
	for (size_t i = 0; i < b->targets; i++) {
		abl_str_printf(out, "[MASK] %zu\n", i + 1);
		tell_pieces(v, scores + i * abl_vocab_size(v), out);
	}
}

/* scores [vocabulary] */
static void tell_next_token(const struct abl_vocab *v, const struct abl_batch *b, real *scores,
			    struct abl_str *out)
{
	(void)b;
	abl_str_puts(out, "next\n");
	tell_pieces(v, scores, out);
}

/* scores [2]: it is next, it is not */
static void tell_next(const struct abl_vocab *v, const struct abl_batch *b, real *scores,
		      struct abl_str *out)
{
	const bool next = scores[0] >= scores[1];
	char share[32];

	(void)v, (void)b;
	abl_str_printf(out, "%s (probability %s)\n", next ? "is next" : "is not next",
		       abl_format_share((double)scores[!next], share));
}

static const struct head {
	const struct abl_task_facts *type;
	size_t least, most; /* texts */
	const char *wanted;
	int (*prepare)(struct abl_batch *b, const struct abl_task_tools *tools,
		       struct abl_err *err); /* NULL: nothing */
	void (*tell)(const struct abl_vocab *v, const struct abl_batch *b, real *scores,
		     struct abl_str *out);
} heads[] = {
	{&abl_facts_mlm, 1, 2, "give one, or two", mask_targets, tell_masks},
	{&abl_facts_lm, 1, 1, "give one: the model predicts the token that follows", next_target,
	 tell_next_token},
	{&abl_facts_nsp, 2, 2, "give two: the model predicts whether the second follows", NULL,
	 tell_next},
};

static const struct head *find_head(const char *type)
{
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (!strcmp(heads[i].type->name, type))
			return &heads[i];
	return NULL;
}

/* Does a model that fills in [MASK] know the next sentence, too? */
static int has_next(const char *folder, bool *out, struct abl_err *err)
{
	char *path = abl_path_join(folder, "model.safetensors");
	struct abl_safetensors *s = NULL;
	int rc = abl_safetensors_open(&s, path, err);

	*out = !rc && abl_safetensors_find(s, "cls.seq_relationship.weight");
	abl_safetensors_close(s);
	free(path);
	return rc;
}

static size_t count_masks(const struct abl_batch *b, const struct abl_vocab *v)
{
	size_t n = 0;

	for (size_t i = 0; i < b->tokens; i++)
		n += b->piece[i] == abl_vocab_special(v, ABL_MASK);
	return n;
}

static int bad_count(const struct head *head, size_t count, struct abl_err *err)
{
	return abl_err_set(err, ABL_EINPUT, "%zu text%s: %s", count, abl_plural(count),
			   head->wanted);
}

/* The head that is asked: two texts without [MASK] ask whether the second is next. */
static int choose_head(const struct head **head, const struct abl_saved *saved,
		       const struct abl_batch *b, size_t count, struct abl_err *err)
{
	bool next = false;
	int rc = 0;

	if ((*head)->type != &abl_facts_nsp && count == 2 && !count_masks(b, saved->vocab))
		rc = has_next(saved->folder, &next, err);
	if (next)
		*head = find_head(abl_facts_nsp.name);
	if (rc || (count >= (*head)->least && count <= (*head)->most))
		return rc;
	return bad_count(*head, count, err);
}

int abl_pretrained_ask(const struct abl_compute *compute, const struct abl_saved *saved,
		       const struct abl_task_tools *tools, const char *const *texts, size_t count,
		       struct abl_str *out, struct abl_err *err)
{
	const struct head *head = find_head(saved->type);
	size_t longest = (size_t)saved->config.max_length, vocab = abl_vocab_size(saved->vocab);
	struct abl_model_request r = {.compute = compute,
				      .config = &saved->config,
				      .vocab_size = vocab,
				      .head_count = 1,
				      .pretraining = true,
				      .max_tokens = longest,
				      .max_sequences = 1};
	struct abl_pass pass = {.train = false};
	struct abl_model *m = NULL;
	struct abl_batch b = {0};
	int rc;

	if (count < 1 || count > 2)
		return bad_count(head, count, err);
	rc = abl_batch_init(&b, longest, 1, err);
	rc = rc ? rc : put_texts(&b, tools, texts, count, err);
	rc = rc ? rc : choose_head(&head, saved, &b, count, err);
	r.heads[0].name = head->type->head;
	if (!rc && head->prepare)
		rc = head->prepare(&b, tools, err);
	rc = rc ? rc : abl_checkpoint_open(&m, &r, saved->folder, err);
	if (!rc) {
		pass.scores = abl_calloc(b.targets * vocab + 2, sizeof *pass.scores);
		abl_model_pass(m, &b, &pass);
		head->tell(saved->vocab, &b, pass.scores, out);
	}
	free(pass.scores);
	abl_model_destroy(m);
	abl_batch_finish(&b);
	return rc;
}
