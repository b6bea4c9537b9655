/* SPDX-License-Identifier: Apache-2.0 */
#include "html.h"
#include "report_parts.h"

void abl_report_text(struct abl_page *p, const char *text)
{
	struct abl_str full = {0};

	if (p->complete)
		p->complete(&full, text);
	else
		abl_str_puts(&full, text);
	abl_html_text(&p->html, full.text);
	abl_str_finish(&full);
}
