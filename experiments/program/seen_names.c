/* SPDX-License-Identifier: Apache-2.0 */
#include "seen_names.h"

#include "hint.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 100 };

void abl_seen_names_add(struct abl_seen_names *s, const char *name, size_t length)
{
	char **place;

	if (!length || length > LONGEST)
		return;
	for (size_t i = 0; i < s->count; i++)
		if (strlen(s->name[i]) == length && !memcmp(s->name[i], name, length))
			return;
	place = s->count < ABL_SEEN_NAMES ? &s->name[s->count++]
					  : &s->name[s->next++ % ABL_SEEN_NAMES];
	free(*place);
	*place = abl_there(strndup(name, length), "a name");
}

static const char *at(size_t i, const void *data)
{
	return ((const struct abl_seen_names *)data)->name[i];
}

/* Has one of them the wanted name in it ("eval_accuracy" for "accuracy")? */
static const char *containing(const struct abl_seen_names *s, const char *wanted)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcasestr(s->name[i], wanted) || strcasestr(wanted, s->name[i]))
			return s->name[i];
	return NULL;
}

void abl_seen_names_tell(const struct abl_seen_names *s, const char *wanted, const char *verb,
			 struct abl_str *out)
{
	const char *near = abl_nearest(wanted, s->count, at, s);

	if (!s->count)
		return;
	near = near ? near : containing(s, wanted);
	if (near && s->count == 1) {
		abl_str_printf(out, "; did you mean '%s'?", near);
		return;
	}
	abl_str_printf(out, "; %s ", verb);
	abl_hint_names(out, s->count, at, s);
	if (near)
		abl_str_printf(out, ": did you mean '%s'?", near);
}

void abl_seen_names_finish(struct abl_seen_names *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->name[i]);
	*s = (struct abl_seen_names){0};
}
