/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of results that other programs wrote (CSV, TSV, JSON lines): all of it is read and
 * checked, or one message says where it stops. */
#include "fuzz.h"

#include "load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[40];
	const int fd = fuzz_file(data, size, path);
	const struct abl_load_request request = {.study = "fuzz", .path = path};
	struct abl_err err = {0};
	struct abl_load load = {0};
	const int rc = abl_load_read(&load, &request, &err);

	assert(rc == (int)err.code);
	for (size_t i = 0; !rc && i < load.table.rows; i++)
		for (size_t k = 0; k < load.table.row[i].width; k++)
			(void)abl_load_text(&load.table, i, k);
	abl_load_finish(&load);
	close(fd);
	return 0;
}
