/* SPDX-License-Identifier: Apache-2.0 */
/* A packed study from anywhere: what passes names files below its own folder alone. */
#include "fuzz.h"

#include "str.h"
#include "unpack_check.h"

#include <string.h>

static int begin(void *data, const char *name, bool executable, struct abl_err *err)
{
	(void)data, (void)executable, (void)err;
	assert(abl_tar_name_is_fine(name));
	return 0;
}

/* Its manifest alone, which no compression hides: what is read is written, and read, the same. */
static void read_manifest(const uint8_t *data, size_t size)
{
	struct abl_manifest m;
	struct abl_err err = {0};
	struct abl_str once = {0}, twice = {0};
	int rc = abl_manifest_read(&m, (const char *)data, size, &err);

	assert(rc == (int)err.code);
	if (!rc) {
		rc = abl_manifest_write(&m, &once, &err);
		abl_manifest_finish(&m);
		rc = rc ? rc : abl_manifest_read(&m, once.text, once.length, &err);
		rc = rc ? rc : abl_manifest_write(&m, &twice, &err);
		assert(!rc && !strcmp(once.text, twice.text));
	}
	abl_manifest_finish(&m);
	abl_str_finish(&once), abl_str_finish(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct abl_unpack_hooks hooks = {.begin = begin};
	struct abl_manifest m;
	struct abl_err err = {0};
	char path[40];
	int fd = fuzz_file(data, size, path), rc = abl_unpack_read(&m, path, &hooks, &err);

	assert(!rc || err.code == rc);
	abl_manifest_finish(&m);
	close(fd);
	read_manifest(data, size);
	return 0;
}
