/* SPDX-License-Identifier: Apache-2.0 */
/* collected_stream.c - the points of one stream: the last, the best, and the series. */
#include "collected.h"

#include <math.h>
#include <stdlib.h>

/* A result is no point of the series, nor is what has no step where others have one: it was said at
 * the end. A program that prints without end shall not fill the store. */
static bool is_of_series(const struct abl_stream *s, const struct abl_point *p)
{
	return !p->final && (p->has_step || !s->stepped) &&
	       s->of->told.count < ABL_COLLECTED_POINTS;
}

static void take_point(void *data, const struct abl_point *p)
{
	struct abl_stream *s = data;
	const struct abl_order_metric *of = s->of->of;
	const struct abl_events *e = s->of->events;
	int64_t step;

	s->count++;
	if (p->digits > s->digits)
		s->digits = p->digits;
	if (p->final || !s->final)
		s->last = *p;
	s->has = true;
	s->final = s->final || p->final;
	if (!isnan(p->value) &&
	    (!s->has_best || (of->lower_is_better ? p->value < s->best : p->value > s->best))) {
		s->has_best = true;
		s->best = p->value;
	}
	step = p->has_step ? p->step : (int64_t)s->count;
	if (of->series && is_of_series(s, p) && abl_told_points_add(&s->of->told, step, p->value) &&
	    e->metric)
		e->metric(e->data, step, of->name, p->value);
	s->stepped = s->stepped || p->has_step;
}

static void take_name(void *data, const char *name, size_t length)
{
	abl_seen_names_add(&((struct abl_stream *)data)->of->names, name, length);
}

static void take_rank(void *data, int64_t step)
{
	struct abl_stream *s = data;

	s->ranked = true;
	s->rank = step;
}

static void take_problem(void *data, const char *text)
{
	struct abl_stream *s = data;

	free(s->problem);
	s->problem = abl_strdup(text);
}

void abl_stream_init(struct abl_stream *s, struct abl_collected *of,
		     const struct abl_metric_reader *reader)
{
	*s = (struct abl_stream){
		.reading = {.metric = of->of->name,
			    .key = of->source.key,
			    .step = of->source.step,
			    .data = s,
			    .point = take_point,
			    .name = take_name,
			    .rank = take_rank,
			    .problem = take_problem},
		.of = of,
		.reader = reader,
	};
}

static void end_state(struct abl_stream *s)
{
	if (s->state)
		s->reader->end(s->state);
	s->state = NULL;
}

void abl_stream_finish(struct abl_stream *s)
{
	if (!s)
		return;
	end_state(s);
	free(s->problem);
	s->problem = NULL;
}

void abl_stream_restart(struct abl_stream *s, const struct abl_metric_reader *reader)
{
	const struct abl_stream old = *s;

	abl_stream_finish(s);
	*s = (struct abl_stream){
		.reading = old.reading, .of = old.of, .reader = reader ? reader : old.reader};
}

void abl_stream_feed(struct abl_stream *s, char *bytes, size_t length, bool last)
{
	struct abl_err err = {0};

	if (!s->state && s->reader->begin(&s->state, &s->reading, &err)) {
		take_problem(s, err.text);
		return;
	}
	s->reader->feed(s->state, bytes, length, last);
}
