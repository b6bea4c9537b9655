/* SPDX-License-Identifier: Apache-2.0 */
/* Trial files: any bytes end in a trial or in one error; a trial, written and read, is the same. */
#include "fuzz.h"

#include "files.h"
#include "native_space.h"
#include "str.h"
#include "trial_file.h"

#include <string.h>

static const struct abl_space *space_of(const char *stage)
{
	return strcmp(stage, "nothing") ? abl_native_space() : NULL;
}

/* Writes the trial over the file and reads it back; returns the file's text. */
static struct abl_str again(struct abl_trial *t, const char *path)
{
	struct abl_err err = {0};
	struct abl_str text = {0};
	int rc = abl_trial_write(path, t, &err);

	assert(!rc);
	abl_trial_finish(t);
	rc = abl_file_read(path, &text, 64u << 20, &err);
	assert(!rc);
	rc = abl_trial_read(t, path, space_of, &err);
	assert(!rc);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct abl_err err = {0};
	struct abl_trial t;
	char path[40], copy[40];
	int fd = fuzz_file(data, size, path), rc = abl_trial_read(&t, path, space_of, &err);

	assert(rc == (int)err.code);
	if (rc) {
		assert(!t.root && !t.texts && !t.config);
		assert(strstr(err.text, path));
	} else {
		struct abl_str once, twice;

		assert(t.config && t.output && t.threads > 0);
		snprintf(copy, sizeof copy, "/tmp/fuzz-trial-%ld", (long)getpid());
		once = again(&t, copy); /* never through a link, as that of `path` is one */
		twice = again(&t, copy);
		unlink(copy);
		assert(!strcmp(once.text, twice.text));
		abl_str_finish(&once);
		abl_str_finish(&twice);
		abl_trial_finish(&t);
	}
	close(fd);
	return 0;
}
