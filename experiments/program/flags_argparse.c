/* SPDX-License-Identifier: Apache-2.0 */
/* flags_argparse.c - `--lr=0.001`, one word for an option: argparse takes the value of `--lr -1e-3`
 * for another flag. A flag that ends with '=' or ':' is followed by the value at once; one that
 * ends with a blank makes two words, for programs that know no other way. */
#include "flag_style.h"

#include <string.h>

static void add(struct abl_argv *out, const struct abl_order_option *o)
{
	struct abl_str word = {0};
	size_t length;

	if (o->flag)
		abl_str_puts(&word, o->flag);
	else
		abl_str_printf(&word, "--%s", o->name);
	length = word.length;
	if (length && word.text[length - 1] == ' ') {
		word.text[length - 1] = '\0';
		abl_argv_add(out, word.text);
		abl_str_clear(&word);
	} else if (length && !strchr("=:", word.text[length - 1])) {
		abl_str_puts(&word, "=");
	}
	abl_argv_value(&o->value, &word);
	abl_argv_add(out, word.text);
	abl_str_finish(&word);
}

const struct abl_flag_style abl_flags_argparse = {.name = "argparse", .words = add};
