/* SPDX-License-Identifier: Apache-2.0 */
#include "growth.h"

#include "engine.h"
#include "files.h"
#include "past.h"
#include "stopping.h"
#include "store.h"

#include <stdlib.h>
#include <string.h>

/* 1 = it is open, 0 = there is none. */
static int open_store(struct abl_store **store, const char *folder, struct abl_err *err)
{
	char *file = folder ? abl_path_join(folder, "results.db") : NULL;
	int rc = 0;

	*store = NULL;
	if (file && abl_file_exists(file)) {
		rc = abl_store_open(store, folder, ABL_STORE_READ, err);
		rc = rc ? rc : 1;
	}
	free(file);
	return rc;
}

int abl_growth_seeds(const struct abl_study *study, const char *folder, bool more, int64_t *seeds,
		     struct abl_err *err)
{
	struct abl_seeds_look look = {0};
	struct abl_store *store;
	struct abl_err ignored = {0};
	int64_t id;
	int rc = open_store(&store, folder, err);

	*seeds = 0;
	if (rc == 1 && !abl_store_find_study(store, study->name, &id, &ignored))
		rc = abl_seeds_look(store, id, &look, err);
	abl_store_close(store);
	if (rc < 0 || !look.grows)
		return rc < 0 ? rc : 0;
	*seeds = look.planned;
	if (more && !look.open && look.done) /* by what the file says now */
		*seeds = abl_stopping_next(look.planned, look.width, study->seeds_until,
					   study->seeds_max);
	if (*seeds < study->seeds_start)
		*seeds = study->seeds_start;
	if (*seeds > study->seeds_max)
		*seeds = study->seeds_max;
	return 0;
}

struct search {
	const struct abl_plan *plan;
	bool same;
};

static void look_for(void *data, const struct abl_stored_trial *t)
{
	struct search *s = data;

	for (size_t i = 0; t->scored && !s->same && i < s->plan->trial_count; i++) {
		const size_t last = abl_plan_stage_of(&s->plan->trials[i], "evaluate");

		s->same = last != ABL_NONE && !strcmp(s->plan->stages[last].key, t->scored);
	}
}

int abl_growth_is_same(const struct abl_plan *plan, const char *folder, bool *same,
		       struct abl_err *err)
{
	struct search s = {.plan = plan};
	struct abl_store *store;
	int rc;

	*same = plan->program != NULL; /* --code says what an edit means */
	if (*same)
		return 0;
	rc = open_store(&store, folder, err);
	if (rc == 1)
		rc = abl_read_stored_trials(store, plan->study->name, look_for, &s, err);
	abl_store_close(store);
	*same = s.same;
	return rc < 0 ? rc : 0;
}
