/* SPDX-License-Identifier: Apache-2.0 */
#include "print_comparison.h"

#include "advice.h"
#include "print.h"

void abl_print_comparison(const struct abl_comparison *c)
{
	struct abl_str text = {0};

	abl_compare_heading(c, &text);
	abl_print_text(&text);
	abl_print_table(abl_compare_table(c), ABL_TABLE_PLAIN);
	abl_compare_notes(c, &text);
	abl_advice_print(stdout, "%s", text.text);
	abl_str_finish(&text);
}
