/* SPDX-License-Identifier: Apache-2.0 */
/* flags_env.c - ABLATE_LR=0.001 in the environment; `flag` names another variable. */
#include "flag_style.h"

#include <ctype.h>

static void add_name(struct abl_str *out, const struct abl_order_option *o)
{
	if (o->flag) {
		abl_str_puts(out, o->flag);
		return;
	}
	abl_str_puts(out, "ABLATE_");
	for (const char *p = o->name; *p; p++) {
		const bool plain = (unsigned char)*p < 0x80 && isalnum((unsigned char)*p);
		const char c = plain ? (char)toupper((unsigned char)*p) : '_';

		abl_str_add(out, &c, 1);
	}
}

const struct abl_flag_style abl_flags_env = {.name = "env", .variable = add_name};
