/* SPDX-License-Identifier: Apache-2.0 */
/* program_variables.c - options that reach the program as environment variables: each needs one of
 * its own. */
#include "node_value.h"
#include "program_source.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ABLATE_LR, or the variable that `flag:` names. */
static char *variable_of(const struct abl_program_option *o)
{
	struct abl_str name = {0};

	if (o->flag)
		return abl_strdup(o->flag);
	abl_str_puts(&name, "ABLATE_");
	for (const char *c = o->key->name; *c; c++) {
		const bool plain = !(*c & 0x80) && isalnum((unsigned char)*c);
		const char letter = plain ? (char)toupper((unsigned char)*c) : '_';

		abl_str_add(&name, &letter, 1);
	}
	return name.text;
}

/* Who else has that variable: "the seed", another option; NULL: nobody. */
static const char *other_of(const struct abl_program *p, char **variables, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(variables[k], variables[i]))
			return p->options[k].key->name;
	for (size_t k = 0; k < p->environment_count; k++)
		if (!strcmp(p->environment[k].name, variables[i]))
			return "'environment:'";
	for (size_t k = 0; k < p->pass_count; k++)
		if (!strcmp(p->pass[k].name, variables[i]))
			return "'pass:'";
	if (p->seed_variable && !strcmp(p->seed_variable, variables[i]))
		return "the seed";
	return abl_is_own_variable(variables[i]) ? "'ablate' itself" : NULL;
}

static bool is_variable(const char *name)
{
	const char *c = name;

	while (isalpha((unsigned char)*c) || *c == '_' || (c > name && isdigit((unsigned char)*c)))
		c++;
	return !*c;
}

int abl_program_check_variables(const struct abl_program_reading *r, struct abl_err *err)
{
	static const char help[] = "say with 'flag:' which variable it is";
	const struct abl_program *p = r->program;
	const struct abl_node *options = abl_node_get(r->root, "options");
	const size_t count = strcmp(p->flags, "env") ? 0 : p->option_count - 1;
	char **variables = abl_calloc(count + 1, sizeof *variables);
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++) {
		const char *name = p->options[i].key->name, *other;

		variables[i] = variable_of(&p->options[i]);
		other = other_of(p, variables, i);
		if (!is_variable(variables[i]))
			rc = abl_node_fail(abl_node_get(options->items[2 * i + 1], "flag"), help,
					   err, "an environment variable cannot be called '%.60s'",
					   variables[i]);
		else if (other)
			rc = abl_node_fail(options->items[2 * i], help, err,
					   "option '%s' would be the variable '%s', which is that "
					   "of %s",
					   name, variables[i], other);
	}
	abl_program_words_free(variables);
	return rc;
}
