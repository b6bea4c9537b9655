/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt_place.h"

#include "attempt_folder.h"
#include "files.h"
#include "machine.h"
#include "run_state.h"
#include "store_worker.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

static void find_last(void *data, const char *name)
{
	int64_t n, *last = data;

	if (abl_parse_int(name, &n) && n > *last)
		*last = n;
}

int abl_attempt_last(const char *store, const char *key, int64_t *last, struct abl_err *err)
{
	char *work = abl_store_path(store, "work/%s", key);
	int rc;

	*last = 0;
	rc = abl_is_dir(work) ? abl_attempt_entries(work, find_last, last, err) : 0;
	free(work);
	return rc;
}

void abl_held_add(struct abl_run *run, size_t stage, int64_t attempt, double seconds)
{
	abl_grow(&run->held, &run->held_capacity, run->held_count + 1, sizeof *run->held);
	run->held[run->held_count++] = (struct abl_held){stage, attempt, abl_clock_now() + seconds};
}

bool abl_held_any(const struct abl_run *run, const char *key)
{
	for (size_t i = 0; i < run->held_count; i++)
		if (!strcmp(run->plan->stages[run->held[i].stage].key, key))
			return true;
	return false;
}

int abl_attempt_place(const struct abl_run *run, size_t stage, int64_t attempt, bool away,
		      struct abl_attempt_place *out, struct abl_err *err)
{
	const char *key = run->plan->stages[stage].key;
	int64_t had = 0;
	int rc = 0;

	*out = (struct abl_attempt_place){
		.store = run->folder, .key = key, .attempt = attempt, .away = away, .run = run};
	if (attempt > 1) {
		rc = abl_attempt_last(run->folder, key, &out->last, err);
		rc = rc || !out->last
			     ? rc
			     : abl_store_attempt_worker(run->store, key, out->last, &had, err);
	}
	out->last_away = had;
	return rc;
}

bool abl_attempt_is_beside(const struct abl_attempt_place *p)
{
	return p->away || p->last_away || abl_held_any(p->run, p->key);
}
