/* SPDX-License-Identifier: Apache-2.0 */
#include "loop.h"

#include "noise.h"
#include "optimize.h"
#include "rng.h"
#include "saving.h"
#include "state.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POINTS 100      /* of the loss curve */
#define HALVE 32        /* a batch of one micro-batch: noise is measured on every so many'th step */
#define NOISE_SAMPLES 8 /* fewer say nothing */

struct run {
	struct abl_loop *l;
	struct abl_batch whole, part;
	struct abl_place place;
	struct abl_saving saving;
	uint32_t *order;
	size_t order_room;
	size_t items; /* of this epoch */
	int64_t steps;
	struct { /* gradient noise of this batch: its first part, items 0 = not measured */
		double square;
		size_t items;
	} part_noise;
};

size_t abl_micro_tokens(const struct abl_config *c)
{
	/* activations of more would take memory and make nothing faster (measured at width 512); of
	 * less, wider layers would add up their gradients too often */
	size_t most = c->hidden <= 512 ? 1024 : 2048;

	return most > (size_t)c->max_length ? most : (size_t)c->max_length;
}

/* The end of the micro-batch that begins at sequence `from`: as many whole items as have `tokens`
 * together, at least one. */
static size_t micro_end(const struct abl_batch *whole, size_t from, size_t tokens)
{
	size_t to = from;

	for (size_t end = from + 1; end <= whole->sequences; end++) {
		if (end < whole->sequences && whole->joined[end])
			continue; /* an item is not divided */
		if (to > from && (size_t)(whole->offset[end] - whole->offset[from]) > tokens)
			break;
		to = end;
	}
	return to;
}

/* Copies sequences [from, to) of `whole` into `part`. */
static void slice(const struct abl_batch *whole, size_t from, size_t to, struct abl_batch *part)
{
	size_t t0 = (size_t)whole->offset[from], n = (size_t)whole->offset[to] - t0;

	abl_batch_clear(part);
	part->sequences = to - from;
	part->tokens = n;
	memcpy(part->piece, whole->piece + t0, n * sizeof *part->piece);
	memcpy(part->segment, whole->segment + t0, n * sizeof *part->segment);
	memcpy(part->position, whole->position + t0, n * sizeof *part->position);
	memcpy(part->example, whole->example + t0, n * sizeof *part->example);
	memcpy(part->label, whole->label + from, (to - from) * sizeof *part->label);
	memcpy(part->answer_end, whole->answer_end + from, (to - from) * sizeof *part->answer_end);
	memcpy(part->value, whole->value + from, (to - from) * sizeof *part->value);
	memcpy(part->joined, whole->joined + from, (to - from) * sizeof *part->joined);
	for (size_t s = from; s <= to; s++)
		part->offset[s - from] = whole->offset[s] - (int32_t)t0;
	for (size_t s = from; s < to; s++)
		part->read[s - from] = whole->read[s] - (int32_t)t0;
	for (size_t k = 0; k < whole->targets; k++) {
		if (whole->target_row[k] < (int32_t)t0 || whole->target_row[k] >= (int32_t)(t0 + n))
			continue;
		abl_batch_add_target(part, (size_t)whole->target_row[k] - t0,
				     whole->target_piece[k]);
	}
}

static void begin_epoch(struct run *r)
{
	const struct abl_source *source = r->l->source;

	r->items = source->begin_epoch(source->data, r->place.epoch);
	abl_grow(&r->order, &r->order_room, r->items, sizeof *r->order);
	abl_rng_shuffle(abl_rng_derive(abl_rng_key(r->l->seed, "order"), r->place.epoch), r->order,
			r->items);
}

/* Fills r->whole with the next batch; batches end with their epoch. No thread prepares batches
 * ahead: one takes .1 % of a step of the smallest model in pre-training, .1 to .3 % in fine-tuning.
 */
