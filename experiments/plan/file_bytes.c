/* SPDX-License-Identifier: Apache-2.0 */
#include "file_bytes.h"

#include <string.h>
#include <sys/stat.h>

#define WORLD_TEXT 1.5e6 /* bytes of the built-in documents */

double abl_file_bytes(const char *path)
{
	const size_t n = path ? strlen(path) : 0;
	struct stat st;

	if (!n)
		return 0;
	if (!strcmp(path, "world"))
		return WORLD_TEXT;
	if (stat(path, &st))
		return 0;
	return (double)st.st_size * (n > 3 && !strcmp(path + n - 3, ".xz")   ? 3.6
				     : n > 3 && !strcmp(path + n - 3, ".gz") ? 2.8
									     : 1);
}
