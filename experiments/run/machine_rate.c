/* SPDX-License-Identifier: Apache-2.0 */
#include "machine_rate.h"

#include "bench_steps.h"
#include "machine.h"
#include "native_cost.h"
#include "str.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 1.0     /* seconds for all shapes together */
#define LEAST .03    /* and where the whole study takes no longer than a few of them */
#define SHARE .02    /* of what the study takes by its costs */
#define MOST_STEPS 6 /* of a shape */
#define MOST_SHAPES 64

struct shape {
	bool pretrain;
	int threads;
	int64_t layers, hidden, heads, ffn, vocab, batch, length;
	const char *precision;
	double rate; /* 0: not measured */
	/* while a plan is looked at */
	const struct abl_config *config;
	double cost; /* of all stages that have it */
};

static struct shape known[MOST_SHAPES];
static size_t known_count;

static bool shape_of(const struct abl_plan_stage *stage, int threads, struct shape *out)
{
	const struct abl_config *c;
	struct abl_native_step step;

	if (stage->kind->foreign || stage->kind->prepares)
		return false;
	step = abl_native_step(stage);
	c = step.config;
	*out = (struct shape){.pretrain = stage->task == ABL_NONE,
			      .threads = threads,
			      .layers = c->layers,
			      .hidden = c->hidden,
			      .heads = c->heads,
			      .ffn = c->ffn_size,
			      .vocab = c->vocab_size,
			      .batch = step.batch,
			      .length = step.length,
			      .precision = c->precision,
			      .config = c};
	return true;
}

static bool is_same(const struct shape *a, const struct shape *b)
{
	return a->pretrain == b->pretrain && a->threads == b->threads && a->layers == b->layers &&
	       a->hidden == b->hidden && a->heads == b->heads && a->ffn == b->ffn &&
	       a->vocab == b->vocab && a->batch == b->batch && a->length == b->length &&
	       !strcmp(a->precision, b->precision);
}

static double factor(int64_t a, int64_t b)
{
	return fabs(log((double)(a > 0 ? a : 1) / (double)(b > 0 ? b : 1)));
}

/* How unlike they are: the width says most of how fast products run. */
static double distance(const struct shape *a, const struct shape *b)
{
	return 4 * factor(a->hidden, b->hidden) + 2 * factor(a->layers, b->layers) +
	       factor(a->length, b->length) + factor(a->batch, b->batch) +
	       factor(a->vocab, b->vocab) + (a->pretrain != b->pretrain) +
	       10 * (strcmp(a->precision, b->precision) != 0) + 10 * (a->threads != b->threads);
}

double abl_machine_rate_seconds(const struct abl_plan_stage *stage, int threads)
{
	const struct shape *best = NULL;
	struct shape wanted;

	if (!shape_of(stage, threads, &wanted))
		return 0;
	for (size_t i = 0; i < known_count; i++)
		if (known[i].rate > 0 &&
		    (!best || distance(&known[i], &wanted) < distance(best, &wanted)))
			best = &known[i];
	return best ? ABL_NATIVE_BASE + fmax(stage->cost - ABL_NATIVE_BASE, 0) * best->rate : 0;
}

/* Processor seconds of a step of so many sequences; 0: it did not work. */
static double time_steps(const struct shape *s, const struct abl_config *c, int64_t batch,
			 double seconds)
{
	const double cost = abl_native_step_cost(c, s->pretrain, batch, s->length);
	const struct abl_bench_steps steps = {
		.config = c,
		.pretrain = s->pretrain,
		.batch = batch,
		.length = s->length,
		.steps = (int64_t)fmin(fmax(seconds / cost, 1), MOST_STEPS),
		.threads = s->threads,
	};
	struct abl_err err = {0};
	double cpu = 0;

	return abl_bench_steps(&steps, &cpu, &err) ? 0 : cpu;
}

/* A step is so much for each sequence, and so much for the weights. Where a whole one would take
 * longer than `seconds` by its cost, both are told from two smaller ones of a model of fewer
 * layers. Processor seconds for each of its cost; 0: it did not work. */
