/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_steps.h"

#include "plan_value.h"
#include "world.h"

#include <string.h>

/* Tokens seen for each parameter. Models of 2 layers of 128 with a vocabulary of 8,192 (1.5 million
 * parameters), pre-trained on novels: at 5 tokens a parameter they guess .18 of the masked tokens,
 * hardly more than the left neighbour alone does (.158); at 7 and 8 .26 and .28; at 21 .34. Twenty
 * is also what large models are trained with that make the most of their operations (Hoffmann et
 * al. 2022). What is given in epochs is not looked at: a plan does not know a text's tokens. */
#define FEW 15
#define SUITS 20

static const char *const lengths[] = {"pretrain_steps",      "pretrain_batch_tokens",
				      "pretrain_batch_size", "max_length",
				      "pretrain_max_length", NULL};

/* Of the encoder with its embeddings, without biases and norms. */
static double parameters_of(const struct abl_study *s, const struct abl_values *config)
{
	const double h = (double)abl_plan_int(s, config, "hidden");
	const double f = (double)abl_plan_int(s, config, "ffn_size");

	return (double)(abl_plan_int(s, config, "vocab_size") +
			abl_plan_int(s, config, "max_length")) *
		       h +
	       (double)abl_plan_int(s, config, "layers") *
		       (4 * h * h + 2 * h * (f > 0 ? f : 4 * h));
}

/* Of the sequences that most steps read. */
static int64_t length_of(const struct abl_study *s, const struct abl_values *config)
{
	const int64_t first = abl_plan_int(s, config, "pretrain_max_length");

	return first ? first : abl_plan_int(s, config, "max_length");
}

/* 0: not known, or there is no pre-training. */
static double tokens_of_step(const struct abl_study *s, const struct abl_values *config)
{
	const int64_t tokens = abl_plan_int(s, config, "pretrain_batch_tokens");
	struct abl_value on;

	if (!abl_plan_value(s, config, "pretraining", &on) || strcmp(on.choice, "on") != 0)
		return 0;
	return tokens ? (double)tokens
		      : (double)(abl_plan_int(s, config, "pretrain_batch_size") *
				 length_of(s, config));
}

void abl_plan_steps(const struct abl_study *s, struct abl_str *out)
{
	size_t count = 0, first = 0;
	double least = FEW, enough = 0;

	if (!s->texts[0] || !strcmp(s->texts[0], ABL_WORLD) || s->vocab_file)
		return;
	for (size_t v = 0; v < s->variant_count; v++) {
		struct abl_values *config = abl_study_config(s, v, 0);
		const double step = tokens_of_step(s, config), size = parameters_of(s, config);
		const double seen = (double)abl_plan_int(s, config, "pretrain_steps") * step / size;

		if (step > 0 && seen > 0 && seen < FEW &&
		    !abl_plan_varies(&s->variants[v], lengths)) {
			first = count++ ? first : v;
			enough = seen < least ? SUITS * size / step : enough;
			least = seen < least ? seen : least;
		}
		abl_values_destroy(config);
	}
	if (!count)
		return;
	abl_str_printf(out,
		       "  warning   few steps of pre-training for this size: %.0f tokens a "
		       "parameter, where\n"
		       "            about %d suit (%.0f steps); parts of a model that has learnt "
		       "little are\n"
		       "            hard to judge ('%s'",
		       least, SUITS, enough, s->variants[first].label);
	if (count > 1)
		abl_str_printf(out, " and %zu more", count - 1);
	abl_str_puts(out, ")\n");
}
