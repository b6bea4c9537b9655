/* SPDX-License-Identifier: Apache-2.0 */
/* print_bytes.h - bytes in tables: exact for machines, "1.2 GiB" for people. */
#ifndef ABL_PRINT_BYTES_H
#define ABL_PRINT_BYTES_H

#include "table.h"

/* "1.2 GiB", "12 KiB", "0"; out holds 32. */
const char *abl_bytes_text(int64_t bytes, char out[32]);
void abl_table_bytes(struct abl_table *t, int64_t bytes);

#endif