static void next_batch(struct run *r)
{
	const struct abl_recipe *recipe = r->l->recipe;
	const struct abl_source *source = r->l->source;
	size_t taken = 0;

	if (r->place.position >= r->items) {
		r->place.epoch++;
		r->place.position = 0;
		begin_epoch(r);
	}
	abl_batch_clear(&r->whole);
	while (r->place.position < r->items) {
		if (recipe->batch_tokens ? taken && r->whole.tokens + source->longest >
							    (size_t)recipe->batch_tokens
					 : taken >= (size_t)recipe->batch_size)
			break;
		source->put(source->data, r->order[r->place.position++], &r->whole);
		taken++;
	}
}

/* Steps of the whole run: given, or as many as the epochs hold (counted over the first one). */
static int64_t count_steps(struct run *r)
{
	const struct abl_recipe *recipe = r->l->recipe;
	int64_t in_epoch = 0;

	if (recipe->steps)
		return recipe->steps;
	if (!recipe->batch_tokens) {
		in_epoch = (int64_t)((r->items + (size_t)recipe->batch_size - 1) /
				     (size_t)recipe->batch_size);
	} else {
		for (; r->place.position < r->items; in_epoch++)
			next_batch(r);
		r->place.position = 0;
	}
	return (int64_t)ceil((double)in_epoch * recipe->epochs - 1e-9);
}

static size_t count_items(const struct abl_batch *b, size_t sequences)
{
	size_t n = 0;

	for (size_t s = 0; s < sequences; s++)
		n += !b->joined[s];
	return n;
}

/* The gradients are now those of the batch's first sequences, as shares of the whole batch's mean:
 * notes the squared length of their own mean (noise.h). */
static void note_part(struct run *r, size_t sequences)
{
	size_t part = count_items(&r->whole, sequences);
	double share = (double)part / (double)count_items(&r->whole, r->whole.sequences);

	r->part_noise.square = abl_gradient_squares(r->l->model) / (share * share);
	r->part_noise.items = part;
}

/* An extra pass over the first half of a batch that is one micro-batch, for its noise alone: no
 * gradient of it stays. */
static void note_half(struct run *r, struct abl_pass pass)
{
	size_t half = r->whole.sequences / 2;

	while (half && r->whole.joined[half])
		half--; /* an item is not divided */
	if (!half)
		return;
	slice(&r->whole, 0, half, &r->part);
	abl_model_pass(r->l->model, &r->part, &pass);
	note_part(r, half);
	abl_gradient_clear(r->l->model);
}

static double train_batch(struct run *r)
{
	struct abl_pass pass = {.train = true, .step = r->place.step};
	size_t micro = abl_micro_tokens(abl_model_config(r->l->model)), labelled = 0;

	for (size_t s = 0; s < r->whole.sequences; s++)
		labelled += r->whole.label[s] >= 0;
	pass.token_scale = r->whole.targets ? 1 / (double)r->whole.targets : 0;
	pass.sequence_scale = labelled ? 1 / (double)labelled : 0;
	r->part_noise.items = 0;
	for (size_t from = 0, to; from < r->whole.sequences; from = to) {
		to = micro_end(&r->whole, from, micro);
		if (!from && to == r->whole.sequences && r->place.step % HALVE == HALVE - 1)
			note_half(r, pass);
		slice(&r->whole, from, to, &r->part);
		abl_model_pass(r->l->model, &r->part, &pass);
		if (!from && to < r->whole.sequences)
			note_part(r, to);
	}
	for (size_t h = 0; h < r->l->head_count; h++)
		if (pass.head[h].targets) {
			r->place.head[h].sum += pass.head[h].loss / (double)pass.head[h].targets;
			r->place.head[h].count++;
		}
	return pass.loss;
}

/* What is told is kept: an attempt that goes on from here tells it again. */
static void tell_metric(void *data, int64_t step, const char *name, double value)
{
	struct run *r = data;
	const struct abl_events *e = r->l->events;

	abl_points_add(&r->place.told, step, name, value);
	if (e->metric)
		e->metric(e->data, step, name, value);
}

static void keep_best(void *data)
{
	struct run *r = data;

	abl_best_keep(&r->place.best, r->l->model, r->place.step);
}

