/* SPDX-License-Identifier: Apache-2.0 */
#include "slurm_control.h"

#include "files.h"
#include "machine.h"
#include "slurm_cancel.h"
#include "slurm_fleet.h"
#include "slurm_jobs.h"
#include "slurm_submit.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK 5.0       /* seconds from look to look for logs */
#define CONNECT 120.0  /* seconds from an allocation's log to its worker's hello */
#define OVERTAKEN 5    /* times that: what waits since before a later one began is forgotten */
#define PROBE 15       /* times that: where nothing begins at all, one more is tried */
#define CANCELS 20.0   /* seconds for scancel to answer */
enum { BYE = 2 };      /* seconds in which workers that were let go of end by themselves */
enum { REFUSALS = 3 }; /* of a submission, that do not pass by themselves */
enum { TAIL = 4096 };  /* bytes of a log, of which the last line is told */

struct control {
	struct abl_slurm_setup setup;
	struct abl_slurm_fleet fleet;
	struct abl_slurm_submit submit;
	int probes;    /* since something has begun: each waits longer */
	int64_t asked; /* elements of the submission under way */
	double looked; /* for logs */
	bool stopped;  /* by whoever stops the run */
	struct abl_err failure;
	char told[300]; /* the last failure of a submission: said once */
};

static double now_of(const struct control *c)
{
	return c->setup.now ? c->setup.now() : abl_clock_now();
}

static double since_sbatch(const struct control *c)
{
	return c->submit.any ? now_of(c) - c->submit.last : INFINITY;
}

static void say(const struct control *c, const char *text)
{
	if (c->setup.says)
		c->setup.says(c->setup.data, text);
}

/* A list that could not be written costs the next head a few more jobs, no more. */
static void note_jobs(const struct control *c)
{
	struct abl_err ignored = {0};

	(void)!abl_slurm_jobs_write(&c->fleet, c->setup.folder, since_sbatch(c), &ignored);
}

static double patience(const struct control *c)
{
	return c->setup.connect > 0 ? c->setup.connect : CONNECT;
}

static double next_look(const struct control *c)
{
	return c->looked + fmin(LOOK, .25 * patience(c));
}

/* ---- allocations that have begun ---- */

static void look_for_logs(struct control *c)
{
	for (size_t i = 0; i < c->fleet.arrays; i++)
		for (int64_t k = 0; k < c->fleet.array[i].count; k++) {
			const struct abl_slurm_array *a = &c->fleet.array[i];
			char *path;

			if (a->element[k].state != ABL_SLURM_QUEUED)
				continue;
			path = abl_slurm_log_path(c->setup.folder, a->job, k);
			if (abl_file_exists(path))
				abl_slurm_fleet_begun(&c->fleet, i, k, now_of(c));
			free(path);
		}
}

/* The first line that says that it is an error, or else the last with a word in it. */
static void add_log_line(const char *path, struct abl_str *out)
{
	char block[TAIL + 2] = "";
	const char *found = "";
	FILE *f = fopen(path, "rb");
	size_t n = 0, length;

	if (f) {
		if (fseek(f, -TAIL, SEEK_END))
			rewind(f);
		n = fread(block, 1, TAIL, f);
		(void)fclose(f);
	}
	for (size_t i = 0; i < n; i++)
		block[i] = block[i] ? block[i] : '?';
	block[n] = '\0';
	for (char *line = block; *line; line += length + 1) {
		length = strcspn(line, "\n");
		line[length] = '\0';
		if (strspn(line, " \t\r") < length)
			found = line;
		if (strcasestr(line, "error"))
			break;
	}
	for (size_t i = 0; i < 200 && found[i]; i++)
		abl_str_add(out, (unsigned char)found[i] < ' ' ? "?" : found + i, 1);
}

