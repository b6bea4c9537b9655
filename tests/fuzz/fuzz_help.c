/* SPDX-License-Identifier: Apache-2.0 */
/* What a program prints for --help, or Hydra for its configuration: whatever it is, an option that
 * is read has a name of letters, and is found by it. */
#include "fuzz.h"

#include "program_help.h"
#include "str.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct abl_str text = {0};
	struct abl_help help = {0};

	abl_str_puts(&text, "");
	abl_str_add(&text, (const char *)data, size);
	abl_help_read(&help, text.text);
	for (size_t i = 0; i < help.count; i++) {
		const struct abl_help_option *o = &help.option[i];

		assert(o->name && *o->name && o->help && (o->flag || help.hydra));
		for (const char *c = o->name; *c && !help.hydra; c++)
			assert(isalnum((unsigned char)*c) || *c == '_');
		assert(abl_help_find(&help, o->name));
	}
	abl_help_finish(&help);
	abl_str_finish(&text);
	return 0;
}
