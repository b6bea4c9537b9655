/* SPDX-License-Identifier: Apache-2.0 */
#include "slurm_jobs.h"

#include "files.h"
#include "json.h"
#include "slurm_script.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LARGEST = 1 << 20 /* bytes of it */ };

static char *path_in(const char *folder)
{
	return abl_path_join(folder, "slurm-jobs.json");
}

int abl_slurm_jobs_write(const struct abl_slurm_fleet *f, const char *folder, double ago,
			 struct abl_err *err)
{
	char *path = path_in(folder);
	struct abl_str text = {0};
	struct abl_json j;
	json_t *jobs;
	int rc;

	abl_json_begin(&j);
	jobs = abl_json_array(&j, j.root, "jobs");
	for (size_t i = 0; f && i < f->arrays; i++) {
		json_t *one;

		if (!abl_slurm_fleet_is_open(f, i))
			continue;
		one = json_object();
		abl_json_add(&j, jobs, one);
		abl_json_text(&j, one, "job", f->array[i].job);
		abl_json_int(&j, one, "elements", f->array[i].count);
		if (f->array[i].token)
			abl_json_text(&j, one, "comment", f->array[i].token);
	}
	if (isfinite(ago))
		abl_json_int(&j, j.root, "submitted", (int64_t)((double)time(NULL) - ago));
	rc = abl_json_end(&j, JSON_INDENT(1), "the list of jobs", &text, err);
	rc = rc ? rc : abl_file_write(path, text.text, text.length, err);
	abl_str_finish(&text);
	free(path);
	return rc;
}

static bool is_job(const char *text)
{
	struct abl_str same = {0};
	const bool is = text && abl_slurm_read_job(text, &same) && !strcmp(same.text, text);

	abl_str_finish(&same);
	return is;
}

double abl_slurm_jobs_read(struct abl_slurm_fleet *f, const char *folder, double now)
{
	char *path = path_in(folder);
	struct abl_str text = {0};
	json_t *root = NULL, *one, *submitted;
	double ago = INFINITY;
	size_t i;

	/* nothing is waited for: what lies there in its place may be a pipe */
	if (abl_is_regular(path) && !abl_file_read(path, &text, LARGEST, NULL))
		root = json_loadb(text.text, text.length, 0, NULL);
	json_array_foreach(json_object_get(root, "jobs"), i, one)
	{
		const char *job = json_string_value(json_object_get(one, "job"));
		const json_int_t n = json_integer_value(json_object_get(one, "elements"));

		const char *token = json_string_value(json_object_get(one, "comment"));
		size_t at;

		if (!is_job(job) || n < 1 || n > ABL_SLURM_ARRAY_MOST)
			continue;
		at = abl_slurm_fleet_adopt(f, job, n, now);
		f->array[at].token = token && *token ? abl_strdup(token) : NULL;
	}
	submitted = json_object_get(root, "submitted");
	if (json_is_integer(submitted))
		ago = (double)time(NULL) - (double)json_integer_value(submitted);
	json_decref(root);
	abl_str_finish(&text);
	free(path);
	return ago >= 0 ? ago : INFINITY; /* a clock that was set back says nothing */
}
