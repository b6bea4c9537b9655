/* SPDX-License-Identifier: Apache-2.0 */
/* print_bytes.h - bytes in tables: exact for machines, "1.2 GiB" for people. */
#ifndef ABL_PRINT_BYTES_H
#define ABL_PRINT_BYTES_H

#include "table.h"

void abl_table_bytes(struct abl_table *t, int64_t bytes);

#endif