static double time_shape(const struct shape *s, double seconds)
{
	struct abl_config c = *s->config;
	const double whole = abl_native_step_cost(&c, s->pretrain, s->batch, s->length);
	const double weights = abl_native_weights(&c);
	int64_t batch = s->batch;
	double small, large, each, rest, deeper;

	if (2 * whole <= seconds)
		return time_steps(s, &c, s->batch, seconds) / whole;
	while (c.layers > 1 && 8 * abl_native_step_cost(&c, s->pretrain, 4, s->length) > seconds)
		c.layers = (c.layers + 1) / 2;
	while (batch > 4 && 8 * abl_native_step_cost(&c, s->pretrain, batch, s->length) > seconds)
		batch = (batch + 1) / 2;
	small = time_steps(s, &c, (batch + 1) / 2, seconds / 8);
	large = time_steps(s, &c, batch, seconds / 4);
	if (!(small > 0) || !(large > 0))
		return 0;
	each = fmax((large - small) / (double)(batch - (batch + 1) / 2),
		    .3 * large / (double)batch);
	rest = fmax(large - each * (double)batch, 0);
	deeper = whole / (double)s->batch / abl_native_step_cost(&c, s->pretrain, 1, s->length);
	return (each * (double)s->batch * deeper + rest * weights / abl_native_weights(&c)) / whole;
}

struct told {
	size_t shape;
	double rate;
};

/* In the child. */
static void time_all(const struct shape *shapes, size_t count, double seconds, int out)
{
	double all = 0;
	const clock_t most = (clock_t)(seconds * CLOCKS_PER_SEC); /* of the processor */

	for (size_t i = 0; i < count; i++)
		all += shapes[i].cost;
	/* the one that counts most, then from the small ones on: these take little */
	for (size_t k = 0; k < count && (!k || clock() < most); k++) {
		const size_t i = k ? count - k : 0;
		const double share = fmax(shapes[i].cost / all, .5 / (double)count);
		const struct told told = {.shape = i,
					  .rate = time_shape(&shapes[i], .2 * seconds * share)};

		if (write(out, &told, sizeof told) != sizeof told)
			break;
	}
}

/* One that takes far longer than it should is given up. */
static void hear_all(struct shape *shapes, size_t count, double seconds, int in)
{
	const double until = abl_clock_now() + 3 * seconds + 1;
	struct pollfd wait = {.fd = in, .events = POLLIN};
	struct told told;
	int left;

	while ((left = (int)(1000 * (until - abl_clock_now()))) > 0) {
		const int ready = poll(&wait, 1, left);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0 || read(in, &told, sizeof told) != sizeof told)
			break;
		if (told.shape < count && isfinite(told.rate) && told.rate > 0)
			shapes[told.shape].rate = told.rate;
	}
}

static void measure(struct shape *shapes, size_t count, double seconds)
{
	const pid_t parent = getpid();
	int ends[2], status;
	pid_t child;

	if (pipe(ends))
		return;
	child = fork();
	if (!child) {
		close(ends[0]);
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
			_exit(1);                /* nobody hears */
		unsetenv("ABLATE_SAVE_SECONDS"); /* nothing is to be saved */
		time_all(shapes, count, seconds, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	if (child > 0) {
		hear_all(shapes, count, seconds, ends[0]);
		kill(child, SIGKILL);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(ends[0]);
}

static int by_cost(const void *a, const void *b)
{
	const double x = ((const struct shape *)a)->cost, y = ((const struct shape *)b)->cost;

	return (x < y) - (x > y);
}

static bool is_known(const struct shape *s)
{
	for (size_t i = 0; i < known_count; i++)
		if (is_same(&known[i], s))
			return true;
	return false;
}

void abl_machine_rate_measure(const struct abl_plan *plan, const bool *stages, int threads)
{
	struct shape shapes[MOST_SHAPES], s;
	size_t count = 0;
	double cost = 0;

	for (size_t i = 0; i < plan->stage_count; i++) {
		size_t k = 0;

		if (!stages[i] || !shape_of(&plan->stages[i], threads, &s))
			continue;
		cost += plan->stages[i].cost;
		if (is_known(&s))
			continue;
		while (k < count && !is_same(&shapes[k], &s))
			k++;
		if (k == MOST_SHAPES)
			continue;
		if (k == count)
			shapes[count++] = s;
		shapes[k].cost += plan->stages[i].cost;
	}
	if (!count)
		return;
	qsort(shapes, count, sizeof *shapes, by_cost);
	measure(shapes, count, fmin(fmax(SHARE * cost, LEAST), MOST));
	for (size_t i = 0; i < count && known_count < MOST_SHAPES; i++)
		known[known_count++] = shapes[i];
}
