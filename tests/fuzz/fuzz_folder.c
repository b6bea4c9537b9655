/* SPDX-License-Identifier: Apache-2.0 */
/* Files by name in folders of the store, which a disk may have damaged: the first line names one,
 * the rest is its bytes. Each is read as a whole, or refused in words that name it. */
#include "fuzz_named.h"

#include "code_record.h"
#include "held_out.h"
#include "predicted_file.h"
#include "seal.h"
#include "sealed.h"
#include "trained_on.h"

static void deaf_metric(void *data, int64_t step, const char *name, double value)
{
	assert(name && *name);
}

static void deaf_result(void *data, const char *name, double value)
{
	assert(name && *name);
}

static void deaf_predictions(void *data, const char *file)
{
	assert(file && *file);
}

static void read_sealed(const char *path)
{
	const struct abl_events hooks = {
		.metric = deaf_metric, .result = deaf_result, .predictions = deaf_predictions};
	struct abl_sealed s = {0};

	if (abl_sealed_read(&s, fuzz_folder, "0123456789abcdef0123456789abcdef", 2)) {
		abl_sealed_tell(&s, &hooks);
		(void)abl_sealed_holds(&s, fuzz_folder);
	}
	abl_sealed_finish(&s);
}

static void read_seal(const char *path)
{
	struct abl_err err = {0};
	const int rc = abl_made_check(fuzz_folder, NULL, ABL_LOOK_ALL, &err);

	assert(rc == (int)err.code && (!rc || strstr(err.text, fuzz_folder)));
}

static void read_trained_on(const char *path)
{
	struct abl_err err = {0};
	struct abl_trained_on t = {0};
	const int rc = abl_trained_on_read(&t, fuzz_folder, &err);

	assert(rc == (int)err.code && (!rc || strstr(err.text, fuzz_folder)));
	if (!rc)
		abl_trained_on_finish(&t);
}

static void read_code(const char *path)
{
	struct abl_err err = {0};
	struct abl_code_record record = {0};
	const int rc = abl_code_record_read(&record, path, &err);

	assert(rc == (int)err.code && (!rc || strstr(err.text, path)));
	abl_code_record_finish(&record);
}

static void read_held_out(const char *path)
{
	struct abl_err err = {0};
	struct abl_corpus c = {0};
	bool there;
	const int rc = abl_held_out_read(&c, fuzz_folder, &there, &err);

	assert(rc == (int)err.code && there && (!rc || strstr(err.text, path)));
	for (size_t i = 1; !rc && i < c.known_count; i++)
		assert(c.known[i - 1] <= c.known[i]);
	free(c.known);
}

/* What can be read is in its own order, and its numbers are finite or refused. */
static void read_predictions(const char *path)
{
	struct abl_predicted_file f = {0};
	struct abl_example_list list = {0};
	struct abl_err err = {0};
	const int rc = abl_predicted_file_read(&f, path, "f1", &err);
	double number;

	assert(rc == (int)err.code && (!rc || strstr(err.text, path)));
	for (size_t i = 0; !rc && i < f.count; i++)
		(void)!abl_predicted_number(&f, i, f.row[i].said, &number, NULL);
	if (!rc) {
		abl_example_list_take(&list, &f);
		(void)!abl_example_list_match(&list, &f, NULL);
	}
	abl_example_list_finish(&list);
	abl_predicted_file_finish(&f);
}

static const struct fuzz_reader readers[] = {
	{".sealed", read_sealed},
	{"/" ABL_SEAL, read_seal},
	{"/" ABL_TRAINED_ON, read_trained_on},
	{"/code.list", read_code},
	{"/" ABL_HELD_OUT, read_held_out},
	{"/predictions.tsv", read_predictions},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_make_folder();
	fuzz_give(readers, sizeof readers / sizeof *readers, data, size);
	return 0;
}