static void tell_silence(struct control *c, size_t array, int64_t element)
{
	const char *job = c->fleet.array[array].job;
	char *path = abl_slurm_log_path(c->setup.folder, job, element);
	struct abl_str text = {0}, line = {0};
	char time[32];

	add_log_line(path, &line);
	abl_str_printf(&text, "job %.*s_%lld has begun, and its worker has not connected in %s: %s",
		       (int)strcspn(job, ";"), job, (long long)element,
		       abl_format_duration(patience(c), time),
		       line.length ? line.text : "its log is empty");
	if (abl_slurm_fleet_is_hopeless(&c->fleet)) {
		abl_err_set(&c->failure, ABL_EFAIL,
			    "%d allocations in a row have begun and none has connected, so no more "
			    "are asked for; the last one's log '%.400s' says: %s",
			    (int)c->fleet.silent, path, line.length ? line.text : "nothing");
		abl_slurm_submit_drop(&c->submit);
	}
	say(c, text.text);
	abl_str_finish(&text), abl_str_finish(&line);
	free(path);
}

static void look(struct control *c)
{
	size_t array;
	int64_t element, forgotten;
	char text[160];

	if (now_of(c) < next_look(c))
		return;
	c->looked = now_of(c);
	look_for_logs(c);
	forgotten = abl_slurm_fleet_forget(&c->fleet, OVERTAKEN * patience(c), c->looked);
	if (forgotten) {
		snprintf(text, sizeof text,
			 "%lld allocation%s still wait%s, and later ones have begun long ago: "
			 "others are asked for",
			 (long long)forgotten, abl_plural(forgotten), forgotten == 1 ? "s" : "");
		say(c, text);
	}
	while (abl_slurm_fleet_silent(&c->fleet, patience(c), c->looked, &array, &element))
		tell_silence(c, array, element);
}

/* ---- asking for more ---- */

static void tell_submitted(struct control *c)
{
	const char *job = c->submit.job.text;
	const int n = (int)strcspn(job, ";");
	char text[300];
	const size_t at = abl_slurm_fleet_add(&c->fleet, job, c->asked, now_of(c));

	c->fleet.array[at].token = abl_strdup(c->submit.token);
	note_jobs(c);
	c->told[0] = '\0';
	snprintf(text, sizeof text,
		 "job %.*s asks for %lld worker%s; 'squeue --jobs=%.*s' shows when %s", n, job,
		 (long long)c->asked, abl_plural(c->asked), n, job,
		 c->asked == 1 ? "it starts" : "they start");
	say(c, text);
}

/* It is the nodes that are left out, or an option of the user's; both are no matter of time. */
static void give_up(struct control *c)
{
	struct abl_str out = {0};

	abl_slurm_fleet_left_out(&c->fleet, &out);
	if (out.length) {
		abl_slurm_fleet_forgive(&c->fleet);
		abl_slurm_submit_drop(&c->submit);
		say(c, "no node is left out any more, since sbatch refused a job without them");
	} else if (c->submit.failures >= REFUSALS || c->submit.command.exit_code == 127) {
		abl_err_set(
			&c->failure, ABL_EFAIL,
			"Slurm takes no job of this study: %.300s; see 'cluster: slurm:' in the "
			"study",
			c->submit.why.text);
		abl_slurm_submit_drop(&c->submit);
	}
	abl_str_finish(&out);
}

static void tell_failed(struct control *c)
{
	const char *why = c->submit.why.text;
	char text[500], wait[32];

	if (!c->submit.passes)
		give_up(c);
	if (c->failure.code || !strncmp(c->told, why, sizeof c->told - 1))
		return;
	snprintf(c->told, sizeof c->told, "%s", why);
	snprintf(text, sizeof text, "no workers were submitted: %.300s; tried again in %s", why,
		 abl_format_duration(fmax(ceil(c->submit.again - now_of(c)), 1), wait));
	say(c, text);
}

/* All that was asked for waits, and has for long: it may be held. One more shows whether it is the
 * queue, and overtakes what is. */
static bool nothing_begins(const struct control *c)
{
	return !abl_slurm_fleet_in(&c->fleet, ABL_SLURM_JOINED) &&
	       !abl_slurm_fleet_in(&c->fleet, ABL_SLURM_BEGUN) && c->submit.any &&
	       since_sbatch(c) > PROBE * patience(c) * (1 + c->probes);
}