static void tell_again(const struct run *r)
{
	const struct abl_events *e = r->l->events;

	for (size_t i = 0; i < r->place.told.count; i++) {
		const struct abl_point *p = &r->place.told.items[i];

		if (e->metric)
			e->metric(e->data, p->step, p->name, p->value);
		if (r->l->recall)
			r->l->recall(r->l->evaluate_data, p->step, p->name, p->value);
	}
}

/* And a new one begins. */
static double mean_of(struct abl_open_sum *s)
{
	const double mean = s->sum / (double)s->count;

	*s = (struct abl_open_sum){0};
	return mean;
}

/* A point of each objective, where there are several. */
static void tell_heads(struct run *r)
{
	struct abl_str name = {0};

	for (size_t h = 0; h < r->l->head_count; h++) {
		abl_str_clear(&name);
		abl_str_printf(&name, "%s_loss", r->l->heads[h].name);
		if (r->place.head[h].count)
			tell_metric(r, r->place.step, name.text, mean_of(&r->place.head[h]));
	}
	abl_str_finish(&name);
}

/* Is this step the last of one of n parts of the run, as equal as whole steps allow? */
static bool part_ends(const struct run *r, int64_t n)
{
	return n > 0 && r->place.step * n / r->steps != (r->place.step - 1) * n / r->steps;
}

static void report(struct run *r, double loss, double rate)
{
	const struct abl_events *e = r->l->events;

	r->place.loss.sum += loss;
	r->place.loss.count++;
	if (!part_ends(r, POINTS))
		return;
	tell_metric(r, r->place.step, "loss", mean_of(&r->place.loss));
	tell_heads(r);
	tell_metric(r, r->place.step, "learning_rate", rate);
	if (e->progress)
		e->progress(e->data, (double)r->place.step / (double)r->steps, r->place.step,
			    r->steps);
}

static void tell_noise(struct run *r)
{
	const struct abl_events *e = r->l->events;
	double scale = abl_noise_scale(&r->place.noise);

	if (e->result && r->place.noise.samples >= NOISE_SAMPLES && isfinite(scale))
		e->result(e->data, "gradient_noise_scale", scale);
}

static int diverged(struct run *r, const char *what, double value, struct abl_err *err)
{
	return abl_err_set(err, ABL_EDIVERGED, "diverged at step %lld (%s %s)",
			   (long long)r->place.step + 1, what, isnan(value) ? "nan" : "infinite");
}

static void say(const struct run *r, const char *text)
{
	if (r->l->events->message)
		r->l->events->message(r->l->events->data, text);
}

/* Only of a state that is on the disk is it said that work goes on from there. */
static int pause_here(struct run *r, struct abl_err *err)
{
	const struct abl_events *e = r->l->events;

	if (r->saving.step != r->place.step)
		abl_saving_save(&r->saving, &r->place, true);
	if (r->saving.step && e->paused)
		e->paused(e->data, r->saving.step);
	return abl_err_set(err, ABL_ESTOP, "paused at step %lld of %lld", (long long)r->saving.step,
			   (long long)r->steps);
}

static int pause_or_save(struct run *r, struct abl_err *err)
{
	const struct abl_events *e = r->l->events;

	if (e->stopping && e->stopping(e->data))
		return pause_here(r, err);
	if (abl_saving_is_due(&r->saving))
		abl_saving_save(&r->saving, &r->place, false);
	return 0;
}

static int step(struct run *r, struct abl_err *err)
{
	double loss, norm, rate;

	next_batch(r);
	loss = train_batch(r);
	if (!isfinite(loss))
		return diverged(r, "loss", loss, err);
	rate = abl_optimize(r->l->model, r->l->recipe, r->place.step, r->steps, &norm);
	if (!isfinite(norm))
		return diverged(r, "gradient", norm, err);
	if (r->part_noise.items)
		abl_noise_add(&r->place.noise, r->part_noise.square, r->part_noise.items,
			      norm * norm, count_items(&r->whole, r->whole.sequences));
	r->place.step++;
	report(r, loss, rate);
	r->place.due = r->l->evaluate && part_ends(r, r->l->evaluations);
	return 0;
}

