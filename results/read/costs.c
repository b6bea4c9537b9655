/* SPDX-License-Identifier: Apache-2.0 */
#include "costs.h"

#include "sql.h"
#include "study_query.h"
#include "store.h"
#include "str.h"

#include <math.h>
#include <string.h>

/* clang-format off */
/* An option of the trial's variant on its task; NULL: it has none. */
#define OPTION(name) \
	"(SELECT coalesce(o.real_value, o.int_value) FROM variant_option o " \
	"WHERE o.variant_id = t.variant_id AND o.name = '" name "' " \
	"AND o.task IN ('', t.task) ORDER BY o.task DESC LIMIT 1)"
/* The same of the recipe that the stage follows. */
#define RECIPE(name) \
	"CASE s.kind WHEN 'pretrain' THEN " OPTION("pretrain_" name) " ELSE " OPTION(name) " END"
/* Of a pre-training in two parts: what the first one has in place of the option, or the second
 * one. */
#define FIRST(name, otherwise) \
	"CASE l.role WHEN 'pretrain_first' THEN " OPTION(name) " ELSE " otherwise " END"
#define SECOND(name, otherwise) \
	"CASE WHEN s.kind = 'pretrain' AND l.role <> 'pretrain_first' AND " OPTION(name) " > 0 " \
	"THEN " OPTION(name) " ELSE " otherwise " END"
/* A result of the stage. */
#define TOLD(name) \
	"(SELECT r.value FROM result r WHERE r.stage_id = s.id AND r.name = '" name "')"

/* A row per trial and stage. */
static const char sql[] =
	"SELECT t.trial_id, t.variant, t.task, t.seed, s.kind, "
	"iif(s.kind = 'loaded', nullif(s.seconds, 0), s.seconds), "
	"coalesce(s.cpu_seconds, " TOLD("cpu_seconds") "), "
	"coalesce(s.peak_memory, " TOLD("peak_memory") "), "
	TOLD("parameters") ", "
	TOLD("parameters_without_embeddings") ", "
	TOLD("flops") ", "
	TOLD("train_examples") ", "
	FIRST("pretrain_max_length", OPTION("max_length")) ", "
	SECOND("pretrain_long_steps", RECIPE("steps")) ", "
	RECIPE("batch_tokens") ", "
	RECIPE("batch_size") ", "
	RECIPE("epochs") ", "
	OPTION("pretrain_fraction") ", "
	/* what the pre-training reads */
	"CASE s.kind WHEN 'pretrain' THEN (SELECT r.value FROM stage_input i JOIN result r "
	"ON r.stage_id = i.input_id AND r.name = 'pieces' WHERE i.stage_id = s.id "
	"AND i.name = 'corpus') END, "
	"EXISTS (SELECT 1 FROM trial_stage x JOIN stage y ON y.id = x.stage_id AND y.kind IN "
	"('pretrain', 'finetune') JOIN result r ON r.stage_id = y.id AND r.name = "
	"'parameters_without_embeddings' WHERE x.trial_id = t.trial_id) "
	"FROM trial_states t JOIN trial_stage l ON l.trial_id = t.trial_id AND l.role <> 'test' "
	"AND l.role NOT GLOB 'repeat*' "
	"JOIN stage s ON s.id = l.stage_id "
	"WHERE t.study_id = ?1 AND t.state = 'done' AND (?2 IS NULL OR t.task = ?2) "
	"ORDER BY t.position, t.variant_id, t.task, t.seed, t.trial_id, s.kind = 'finetune'";

enum column {
	TRIAL, VARIANT, TASK, SEED, KIND, SECONDS, CPU_SECONDS, PEAK_MEMORY,
	PARAMETERS, BARE, FLOPS, EXAMPLES, MAX_LENGTH,
	STEPS, BATCH_TOKENS, BATCH_SIZE, EPOCHS, FRACTION, PIECES, NATIVE
};
/* clang-format on */

#define EXAMPLE_TOKENS 32 /* of an example of a task, at most: its file is not read again */

static double known(double x, double otherwise)
{
	return isnan(x) ? otherwise : x;
}

/* Tokens that the steps of a training stage went through; NaN: not known. */
static double trained_tokens(const struct abl_query *q, bool pretraining)
{
	const double length = abl_query_real(q, MAX_LENGTH),
		     item = pretraining ? length : fmin(length, EXAMPLE_TOKENS),
		     batch = known(abl_query_real(q, BATCH_TOKENS), 0) > 0
				     ? abl_query_real(q, BATCH_TOKENS)
				     : abl_query_real(q, BATCH_SIZE) * item;
	const double all =
		pretraining ? abl_query_real(q, PIECES) * known(abl_query_real(q, FRACTION), 1)
			    : abl_query_real(q, EXAMPLES) * item;

	if (known(abl_query_real(q, STEPS), 0) > 0)
		return abl_query_real(q, STEPS) * batch;
	return abl_query_real(q, EPOCHS) * all;
}

/* Adds a stage to its trial. */
static void add_stage(struct abl_trial_cost *c, const struct abl_query *q)
{
	const char *kind = abl_query_text(q, KIND);
	const bool native = abl_query_int(q, NATIVE), pretraining = !strcmp(kind, "pretrain"),
		   trains = pretraining || !strcmp(kind, "finetune");
	const double parameters = abl_query_real(q, PARAMETERS), told = abl_query_real(q, FLOPS),
		     memory = abl_query_real(q, PEAK_MEMORY);

	if (!isnan(parameters))
		c->parameters = parameters; /* the fine-tuned model's comes last */
	if (native && !trains)
		return;
	c->seconds += abl_query_real(q, SECONDS);
	c->cpu_seconds += abl_query_real(q, CPU_SECONDS);
	c->peak_memory =
		isnan(memory) || isnan(c->peak_memory) ? NAN : fmax(c->peak_memory, memory);
	if (native)
		c->flops = known(c->flops, 0) +
			   6 * abl_query_real(q, BARE) * trained_tokens(q, pretraining);
	else if (!isnan(told))
		c->flops = known(c->flops, 0) + told;
}

int abl_read_costs(struct abl_store *store, int64_t study, const char *task,
		   void (*hear)(void *data, const struct abl_trial_cost *cost), void *data,
		   struct abl_err *err)
{
	struct abl_trial_cost c = {0};
	struct abl_query *q;
	int64_t trial = 0;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	abl_query_set_text(q, 2, task);
	while ((rc = abl_query_step(q, err)) == 1) {
		if (abl_query_int(q, TRIAL) != trial) {
			if (trial)
				hear(data, &c);
			trial = abl_query_int(q, TRIAL);
			c = (struct abl_trial_cost){.variant =
							    abl_intern(abl_query_text(q, VARIANT)),
						    .task = abl_intern(abl_query_text(q, TASK)),
						    .seed = abl_query_int(q, SEED),
						    .parameters = NAN,
						    .flops = NAN};
		}
		add_stage(&c, q);
	}
	if (!rc && trial)
		hear(data, &c);
	abl_query_close(q);
	return rc;
}