/* Allocations that are wanted and not there; none where nothing is left to do. */
static int64_t missing(const struct control *c)
{
	const size_t left = c->setup.left(c->setup.data);
	int64_t wanted = c->setup.workers;

	if (c->stopped || c->failure.code)
		return 0;
	if ((size_t)wanted > left)
		wanted = (int64_t)left;
	wanted -= abl_slurm_fleet_count(&c->fleet);
	if (wanted <= 0 && left && nothing_begins(c))
		return 1;
	return wanted > ABL_SLURM_ARRAY_MOST ? ABL_SLURM_ARRAY_MOST : wanted > 0 ? wanted : 0;
}

static void ask_for(struct control *c, int64_t elements)
{
	struct abl_str exclude = {0};
	struct abl_err err = {0};
	struct abl_slurm_job job = {.study = c->setup.study,
				    .folder = c->setup.folder,
				    .elements = elements,
				    .lead = ABL_SLURM_LEAD + (int64_t)ceil(c->setup.grace),
				    .options = c->setup.options,
				    .words = c->setup.words};

	abl_slurm_fleet_left_out(&c->fleet, &exclude);
	job.exclude = exclude.length ? exclude.text : NULL;
	c->asked = elements;
	c->probes = nothing_begins(c) ? c->probes + 1 : 0;
	if (abl_slurm_submit_begin(&c->submit, &job, &err) &&
	    strncmp(c->told, err.text, sizeof c->told - 1) != 0) { /* a full disk */
		snprintf(c->told, sizeof c->told, "%.299s", err.text);
		say(c, err.text);
	}
	abl_str_finish(&exclude);
}

/* ---- the table ---- */

static size_t offers(void *state, struct abl_offer *out, size_t most)
{
	(void)state, (void)out, (void)most;
	return 0;
}

static size_t running(void *state)
{
	(void)state;
	return 0;
}

static int start(void *state, const struct abl_attempt_spec *spec, int64_t *number,
		 struct abl_err *err)
{
	(void)state, (void)spec, (void)number;
	return abl_err_set(err, ABL_EFAIL, "Slurm starts workers, no attempts");
}

static void stop(void *state, int64_t number, enum abl_stop how)
{
	struct control *c = state;

	(void)how;
	if (number == ABL_EVERY_ATTEMPT)
		c->stopped = true;
}

static size_t descriptors(void *state, struct pollfd *out, size_t most)
{
	return abl_slurm_command_descriptors(&((struct control *)state)->submit.command, out, most);
}

static double deadline(void *state)
{
	const struct control *c = state;

	return fmin(next_look(c), abl_slurm_submit_deadline(&c->submit));
}

static void advance(void *state)
{
	struct control *c = state;

	look(c);
	switch (abl_slurm_submit_advance(&c->submit)) {
	case ABL_SLURM_SUBMITTED:
		tell_submitted(c);
		break;
	case ABL_SLURM_FAILED:
		tell_failed(c);
		break;
	case ABL_SLURM_NOTHING:
		break;
	}
	if (abl_slurm_submit_rests(&c->submit)) {
		const int64_t n = missing(c);

		if (n > 0)
			ask_for(c, n);
	} else if (c->submit.step == ABL_SLURM_WAITS && !c->submit.failures && !missing(c)) {
		abl_slurm_submit_drop(&c->submit); /* what was missing has come, or is done */
	}
}

/* Whatever an earlier head's list says, no other job of the user's is cancelled. */
static void check_adopted(struct control *c)
{
	char text[200];

	for (size_t i = 0; i < c->fleet.arrays; i++) {
		struct abl_slurm_array *a = &c->fleet.array[i];

		if (!abl_slurm_fleet_is_open(&c->fleet, i) || abl_slurm_is_ours(a))
			continue;
		a->foreign = true;
		snprintf(text, sizeof text,
			 "job %.60s of an earlier start is not cancelled: squeue shows no such job "
			 "of ours",
			 a->job);
		say(c, text);
	}
}

static void cancel_open(struct control *c, bool waiting)
{
	for (size_t i = 0; i < c->fleet.arrays; i++)
		if (abl_slurm_fleet_is_open(&c->fleet, i) && !c->fleet.array[i].foreign)
			abl_slurm_cancel(c->fleet.array[i].job, waiting);
}

