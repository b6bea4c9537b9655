/* SPDX-License-Identifier: Apache-2.0 */
/* main.c - dispatches to the subcommands of commands.def; the one place that prints errors and
 * exits. */
#include "advice.h"
#include "args.h"
#include "command.h"
#include "signals.h"
#include "str.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define COMMAND(name) extern const struct abl_command abl_cmd_##name;
#include "commands.def"
#undef COMMAND

const struct abl_command *const abl_commands[] = {
#define COMMAND(name) &abl_cmd_##name,
#include "commands.def"
#undef COMMAND
	NULL};

static size_t command_count(void)
{
	size_t n = 0;

	while (abl_commands[n])
		n++;
	return n;
}

static const char *command_name(size_t i, const void *data)
{
	(void)data;
	return abl_commands[i]->hidden ? NULL : abl_commands[i]->name;
}

static void print_help(FILE *out)
{
	fprintf(out, "ablate - which part of this model buys what, and how sure are we?\n\n"
		     "usage: ablate COMMAND [...]\n\ncommands:\n");
	for (size_t i = 0; abl_commands[i]; i++)
		if (!abl_commands[i]->hidden)
			fprintf(out, "  %-12s %s\n", abl_commands[i]->name,
				abl_commands[i]->summary);
	abl_advice_print(out, "\n'ablate COMMAND --help' shows more; 'ablate --version' prints the "
			      "version\n");
}

static int exit_code(int rc)
{
	return rc == ABL_EINPUT  ? ABL_EXIT_USAGE
	       : rc == ABL_ESTOP ? ABL_EXIT_STOPPED
				 : ABL_EXIT_FAILED;
}

static int run(const struct abl_command *c, int argc, char **argv)
{
	struct abl_err err = {0};
	struct abl_args args = {.command = c};
	int code;

	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			abl_args_help(c, stdout);
			return ABL_EXIT_OK;
		}
	abl_advice_given(&args);
	if (abl_args_parse(&args, c, argc, argv, &err))
		code = ABL_EXIT_USAGE;
	else
		code = c->exec(&args, &err);
	if (fflush(stdout) && !err.code)
		abl_err_set(&err, ABL_EIO, "cannot write to standard output");
	if (!err.code)
		return code;
	abl_advice_print(stderr, "%s%s\n", strstr(err.text, "error: ") ? "" : "ablate: ", err.text);
	return exit_code(err.code);
}

int main(int argc, char **argv)
{
	const struct abl_command *c;
	const char *near;

	abl_signals_note();
	abl_advice_program(argc ? argv[0] : NULL);
	if (argc < 2 || !strcmp(argv[1], "help") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "-h")) {
		if (argc > 2 && (c = abl_command_find(argv[2]))) {
			abl_args_help(c, stdout);
			return ABL_EXIT_OK;
		}
		print_help(argc < 2 ? stderr : stdout);
		return argc < 2 ? ABL_EXIT_USAGE : ABL_EXIT_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("ablate " ABL_VERSION);
		return ABL_EXIT_OK;
	}
	c = abl_command_find(argv[1]);
	if (c)
		return run(c, argc - 1, argv + 1);
	near = abl_nearest(argv[1], command_count(), command_name, NULL);
	abl_advice_print(stderr, "ablate: unknown command '%s'%s%s%s; 'ablate help' lists them\n",
			 argv[1], near ? "; did you mean '" : "", near ? near : "",
			 near ? "'?" : "");
	return ABL_EXIT_USAGE;
}