/* A step and, after some, an evaluation, during which one may be asked to stop. */
static int advance(struct run *r, struct abl_err *err)
{
	const struct abl_teller tell = {.data = r, .metric = tell_metric, .best = keep_best};
	int rc = r->place.due ? 0 : step(r, err);

	if (rc || !r->place.due)
		return rc;
	rc = r->l->evaluate(r->l->evaluate_data, r->place.step, &tell, err);
	if (rc >= 0)
		r->place.due = false;
	r->place.enough = rc == ABL_LOOP_ENOUGH;
	return rc == ABL_ESTOP ? pause_here(r, err) : r->place.enough ? 0 : rc;
}

/* Where a paused or killed attempt stopped; from the start where nothing whole is left of it. */
static void resume(struct run *r)
{
	struct abl_str why = {0}, text = {0};
	const int64_t step =
		abl_state_load(r->l->model, r->l->folder, r->l->keeps_best, &r->place, &why);

	r->saving.step = step > 0 ? step : 0;
	if (why.length && step > 0)
		abl_str_printf(&text, "warning: %s; goes on from the state before it, of step %lld",
			       why.text, (long long)step);
	else if (why.length)
		abl_str_printf(&text, "warning: %s; begins anew", why.text);
	if (text.length)
		say(r, text.text);
	if (r->place.epoch)
		begin_epoch(r);
	tell_again(r);
	abl_str_finish(&why), abl_str_finish(&text);
}

static int prepare(struct run *r, struct abl_err *err)
{
	const struct abl_recipe *recipe = r->l->recipe;
	const struct abl_model *m = r->l->model;
	size_t each = r->l->source->sequences, micro = abl_micro_tokens(abl_model_config(m));
	size_t sequences = recipe->batch_tokens ? (size_t)recipe->batch_tokens + each
						: (size_t)recipe->batch_size * each;
	size_t tokens = recipe->batch_tokens ? (size_t)recipe->batch_tokens + r->l->source->longest
					     : (size_t)recipe->batch_size * r->l->source->longest;
	int rc = abl_batch_init(&r->whole, tokens, sequences, err);

	if (micro < r->l->source->longest)
		micro = r->l->source->longest;
	if (!rc)
		rc = abl_batch_init(&r->part, micro, micro, err);
	if (rc)
		return rc;
	begin_epoch(r);
	r->steps = count_steps(r);
	abl_saving_begin(&r->saving, r->l->model, r->l->folder, r->l->events);
	if (r->l->resume)
		resume(r);
	return 0;
}

/* What follows the last step, which a stop leaves for the next attempt. */
static int finish(struct run *r, struct abl_err *err)
{
	int rc;

	if (abl_saving_is_due(&r->saving))
		abl_saving_save(&r->saving, &r->place, false);
	if (r->place.best.step) {
		struct abl_params *p = abl_model_params(r->l->model);

		memcpy(p->w, r->place.best.w, p->values * sizeof *p->w);
	}
	rc = r->l->finish ? r->l->finish(r->l->evaluate_data, err) : 0;
	if (rc == ABL_ESTOP)
		return pause_here(r, err);
	if (!rc)
		tell_noise(r);
	return rc;
}

int abl_loop_run(struct abl_loop *l, struct abl_err *err)
{
	struct run r = {.l = l};
	int rc = prepare(&r, err);

	while (!rc && !r.place.enough && (r.place.due || r.place.step < r.steps)) {
		rc = advance(&r, err);
		if (!rc && !r.place.enough && r.place.step < r.steps)
			rc = pause_or_save(&r, err);
	}
	rc = rc ? rc : finish(&r, err);
	abl_place_finish(&r.place);
	free(r.order);
	abl_batch_finish(&r.whole);
	abl_batch_finish(&r.part);
	return rc;
}
