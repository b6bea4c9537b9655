/* SPDX-License-Identifier: Apache-2.0 */
#include "study_run.h"

#include "core_sharing.h"
#include "files.h"
#include "plan_stored.h"

#include <stdlib.h>

static int make_plan(struct abl_study_run *r, int64_t workers, struct abl_err *err)
{
	int rc = abl_plan_create(&r->plan, r->study, r->folder, err);

	if (rc)
		return rc;
	r->supervisor.run.plan = r->plan;
	abl_core_sharing(r->plan, workers, &r->supervisor.run.workers, &r->supervisor.run.threads);
	return 0;
}

int abl_study_run_plan(struct abl_study_run *r, const char *path, const char *data, int64_t workers,
		       struct abl_err *err)
{
	const struct abl_study_options options = {.data = data};
	int rc = abl_study_load(&r->study, path, &options, err);

	return rc ? rc : make_plan(r, workers, err);
}

int abl_study_run_open(struct abl_study_run *r, const char *folder, bool write, struct abl_err *err)
{
	char *file = abl_path_join(folder, "results.db");
	const bool there = abl_file_exists(file);
	int rc = 0;

	free(file);
	r->supervisor.run.place = folder;
	if (write || there)
		rc = abl_store_open(&r->store, folder, write ? ABL_STORE_WRITE : ABL_STORE_READ,
				    err);
	rc = rc ? rc : abl_speed_load(&r->speed, r->store, err);
	if (!rc && r->store) { /* before the record of the plan takes the place of the last one */
		rc = abl_plan_leaving(r->plan, r->store, &r->leaving, err);
		r->supervisor.run.leaving = r->leaving.text;
	}
	rc = rc || !write ? rc : abl_record_plan(&r->record, r->store, r->plan, err);
	if (rc)
		return rc;
	r->supervisor.run.store = r->store;
	r->supervisor.record = write ? &r->record : NULL;
	return abl_supervisor_init(&r->supervisor, err);
}

int abl_study_run_plan_tests(struct abl_study_run *r, int64_t workers, struct abl_err *err)
{
	r->supervisor.run.tests_only = true;
	return make_plan(r, workers, err);
}

/* A tuned value is known to the plan once the supervisor has looked at the tuning runs: so the plan
 * is recorded after that, and looked at again. */
int abl_study_run_open_tests(struct abl_study_run *r, const char *folder, int64_t *study,
			     struct abl_tests_put *put, struct abl_err *err)
{
	int rc = abl_store_open(&r->store, folder, ABL_STORE_READ, err);

	rc = rc ? rc : abl_store_find_study(r->store, r->study->name, study, err);
	if (rc)
		return rc;
	abl_store_close(r->store); /* it is there: so none is made */
	r->store = NULL;
	rc = abl_store_open(&r->store, folder, ABL_STORE_WRITE, err);
	if (rc)
		return rc;
	r->supervisor.run.store = r->store;
	rc = rc ? rc : abl_supervisor_init(&r->supervisor, err);
	return rc ? rc : abl_record_tests(r->store, r->plan, *study, put, err);
}

void abl_study_run_finish(struct abl_study_run *r)
{
	if (!r)
		return;
	abl_supervisor_finish(&r->supervisor);
	abl_record_finish(&r->record);
	abl_store_close(r->store);
	abl_plan_destroy(r->plan);
	abl_study_destroy(r->study);
	abl_str_finish(&r->leaving);
	*r = (struct abl_study_run){0};
}
