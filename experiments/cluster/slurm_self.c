/* SPDX-License-Identifier: Apache-2.0 */
#include "slurm_self.h"

#include "machine.h"
#include "slurm_submit.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 5 }; /* where the controller is busy */

/* Cards, memory and the number of tasks are for workers. */
static const struct {
	const char *name;
	char letter;
} shared[] = {
	{"partition", 'p'},  {"account", 'A'},    {"qos", 'q'},        {"reservation", '\0'},
	{"clusters", 'M'},   {"cluster", '\0'},   {"constraint", 'C'}, {"time", 't'},
	{"wckey", '\0'},     {"nice", '\0'},      {"exclude", 'x'},    {"export", '\0'},
	{"mail-type", '\0'}, {"mail-user", '\0'}, {"comment", '\0'},
};

/* Whether it says where and for whom a job is: a head takes that over. */
static bool is_shared(const char *option, bool *value_follows)
{
	*value_follows = false;
	for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
		const size_t n = strlen(shared[i].name);

		if (shared[i].letter && option[0] == '-' && option[1] == shared[i].letter) {
			*value_follows = !option[2];
			return true;
		}
		if (strncmp(option, "--", 2) != 0 || strncmp(option + 2, shared[i].name, n) != 0 ||
		    (option[n + 2] && option[n + 2] != '='))
			continue;
		*value_follows = !option[n + 2] && strcmp(shared[i].name, "nice") != 0;
		return true;
	}
	return false;
}

static void choose_options(const struct abl_slurm_self *self, struct abl_argv *out)
{
	if (!self->whole)
		abl_argv_add(out, "--ntasks=1");
	for (size_t i = 0; self->options && self->options[i]; i++) {
		bool follows;
		const bool takes = is_shared(self->options[i], &follows) || self->whole;

		if (takes)
			abl_argv_add(out, self->options[i]);
		if (takes && follows && self->options[i + 1])
			abl_argv_add(out, self->options[++i]);
	}
	for (size_t i = 0; self->head_options && self->head_options[i]; i++)
		abl_argv_add(out, self->head_options[i]);
}

static void wait_for(const struct abl_slurm_submit *s)
{
	struct pollfd fds[2];
	const double left = abl_slurm_submit_deadline(s) - abl_clock_now();

	(void)poll(fds, abl_slurm_command_descriptors(&s->command, fds, 2),
		   (int)(1e3 * fmin(fmax(left, 0), .1)));
}

/* It has failed: whether it is tried again, and that it is. */
static int judge(const struct abl_slurm_self *self, const struct abl_slurm_submit *s,
		 struct abl_err *err)
{
	const char *why = s->why.length ? s->why.text : "no answer";
	struct abl_str text = {0};
	char wait[32];

	if (!s->passes || s->failures >= TRIES)
		return abl_err_set(err, ABL_EFAIL, "the run was not submitted: %.400s%s", why,
				   s->passes ? "; try again later, or keep the head here by --here"
					     : "; see 'cluster: slurm:' in the study");
	abl_str_printf(&text, "not submitted yet: %s; tried again in %s", why,
		       abl_format_duration(fmax(ceil(s->again - abl_clock_now()), 1), wait));
	self->says(self->data, text.text);
	abl_str_finish(&text);
	return 0;
}

int abl_slurm_self_submit(const struct abl_slurm_self *self, struct abl_str *job,
			  struct abl_str *log, struct abl_err *err)
{
	struct abl_slurm_submit s = {.pause = self->pause};
	struct abl_argv options = {0};
	struct abl_slurm_job of = {.study = self->study,
				   .folder = self->folder,
				   .lead = ABL_SLURM_LEAD +
					   (self->whole ? (int64_t)ceil(self->grace) : 0),
				   .whole = self->whole,
				   .words = self->words,
				   .directory = self->directory};
	enum abl_slurm_news news = ABL_SLURM_NOTHING;
	int rc = abl_slurm_check_options(self->options, err);

	rc = rc ? rc : abl_slurm_check_options(self->head_options, err);
	choose_options(self, &options);
	of.options = (const char *const *)options.word;
	rc = rc ? rc : abl_slurm_submit_begin(&s, &of, err);
	while (!rc && (news = abl_slurm_submit_advance(&s)) != ABL_SLURM_SUBMITTED) {
		if (news == ABL_SLURM_FAILED)
			rc = judge(self, &s, err);
		else
			wait_for(&s);
	}
	if (!rc) {
		char *path = abl_slurm_log_path(self->folder, s.job.text, -1);

		abl_str_add(job, s.job.text, strcspn(s.job.text, ";"));
		abl_str_puts(log, path);
		free(path);
	}
	abl_slurm_submit_finish(&s);
	abl_argv_finish(&options);
	return rc;
}
