/* SPDX-License-Identifier: Apache-2.0 */
#include "print_bytes.h"

void abl_table_bytes(struct abl_table *t, int64_t bytes)
{
	char text[32];

	abl_table_real(t, (double)bytes, bytes ? abl_format_bytes((double)bytes, text) : "0");
}
