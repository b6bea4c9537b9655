/* SPDX-License-Identifier: Apache-2.0 */
/* A packed study from anywhere: what passes names files below its own folder alone. */
#include "fuzz.h"

#include "unpack_check.h"

static int begin(void *data, const char *name, bool executable, struct abl_err *err)
{
	(void)data, (void)executable, (void)err;
	assert(abl_tar_name_is_fine(name));
	return 0;
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
	return 0;
}
