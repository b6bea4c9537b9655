/* SPDX-License-Identifier: Apache-2.0 */
/* make_store.c - for the command-line tests: makes a store with the studies 'special-tokens' (8
 * seeds, finished, as in reference/statistics.json) and 'small' (3 seeds, a crash, a run still to
 * do). usage: make_store DIR */
#include "files.h"
#include "result_store.h"

#include <math.h>
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

/* Two studies of six sizes and three seeds: a loss that falls as N^-.11, without embeddings (nine
 * times as many have them), and an accuracy whose error levels off. */
static void fill_laws(struct abl_store *s)
{
	static const double noise[] = {.002, -.003, .001, -.001, .003, -.002, .001, .002};
	static double values[2][6][3];
	static char label[6][32];
	struct result_arm arms[6];

	for (size_t k = 0; k < 2; k++) {
		for (int i = 0; i < 6; i++) {
			const double n = 2e4 * pow(2.6, i), shift = n * (k ? 0 : 9);

			for (size_t seed = 0; seed < 3; seed++)
				values[k][i][seed] =
					(k ? 1 - (.1 + 30 * pow(n, -.5)) *
								 (1 +
								  2 * noise[(3 * (size_t)i + seed) %
									    8])
					   : 9 * pow(n, -.11) *
							 (1 + noise[(3 * (size_t)i + seed) % 8]));
			snprintf(label[i], sizeof label[i], "hidden=%d", 16 << i);
			arms[i] = (struct result_arm){
				.variant = {.label = i ? label[i] : "baseline",
					    .kind = i ? ABL_VARIANT_GRID : ABL_VARIANT_BASELINE,
					    .subject = label[i],
					    .position = i},
				.values = values[k][i],
				.seconds = n / 1e4,
				.hidden = 16 << i,
				.parameters = n + shift,
				.bare = n};
		}
		result_store_fill(s, &(struct result_study){.name = k ? "plateau" : "law",
							    .task = k ? "sst2" : "lm",
							    .metric = k ? "accuracy" : "loss",
							    .lower_is_better = !k,
							    .examples = 100,
							    .majority = NAN,
							    .arms = arms,
							    .count = 6,
							    .seeds = 3});
	}
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
	fill_laws(s);
	abl_store_close(s);
	json_decref(reference);
	return 0;
}
