/* SPDX-License-Identifier: Apache-2.0 */
/* status_page.h - the status as a page of text. */
#ifndef ABL_STATUS_PAGE_H
#define ABL_STATUS_PAGE_H

#include "str.h"

#include <jansson.h>
#include <stdbool.h>

struct abl_page_size {
	size_t columns, rows; /* rows 0: as many as there are */
	bool wide_letters;    /* the terminal's letters are UTF-8: bars of eight heights */
	bool colour;
};
/* `status` of status_json.h, or NULL; `remark`: a line on why it is old or not there, or NULL;
 * `foot`: the last line, or NULL. Appends lines, none of more columns than there are. */
void abl_status_page(const json_t *status, const char *remark, const char *foot,
		     const struct abl_page_size *size, struct abl_str *out);

#endif
