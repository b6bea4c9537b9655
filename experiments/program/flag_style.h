/* SPDX-License-Identifier: Apache-2.0 */
/* flag_style.h - how a program takes its options: one file and one row for a style. */
#ifndef ABL_FLAG_STYLE_H
#define ABL_FLAG_STYLE_H

#include "argv.h"
#include "order.h"

struct abl_flag_style {
	const char *name; /* as `flags:` says it */
	/* Appends the words of one option for {flags}. */
	void (*words)(struct abl_argv *out, const struct abl_order_option *o);
	/* Appends the name of the environment variable that carries the option; NULL: none does. */
	void (*variable)(struct abl_str *out, const struct abl_order_option *o);
};

extern const struct abl_flag_style abl_flags_argparse, abl_flags_hydra, abl_flags_json,
	abl_flags_env;

/* The style of that name, or NULL. */
const struct abl_flag_style *abl_flag_style(const char *name);

#endif
