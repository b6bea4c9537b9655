/* SPDX-License-Identifier: Apache-2.0 */
#include "rerun_why.h"

#include "integrity.h"

#include <stdlib.h>
#include <string.h>

struct data_list {
	struct abl_data_file *file; /* texts are their own */
	size_t count, capacity;
};

static void take(void *data, const struct abl_data_file *f)
{
	struct data_list *l = data;

	abl_grow(&l->file, &l->capacity, l->count + 1, sizeof *l->file);
	l->file[l->count++] = (struct abl_data_file){.role = abl_strdup(f->role),
						     .path = abl_strdup(f->path),
						     .hash = abl_strdup(f->hash)};
}

static void finish(struct data_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free((char *)(uintptr_t)l->file[i].role);
		free((char *)(uintptr_t)l->file[i].path);
		free((char *)(uintptr_t)l->file[i].hash);
	}
	free(l->file);
}

/* 0: none of them is another. */
static int compare_data(const struct data_list *then, const struct data_list *now,
			struct abl_err *err)
{
	for (size_t i = 0; i < then->count; i++) {
		const struct abl_data_file *a = &then->file[i], *b = NULL;

		for (size_t k = 0; k < now->count && !b; k++)
			if (!strcmp(now->file[k].role, a->role))
				b = &now->file[k];
		if (!b)
			return abl_err_set(err, ABL_EINPUT,
					   "the data file '%s' (%s) is not found any more; its "
					   "hash was %s",
					   a->path, a->role, a->hash);
		if (strcmp(a->hash, b->hash) != 0)
			return abl_err_set(err, ABL_EINPUT,
					   "the data file '%s' (%s) is another one now: its hash "
					   "was %s and is %s",
					   b->path, a->role, a->hash, b->hash);
	}
	return 0;
}

static void next_line(const char **text, const char **line, int *length)
{
	*line = *text;
	*length = (int)strcspn(*text, "\n");
	*text += *length;
	*text += **text == '\n';
}

/* The first line of the two that is another. */
static int compare_keys(const struct abl_again_stage *then, const char *now, bool from_file,
			struct abl_err *err)
{
	const char *a = then->canonical ? then->canonical : "", *b = now, *x = "", *y = "";
	int n = 0, m = 0;

	while ((*a || *b) && n == m && !strncmp(x, y, (size_t)n)) {
		next_line(&a, &x, &n);
		next_line(&b, &y, &m);
	}
	return abl_err_set(err, ABL_EINPUT,
			   "its stage %s would be another one: '%.*s' then, '%.*s' now%s",
			   then->kind, n < 150 ? n : 150, x, m < 150 ? m : 150, y,
			   from_file ? ""
				     : " (by the record of its study file, which has no values "
				       "of secret variables)");
}

int abl_rerun_why(struct abl_rerun *r, size_t trial, size_t other, struct abl_err *err)
{
	const struct abl_again_stage *then = other == ABL_NONE ? NULL : &r->stages.stage[other];
	struct data_list was = {0}, is = {0};
	struct abl_err ignored = {0};
	size_t now;
	int rc = 0;

	if (!then)
		return abl_err_set(err, ABL_EINPUT,
				   "by its record, study '%s' has no trial '%s' on '%s' with seed "
				   "%lld",
				   r->study, r->variant, r->task, (long long)r->seed);
	if (!abl_study_run_open(&r->run, r->scratch, true, &ignored) &&
	    !abl_read_data_files(r->store, r->study_id, take, &was, &ignored) &&
	    !abl_read_data_files(r->run.store, r->run.record.study, take, &is, &ignored))
		rc = compare_data(&was, &is, err);
	finish(&was), finish(&is);
	if (rc)
		return rc;
	now = abl_plan_stage_of(&r->run.plan->trials[trial], then->role);
	return now == ABL_NONE
		       ? abl_err_set(err, ABL_EINPUT, "it would have no stage %s", then->kind)
		       : compare_keys(then, r->run.plan->stages[now].canonical, r->from_file, err);
}
