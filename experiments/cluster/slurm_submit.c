/* SPDX-License-Identifier: Apache-2.0 */
#include "slurm_submit.h"

#include "files.h"
#include "machine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE 60.0     /* seconds from one sbatch to the next, as sites ask for */
#define MOST 600.0     /* seconds that a try is put off at most */
#define PATIENCE 120.0 /* seconds for a command to answer */

static double now_of(const struct abl_slurm_submit *s)
{
	return s->now ? s->now() : abl_clock_now();
}

static double pause_of(const struct abl_slurm_submit *s)
{
	return s->pause > 0 ? s->pause : PAUSE;
}

int abl_slurm_submit_begin(struct abl_slurm_submit *s, const struct abl_slurm_job *job,
			   struct abl_err *err)
{
	struct abl_slurm_job own = *job;
	struct abl_str script = {0};
	char *path;
	int rc;

	own.token = abl_slurm_token(s->token);
	abl_slurm_script(&own, &script);
	path = abl_slurm_script_path(own.folder, own.token);
	rc = abl_mkdir_all(own.folder, err);
	rc = rc ? rc : abl_file_write(path, script.text, script.length, err);
	free(path);
	abl_str_finish(&script);
	if (rc)
		return rc;
	abl_argv_finish(&s->words);
	abl_slurm_submit_words(&own, &s->words);
	s->failures = 0;
	s->again = s->any ? s->last + pause_of(s) : 0;
	s->step = ABL_SLURM_WAITS;
	return 0;
}

static enum abl_slurm_news fail(struct abl_slurm_submit *s)
{
	double wait = pause_of(s) * pow(2, s->failures < 8 ? s->failures : 8);

	s->failures++;
	s->passes = abl_slurm_passes(s->why.text);
	s->again = now_of(s) + fmin(wait, fmax(MOST, pause_of(s)));
	s->step = ABL_SLURM_WAITS;
	return ABL_SLURM_FAILED;
}

static enum abl_slurm_news run(struct abl_slurm_submit *s, enum abl_slurm_step step,
			       char *const *words)
{
	struct abl_err err = {0};

	s->step = step;
	if (!abl_slurm_command_start(&s->command, words, PATIENCE, &err))
		return ABL_SLURM_NOTHING;
	abl_str_clear(&s->why);
	abl_str_puts(&s->why, err.text);
	return fail(s);
}

static enum abl_slurm_news submit(struct abl_slurm_submit *s)
{
	s->last = now_of(s);
	s->any = true;
	return run(s, ABL_SLURM_SUBMITS, s->words.word);
}

static enum abl_slurm_news search(struct abl_slurm_submit *s)
{
	struct abl_argv words = {0};
	enum abl_slurm_news news;

	abl_slurm_search_words(&words);
	news = run(s, ABL_SLURM_SEARCHES, words.word);
	abl_argv_finish(&words);
	return news;
}

/* A command has ended. */
static enum abl_slurm_news judge(struct abl_slurm_submit *s)
{
	const struct abl_slurm_command *c = &s->command;
	const bool submitting = s->step == ABL_SLURM_SUBMITS;

	abl_str_clear(&s->job);
	if (!c->exit_code &&
	    (submitting ? abl_slurm_read_job(c->printed.text, &s->job)
			: abl_slurm_find_job(c->printed.text, s->token, &s->job))) {
		s->step = ABL_SLURM_RESTS;
		return ABL_SLURM_SUBMITTED;
	}
	if (!submitting && !c->exit_code)
		return submit(s); /* the queue has no such job */
	abl_str_clear(&s->why);
	abl_str_puts(&s->why, submitting ? "" : "squeue: ");
	abl_slurm_command_why(c, &s->why);
	return fail(s);
}

enum abl_slurm_news abl_slurm_submit_advance(struct abl_slurm_submit *s)
{
	switch (s->step) {
	case ABL_SLURM_RESTS:
		return ABL_SLURM_NOTHING;
	case ABL_SLURM_WAITS:
		if (now_of(s) < s->again)
			return ABL_SLURM_NOTHING;
		return s->failures ? search(s) : submit(s);
	case ABL_SLURM_SUBMITS:
	case ABL_SLURM_SEARCHES:
		break;
	}
	return abl_slurm_command_advance(&s->command) ? judge(s) : ABL_SLURM_NOTHING;
}

double abl_slurm_submit_deadline(const struct abl_slurm_submit *s)
{
	if (s->step == ABL_SLURM_RESTS)
		return INFINITY;
	return s->step == ABL_SLURM_WAITS ? s->again : abl_slurm_command_deadline(&s->command);
}

void abl_slurm_submit_drop(struct abl_slurm_submit *s)
{
	abl_slurm_command_finish(&s->command);
	s->step = ABL_SLURM_RESTS;
}

void abl_slurm_submit_finish(struct abl_slurm_submit *s)
{
	if (!s)
		return;
	abl_slurm_command_finish(&s->command);
	abl_argv_finish(&s->words);
	abl_str_finish(&s->job), abl_str_finish(&s->why);
}
