/* SPDX-License-Identifier: Apache-2.0 */
/* shared_data.h - where tests find the field's own files, which the tree does not hold. */
#ifndef ABL_TEST_SHARED_DATA_H
#define ABL_TEST_SHARED_DATA_H

/* $ABLATE_SHARED/data, else ../shared/data beside the source; NULL where there is no such folder:
 * the test then says "# SKIP". */
const char *shared_data(void);

#endif
