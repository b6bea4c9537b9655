/* SPDX-License-Identifier: Apache-2.0 */
#include "running_file.h"

#include "files.h"
#include "json.h"
#include "machine.h"
#include "utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EVERY 1.0 /* seconds */
#define NAME "running.json"
enum { MOST = 1 << 20 }; /* bytes */

static void add_job(struct abl_json *j, json_t *jobs, const struct abl_run *run,
		    const struct abl_job *job)
{
	json_t *o = json_object();

	abl_json_text(j, o, "key", run->plan->stages[job->stage].key);
	abl_json_int(j, o, "attempt", job->attempt);
	if (job->share > 0)
		abl_json_real(j, o, "share", job->share);
	if (job->step)
		abl_json_int(j, o, "step", job->step);
	if (job->steps)
		abl_json_int(j, o, "steps", job->steps);
	abl_json_add(j, jobs, o);
}

void abl_running_file_says(struct abl_running_file *f, const char *text)
{
	abl_utf8_visible_in(f->said, sizeof f->said, text);
	f->said_at = (int64_t)time(NULL);
	f->written = 0; /* whoever looks on is to know it now */
}

static int describe(struct abl_running_file *f, const struct abl_run *run, struct abl_str *out,
		    struct abl_err *err)
{
	const double left = abl_left_now(&f->left, run);
	struct abl_json j;
	json_t *jobs;

	abl_json_begin(&j);
	abl_json_int(&j, j.root, "pid", getpid());
	abl_json_text(&j, j.root, "study", run->plan->study->name);
	if (isfinite(left))
		abl_json_real(&j, j.root, "left", left);
	if (*f->said) {
		abl_json_text(&j, j.root, "said", f->said);
		abl_json_int(&j, j.root, "said_at", f->said_at);
	}
	jobs = abl_json_array(&j, j.root, "jobs");
	for (size_t i = 0; i < run->running; i++)
		add_job(&j, jobs, run, run->jobs[i]);
	return abl_json_end(&j, JSON_COMPACT, NAME, out, err);
}

/* A reader sees the whole of one or of the one before; what a power cut leaves of it is the same to
 * all. */
void abl_running_file_write(struct abl_running_file *f, const struct abl_run *run)
{
	struct abl_str text = {0};
	struct abl_err ignored = {0};
	char *path, *beside;

	if (f->written > 0 && abl_clock_now() - f->written < EVERY)
		return;
	f->written = abl_clock_now();
	path = abl_path_join(run->folder, NAME);
	beside = abl_path_join(run->folder, NAME ".tmp");
	if (!describe(f, run, &text, &ignored) &&
	    !abl_file_write_passing(beside, text.text, text.length, &ignored))
		(void)rename(beside, path);
	abl_str_finish(&text);
	free(path), free(beside);
}

void abl_running_file_remove(const struct abl_run *run)
{
	char *path = abl_path_join(run->folder, NAME);

	(void)unlink(path);
	free(path);
}

json_t *abl_running_file_read(const char *folder)
{
	char *path = abl_path_join(folder, NAME);
	struct abl_str text = {0};
	struct abl_err ignored = {0};
	json_t *all = abl_file_read(path, &text, MOST, &ignored)
			      ? NULL
			      : json_loadb(text.text, text.length, 0, NULL);

	abl_str_finish(&text);
	free(path);
	return all;
}
