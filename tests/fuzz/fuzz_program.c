/* SPDX-License-Identifier: Apache-2.0 */
/* What a user's program leaves in its folder, and its own text: predictions in four forms, which
 * are stored or refused in words that name the file; what transformers' Trainer says of itself; a
 * script, whose imports are looked at. */
#include "fuzz_named.h"

#include "code_files.h"
#include "collected.h"
#include "predicted_file.h"
#include "predictions.h"
#include "utf8.h"

/* What is stored of them is what a comparison reads. */
static void read_predictions(const char *path)
{
	const struct abl_order order = {.predictions = "{out}/p.*", .out = fuzz_folder};
	struct abl_predicted_file stored = {0};
	struct abl_str its = {0}, table = {0};
	struct abl_err err = {0};
	int rc;

	abl_str_printf(&table, "%s/predictions.tsv", fuzz_root);
	rc = abl_predictions_write(&order, fuzz_root, 0, &its, &err);
	assert(rc == (int)err.code && (!rc || strstr(err.text, its.text)));
	if (!rc)
		rc = abl_predicted_file_read(&stored, table.text, "accuracy", &err);
	assert(!stored.count || stored.form == ABL_PREDICTED_MARKS);
	for (size_t i = 0; !rc && i < stored.count; i++) {
		double number;

		if (abl_predicted_number(&stored, i, stored.row[i].said, &number, &err))
			abort();
	}
	unlink(table.text);
	abl_predicted_file_finish(&stored);
	abl_str_finish(&its), abl_str_finish(&table);
}

static void read_trainer(const char *path)
{
	static const char state[] = "{\"best_model_checkpoint\": \"out/checkpoint-5\"}";
	char *beside = abl_path_join(fuzz_folder, "trainer_state.json");
	struct abl_str text = {0};

	if (strcmp(path, beside) != 0)
		fuzz_write(beside, state, sizeof state - 1);
	assert(abl_trainer_selected(fuzz_folder, &text) == !!text.length);
	unlink(beside);
	abl_str_finish(&text);
	free(beside);
}

static void read_script(const char *path)
{
	const char *const command[] = {"python3", "run.py", NULL};
	const struct abl_code_spec spec = {.directory = fuzz_folder, .command = command};
	struct abl_code_set set;
	struct abl_err err = {0};
	const int rc = abl_code_find(&set, &spec, &err);

	assert(rc == (int)err.code && (rc || set.code.count == 1));
	abl_code_finish(&set);
}

static const struct fuzz_reader readers[] = {
	{"/p.json", read_predictions},        {"/p.jsonl", read_predictions},
	{"/p.csv", read_predictions},         {"/p.tsv", read_predictions},
	{"/p.txt", read_predictions},         {"/trainer_state.json", read_trainer},
	{"/training_args.bin", read_trainer}, {"/run.py", read_script},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_make_folder();
	fuzz_give(readers, sizeof readers / sizeof *readers, data, size);
	return 0;
}
