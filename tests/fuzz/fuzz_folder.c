/* SPDX-License-Identifier: Apache-2.0 */
/* Files by name in folders of the store, which a disk may have damaged: the first line names one,
 * the rest is its bytes. Each is read as a whole, or refused in words that name it. */
#include "fuzz.h"

#include "code_record.h"
#include "seal.h"
#include "sealed.h"
#include "str.h"
#include "trained_on.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char folder[] = "/tmp/fuzz-folder-XXXXXX";
static bool made;

static void remove_folder(void)
{
	rmdir(folder);
}

static void make_folder(void)
{
	if (made)
		return;
	made = mkdtemp(folder);
	assert(made);
	atexit(remove_folder);
}

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

	if (abl_sealed_read(&s, folder, "0123456789abcdef0123456789abcdef", 2)) {
		abl_sealed_tell(&s, &hooks);
		(void)abl_sealed_holds(&s, folder);
	}
	abl_sealed_finish(&s);
}

static void read_seal(const char *path)
{
	struct abl_err err = {0};
	const int rc = abl_made_check(folder, NULL, ABL_LOOK_ALL, &err);

	assert(rc == (int)err.code && (!rc || strstr(err.text, folder)));
}

static void read_trained_on(const char *path)
{
	struct abl_err err = {0};
	struct abl_trained_on t = {0};
	const int rc = abl_trained_on_read(&t, folder, &err);

	assert(rc == (int)err.code && (!rc || strstr(err.text, folder)));
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

static const struct {
	const char *name;
	void (*read)(const char *path);
} readers[] = {
	{".sealed", read_sealed},
	{"/" ABL_SEAL, read_seal},
	{"/" ABL_TRAINED_ON, read_trained_on},
	{"/code.list", read_code},
};

static void give(size_t reader, const uint8_t *data, size_t size)
{
	struct abl_str path = {0};
	FILE *file;
	size_t written;

	abl_str_printf(&path, "%s%s", folder, readers[reader].name);
	file = fopen(path.text, "we");
	assert(file);
	written = fwrite(data, 1, size, file);
	assert(written == size);
	(void)written;
	fclose(file);
	readers[reader].read(path.text);
	unlink(path.text);
	abl_str_finish(&path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;

	if (!end)
		return 0;
	make_folder();
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
		if (strlen(readers[i].name) == (size_t)(end - data) &&
		    !memcmp(readers[i].name, data, (size_t)(end - data)))
			give(i, end + 1, size - (size_t)(end + 1 - data));
	return 0;
}
