/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of plain, .gz and .xz files: damage must end in an error, never in a crash or a half line.
 */
#include "fuzz.h"

#include "files.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct abl_err err = {0};
	struct abl_reader *r = NULL;
	const char *line;
	char path[40];
	size_t length;
	int fd = fuzz_file(data, size, path), got = abl_reader_open(&r, path, &err);

	if (!got)
		while ((got = abl_reader_line(r, &line, &length, &err)) == 1)
			assert(!line[length] && abl_utf8_bad(line, length) < 0);
	assert(got == (int)err.code);
	abl_reader_close(r);
	close(fd);
	return 0;
}
