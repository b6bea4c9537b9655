/* SPDX-License-Identifier: Apache-2.0 */
#include "worker_site.h"

#include "link_process.h"
#include "machine.h"
#include "str.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE 10.0 /* seconds in which a controller answers, or does not */
enum { MOST = 1 << 16 };

static const char *first_of(const char *const *names)
{
	const char *value = NULL;

	for (; *names && !(value && *value); names++)
		value = getenv(*names);
	return value ? value : "";
}

double abl_site_end_of(const char *text)
{
	static const char name[] = "EndTime=";
	const char *at = strstr(text, name);
	struct tm day = {.tm_isdst = -1};
	time_t end;

	if (!at || !strptime(at + strlen(name), "%Y-%m-%dT%H:%M:%S", &day))
		return INFINITY; /* "Unknown": no limit */
	end = mktime(&day);      /* it prints local time */
	return end < 0 ? INFINITY : (double)end;
}

static void read_answer(const struct abl_link *link, struct abl_str *out)
{
	const double until = abl_clock_now() + PATIENCE;
	char block[4096];
	ssize_t n = -1;

	while (n && abl_clock_now() < until && out->length < MOST) {
		struct pollfd fds[ABL_LINK_DESCRIPTORS];
		const size_t count =
			link->ops->descriptors(link->state, false, fds, ABL_LINK_DESCRIPTORS);

		(void)poll(fds, count, 1000);
		n = link->ops->read(link->state, block, sizeof block);
		if (n > 0)
			abl_str_add(out, block, (size_t)n);
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			return;
	}
}

static double ask_slurm(const char *job)
{
	const char *const words[] = {"scontrol", "show", "job", "-o", job, NULL};
	struct abl_link link = {0};
	struct abl_str answer = {0};
	double end;

	abl_str_puts(&answer, "");
	if (!abl_link_process_start(&link, words, "/dev/null", NULL))
		read_answer(&link, &answer);
	abl_link_close(&link);
	end = abl_site_end_of(answer.text);
	abl_str_finish(&answer);
	return end;
}

static double number_of(const char *name)
{
	const char *text = getenv(name);

	return text ? strtod(text, NULL) : 0; /* "2(x3),1": that of the first node */
}

/* Of what Slurm has given to the step on this node, the share of one of its tasks. Without cgroups
 * and without binding nothing else tells that the rest of the node is not ours. */
static void read_share(struct abl_site *site)
{
	const double cores = number_of("SLURM_CPUS_ON_NODE"),
		     tasks = fmax(number_of("SLURM_STEP_TASKS_PER_NODE"), 1);
	double mebibytes = number_of("SLURM_MEM_PER_NODE");

	if (!(mebibytes > 0))
		mebibytes = number_of("SLURM_MEM_PER_CPU") * cores;
	if (cores >= 1)
		site->cores = (int)fmax(cores / tasks, 1);
	if (mebibytes > 0)
		site->memory = mebibytes * 1048576 / tasks;
}

void abl_site_read(struct abl_site *site)
{
	static const char *const jobs[] = {"SLURM_ARRAY_JOB_ID", "SLURM_JOB_ID", "PBS_JOBID",
					   "LSB_JOBID",          "JOB_ID",       NULL};
	static const char *const arrays[] = {"SLURM_ARRAY_TASK_ID", "PBS_ARRAY_INDEX",
					     "LSB_JOBINDEX", "SGE_TASK_ID", NULL};
	static const char *const nodes[] = {"SLURMD_NODENAME", NULL};
	const char *slurm = getenv("SLURM_JOB_ID"), *end = getenv("SLURM_JOB_END_TIME");

	*site = (struct abl_site){.memory = INFINITY, .ends = INFINITY};
	if (slurm && *slurm)
		read_share(site);
	snprintf(site->job, sizeof site->job, "%s", first_of(jobs));
	snprintf(site->array, sizeof site->array, "%s", first_of(arrays));
	snprintf(site->node, sizeof site->node, "%s", first_of(nodes));
	if (end && abl_parse_real(end, &site->ends) && site->ends > 0)
		return;
	site->ends = slurm && *slurm ? ask_slurm(slurm) : INFINITY;
}

double abl_site_seconds_left(const struct abl_site *site)
{
	return isfinite(site->ends) ? fmax(0, site->ends - (double)time(NULL)) : INFINITY;
}
