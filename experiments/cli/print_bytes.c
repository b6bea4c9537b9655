/* SPDX-License-Identifier: Apache-2.0 */
#include "print_bytes.h"

#include <stdio.h>

enum { KIB = 1024, MIB = 1024 * 1024 };

const char *abl_bytes_text(int64_t bytes, char out[32])
{
	if (!bytes)
		return "0";
	if (bytes >= 10 * MIB)
		return abl_format_bytes((double)bytes, out);
	if (bytes >= MIB)
		snprintf(out, 32, "%.1f MiB", (double)bytes / MIB);
	else
		snprintf(out, 32, "%lld KiB", (long long)((bytes + KIB / 2) / KIB));
	return out;
}

void abl_table_bytes(struct abl_table *t, int64_t bytes)
{
	char text[32];

	abl_table_real(t, (double)bytes, abl_bytes_text(bytes, text));
}
