/* SPDX-License-Identifier: Apache-2.0 */
#include "shared_data.h"

#include "files.h"

#include <stdlib.h>

const char *shared_data(void)
{
	static char *path;
	const char *shared = getenv("ABLATE_SHARED"), *source = getenv("ABLATE_SOURCE");

	if (!path && shared)
		path = abl_path_join(shared, "data");
	else if (!path)
		path = abl_path_join(source ? source : ".", "../shared/data");
	return abl_is_dir(path) ? path : NULL;
}
