/* SPDX-License-Identifier: Apache-2.0 */
#include "counting.h"

#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct counting {
	struct abl_attempt_spec *specs; /* [running, of workers] the sinks of those that run */
	size_t running, workers, started;
	const char *line;
	void (*decide)(const void *data, struct abl_end *end, const char **line);
};

static size_t offers(void *state, struct abl_offer *out, size_t most)
{
	const struct counting *c = state;

	if (c->running == c->workers)
		return 0;
	if (most)
		*out = (struct abl_offer){
			.memory = INFINITY, .seconds = INFINITY, .idle = !c->running};
	return 1;
}

static size_t running(void *state)
{
	return ((const struct counting *)state)->running;
}

static int start(void *state, const struct abl_attempt_spec *spec, int64_t *number,
		 struct abl_err *err)
{
	struct counting *c = state;

	(void)err;
	c->specs[c->running++] = *spec;
	*number = (int64_t)++c->started;
	return 0;
}

static void stop(void *state, int64_t number, enum abl_stop how)
{
	(void)state, (void)number, (void)how; /* all end at the next advance() */
}

static size_t descriptors(void *state, struct pollfd *out, size_t most)
{
	(void)state, (void)out, (void)most;
	return 0;
}

static double deadline(void *state)
{
	return running(state) ? 0 : INFINITY;
}

static void advance(void *state)
{
	struct counting *c = state;

	while (c->running) {
		const struct abl_attempt_spec spec = c->specs[--c->running];
		struct abl_end end = {.kind = ABL_END_EXITED, .text = "exit code 0"};
		const char *line = c->line;

		if (c->decide)
			c->decide(spec.data, &end, &line);
		if (line)
			(void)spec.line(spec.data, line, strlen(line));
		spec.ended(spec.data, &end);
	}
}

static void destroy(void *state)
{
	struct counting *c = state;

	free(c->specs);
	free(c);
}

static const struct abl_executor_ops ops = {
	.name = "counting",
	.offers = offers,
	.running = running,
	.start = start,
	.stop = stop,
	.descriptors = descriptors,
	.deadline = deadline,
	.advance = advance,
	.destroy = destroy,
};

void abl_counting_init(struct abl_executor *out, size_t workers, const char *line)
{
	struct counting *c = abl_calloc(1, sizeof *c);

	c->workers = workers;
	c->specs = abl_calloc(workers, sizeof *c->specs);
	c->line = line;
	*out = (struct abl_executor){.ops = &ops, .state = c};
}

void abl_counting_decide(struct abl_executor *e,
			 void (*decide)(const void *data, struct abl_end *end, const char **line))
{
	((struct counting *)e->state)->decide = decide;
}

size_t abl_counting_started(const struct abl_executor *e)
{
	return ((const struct counting *)e->state)->started;
}
