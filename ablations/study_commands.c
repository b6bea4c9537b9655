/* SPDX-License-Identifier: Apache-2.0 */
/* study_commands.c - what a study file makes this machine execute. */
#include "study_source.h"

#include <string.h>

static const struct {
	const char *key;
	bool executes; /* else it only changes what the others do */
} words[] = {
	{"command", true}, {"steps", true},   {"setup", true},        {"wrap", true},
	{"notify", true},  {"cluster", true}, {"environment", false},
};

/* Control characters, which a terminal acts upon, are not for it. */
static void add_plain(struct abl_str *out, const char *text)
{
	for (; *text; text++)
		abl_str_printf(out, (unsigned char)*text < ' ' || *text == 0x7f ? "\\x%02x" : "%c",
			       (unsigned char)*text);
}

bool abl_study_commands(const struct abl_study *s, struct abl_str *out)
{
	struct abl_str value = {0};
	bool any = false;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const struct abl_node *n = abl_node_get(s->source->tree.root, words[i].key);

		if (!n || (!words[i].executes && !any))
			continue;
		any = true;
		abl_str_clear(&value);
		abl_node_print(n, &value);
		abl_str_printf(out, "  %s: ", words[i].key);
		add_plain(out, value.length ? value.text : "");
		abl_str_puts(out, "\n");
	}
	abl_str_finish(&value);
	return any;
}
