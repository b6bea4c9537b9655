/* SPDX-License-Identifier: Apache-2.0 */
#include "argv.h"

#include <stdlib.h>
#include <string.h>

void abl_argv_value(const struct abl_value *v, struct abl_str *out)
{
	if (v->type == ABL_CHOICE || v->type == ABL_TEXT)
		abl_str_puts(out, v->choice);
	else
		abl_value_text(v, out);
}

void abl_argv_add(struct abl_argv *a, const char *word)
{
	abl_grow(&a->word, &a->capacity, a->count + 2, sizeof *a->word);
	a->word[a->count++] = abl_strdup(word);
	a->word[a->count] = NULL;
}

static char **variable(const struct abl_argv *a, const char *name)
{
	const size_t length = strlen(name);

	for (size_t i = 0; i < a->environment_count; i++)
		if (!strncmp(a->environment[i], name, length) && a->environment[i][length] == '=')
			return &a->environment[i];
	return NULL;
}

int abl_argv_set(struct abl_argv *a, const char *name, const char *value, struct abl_err *err)
{
	char **there = variable(a, name);
	struct abl_str entry = {0};

	if (!*name || strchr(name, '='))
		return abl_err_set(err, ABL_EINPUT, "'%s' is no name of an environment variable",
				   name);
	abl_str_printf(&entry, "%s=%s", name, value);
	if (there) {
		free(*there);
		*there = entry.text;
		return 0;
	}
	abl_grow(&a->environment, &a->environment_capacity, a->environment_count + 2,
		 sizeof *a->environment);
	a->environment[a->environment_count++] = entry.text;
	a->environment[a->environment_count] = NULL;
	return 0;
}

const char *abl_argv_get(const struct abl_argv *a, const char *name)
{
	char **there = variable(a, name);

	return there ? *there + strlen(name) + 1 : NULL;
}

void abl_argv_finish(struct abl_argv *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->count; i++)
		free(a->word[i]);
	for (size_t i = 0; i < a->environment_count; i++)
		free(a->environment[i]);
	free(a->word);
	free(a->environment);
	free(a->setup);
	*a = (struct abl_argv){0};
}