/* What waits in the queue first. Workers that are there were told to end, or find out that their
 * head is gone: they have a moment to do so by themselves. */
static void cancel_all(struct control *c)
{
	const struct timespec pause = {.tv_sec = BYE};

	check_adopted(c);
	cancel_open(c, true);
	if (abl_slurm_fleet_in(&c->fleet, ABL_SLURM_JOINED) && !c->setup.now)
		(void)nanosleep(&pause, NULL);
	cancel_open(c, false);
}

/* A submission under way may have been taken: its job is in the queue by now, or never. */
static void cancel_unknown(struct control *c)
{
	if (c->submit.step == ABL_SLURM_WAITS && !c->submit.failures)
		return;
	if (c->submit.step == ABL_SLURM_SUBMITS) { /* it is in the middle of being taken */
		c->submit.command.until = fmin(c->submit.command.until, abl_clock_now() + CANCELS);
		abl_slurm_command_wait(&c->submit.command);
		if (!c->submit.command.exit_code &&
		    abl_slurm_read_job(c->submit.command.printed.text, &c->submit.job))
			abl_slurm_cancel(c->submit.job.text, false);
	}
	abl_slurm_submit_drop(&c->submit);
}

static void destroy(void *state)
{
	struct control *c = state;

	if (!abl_slurm_submit_rests(&c->submit))
		cancel_unknown(c);
	cancel_all(c);
	(void)!abl_slurm_jobs_write(NULL, c->setup.folder, since_sbatch(c), NULL);
	abl_slurm_submit_finish(&c->submit);
	abl_slurm_fleet_finish(&c->fleet);
	free(c);
}

static const struct abl_executor_ops ops = {
	.name = "slurm",
	.offers = offers,
	.running = running,
	.start = start,
	.stop = stop,
	.descriptors = descriptors,
	.deadline = deadline,
	.advance = advance,
	.destroy = destroy,
};

int abl_slurm_control_init(struct abl_executor *out, const struct abl_slurm_setup *setup,
			   struct abl_err *err)
{
	struct control *c;
	int rc = abl_slurm_check_options(setup->options, err);

	rc = rc ? rc : abl_mkdir_all(setup->folder, err);
	if (rc)
		return rc;
	c = abl_calloc(1, sizeof *c);
	c->setup = *setup;
	c->submit.pause = setup->pause;
	c->submit.now = setup->now;
	c->submit.last = now_of(c) - abl_slurm_jobs_read(&c->fleet, setup->folder, now_of(c));
	c->submit.any = isfinite(c->submit.last);
	*out = (struct abl_executor){.ops = &ops, .state = c};
	return 0;
}

bool abl_slurm_control_joined(struct abl_executor *e, int64_t number, const char *job,
			      const char *array, const char *node)
{
	struct control *c = e->state;

	return abl_slurm_fleet_joined(&c->fleet, number, job, array, node, now_of(c));
}

void abl_slurm_control_gone(struct abl_executor *e, int64_t number, bool lost)
{
	struct control *c = e->state;
	const char *node = abl_slurm_fleet_gone(&c->fleet, number, lost, now_of(c));
	char text[200];

	if (!node)
		return;
	snprintf(text, sizeof text,
		 "%d workers were lost on node %.80s: it is left out from now on",
		 ABL_SLURM_NODE_LOSES, node);
	say(c, text);
}

int abl_slurm_control_failure(const struct abl_executor *e, struct abl_err *err)
{
	const struct control *c = e->state;

	return c->failure.code
		       ? abl_err_set(err, (enum abl_code)c->failure.code, "%s", c->failure.text)
		       : 0;
}

bool abl_slurm_control_may_come(const struct abl_executor *e)
{
	const struct control *c = e->state;

	if (abl_slurm_fleet_is_hopeless(&c->fleet)) /* what still waits would not connect either */
		return abl_slurm_fleet_in(&c->fleet, ABL_SLURM_JOINED) > 0;
	return !c->stopped && (!c->failure.code || abl_slurm_fleet_count(&c->fleet) > 0);
}
