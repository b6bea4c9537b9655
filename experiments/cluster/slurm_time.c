/* SPDX-License-Identifier: Apache-2.0 */
#include "slurm_time.h"

#include "argv.h"
#include "slurm_command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE 30.0 /* seconds for scontrol to answer */

static const char *job(void)
{
	const char *text = getenv("SLURM_JOB_ID");

	return text && *text ? text : NULL;
}

bool abl_slurm_is_inside(void)
{
	return job();
}

double abl_slurm_read_end(const char *printed)
{
	const char *at = strstr(printed, "EndTime=");
	struct tm tm = {.tm_isdst = -1};
	time_t end;

	while (at && at > printed && at[-1] != ' ' && at[-1] != '\n') /* PreemptEndTime */
		at = strstr(at + 1, "EndTime=");
	if (!at || !strptime(at + strlen("EndTime="), "%Y-%m-%dT%H:%M:%S", &tm))
		return INFINITY;
	end = mktime(&tm);
	return end == (time_t)-1 ? INFINITY : (double)end;
}

static double ask(const char *id)
{
	struct abl_slurm_command c = {0};
	struct abl_argv words = {0};
	double end = INFINITY;

	abl_argv_add(&words, "scontrol");
	abl_argv_add(&words, "--oneliner");
	abl_argv_add(&words, "show");
	abl_argv_add(&words, "job");
	abl_argv_add(&words, id);
	if (!abl_slurm_command_start(&c, words.word, PATIENCE, NULL)) {
		abl_slurm_command_wait(&c);
		if (!c.exit_code)
			end = abl_slurm_read_end(c.printed.text);
	}
	abl_slurm_command_finish(&c);
	abl_argv_finish(&words);
	return end;
}

double abl_slurm_seconds_left(void)
{
	const char *id = job(), *text = getenv("SLURM_JOB_END_TIME");
	double end = INFINITY;

	if (!id)
		return INFINITY;
	if (!text || !abl_parse_real(text, &end) || !(end > 0))
		end = ask(id);
	return isfinite(end) ? fmax(end - (double)time(NULL), 0) : INFINITY;
}
