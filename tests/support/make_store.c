/* SPDX-License-Identifier: Apache-2.0 */
/* make_store.c - for the command-line tests: makes a store with the studies 'special-tokens' (8
 * seeds, finished, as in reference/statistics.json) and 'small' (3 seeds, a crash, a run still to
 * do). usage: make_store DIR */
#include "files.h"
#include "result_store.h"

#include <stdio.h>
#include <stdlib.h>

static void fill_small(struct abl_store *s)
{
	static const double base[] = {.5, .6, .7}, shallow[] = {.5, .5, .65},
			    broken[] = {.4, RUN_CRASHED, RUN_WAITING};
	static const struct result_arm arms[] = {
		{.variant = {.label = "baseline", .kind = ABL_VARIANT_BASELINE},
		 .values = base,
		 .seconds = 10},
		{.variant = {.label = "layers=1",
			     .kind = ABL_VARIANT_GRID,
			     .subject = "layers=1",
			     .position = 1},
		 .values = shallow,
		 .seconds = 6},
		{.variant = {.label = "layers=4",
			     .kind = ABL_VARIANT_GRID,
			     .subject = "layers=4",
			     .position = 2},
		 .values = broken,
		 .seconds = 20},
	};

	result_store_fill(s, &(struct result_study){.name = "small",
						    .task = "intents",
						    .metric = "accuracy",
						    .examples = 100,
						    .majority = .5,
						    .arms = arms,
						    .count = 3,
						    .seeds = 3});
}

int main(int argc, char **argv)
{
	char *path = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/statistics.json");
	json_t *reference = json_load_file(path, 0, NULL);
	struct abl_err err = {0};
	struct abl_store *s = NULL;

	free(path);
	if (argc != 2 || !reference || abl_store_open(&s, argv[1], ABL_STORE_WRITE, &err)) {
		fprintf(stderr, "make_store: %s\n", err.code ? err.text : "usage: make_store DIR");
		return 1;
	}
	result_store_fill_reference(s, json_object_get(reference, "comparison"));
	fill_small(s);
	abl_store_close(s);
	json_decref(reference);
	return 0;
}
