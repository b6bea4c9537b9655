/* SPDX-License-Identifier: Apache-2.0 */
#include "stored_stage.h"

#include <stdio.h>
#include <stdlib.h>

static struct abl_err err;

static void must(int rc)
{
	if (!rc)
		return;
	fprintf(stderr, "stored_stage: %d %s\n", rc, err.text);
	exit(1);
}

void stored_stage_run(struct abl_store *s, int64_t trial, const char *key, const char *kind,
		      const struct abl_stage_end *end)
{
	static const struct abl_provenance made_by = {"0.1.0",   "gcc 12", "Test CPU",
						      "haswell", "here",   2};
	const struct abl_attempt_row row = {
		.log = "logs/attempt.log", .threads = 1, .made_by = &made_by};
	struct abl_stage_info info;
	int64_t attempt, id;
	bool done;

	must(abl_store_put_stage(s, &(struct abl_stage_row){.key = key, .kind = kind}, &err));
	must(abl_store_link(s, trial, key, kind, &err));
	must(abl_store_stage(s, key, &info, &err) != 1);
	done = info.state == ABL_DONE;
	abl_stage_info_finish(&info);
	if (done || end->state == ABL_WAITING)
		return;
	must(abl_store_stage_begin(s, key, &row, &attempt, &id, &err));
	must(abl_store_stage_end(s, key, attempt, end, &err));
}
