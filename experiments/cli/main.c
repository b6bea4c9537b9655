/* SPDX-License-Identifier: Apache-2.0 */
/* main.c - dispatches to the subcommands of commands.def; the one place that prints errors and
 * exits. */
#include "advice.h"
#include "args.h"
#include "command.h"
#include "help_pages.h"
#include "hint.h"
#include "link_tls.h"
#include "signals.h"
#include "store.h"
#include "str.h"
#include "terminal.h"
#include "thread_waits.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#define COMMAND(name) extern const struct abl_command abl_cmd_##name;
#include "commands.def"
#undef COMMAND

static const struct abl_command *const commands[] = {
#define COMMAND(name) &abl_cmd_##name,
#include "commands.def"
#undef COMMAND
	NULL};

static size_t command_count(void)
{
	size_t n = 0;

	while (commands[n])
		n++;
	return n;
}

static const char *command_name(size_t i, const void *data)
{
	(void)data;
	return commands[i]->hidden ? NULL : commands[i]->name;
}

static void print_help(FILE *out)
{
	fprintf(out, "ablate - which part of this model buys what, and how sure are we?\n\n"
		     "usage: ablate COMMAND [...]\n\ncommands:\n");
	for (size_t i = 0; commands[i]; i++)
		if (!commands[i]->hidden)
			fprintf(out, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
	abl_advice_print(out, "\n'ablate COMMAND --help' shows more; 'ablate --version' prints the "
			      "version\n");
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

static int run(const struct abl_command *c, int argc, char **argv, struct abl_err *err)
{
	static struct abl_args args; /* messages are completed from it at the very end */

	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (is_help(argv[i])) {
			abl_help_text(c, stdout);
			return ABL_EXIT_OK;
		}
	args.command = c;
	abl_advice_given(&args);
	return abl_args_parse(&args, c, argc, argv, err) ? ABL_EXIT_USAGE : c->exec(&args, err);
}

static int unknown_command(const char *word, struct abl_err *err)
{
	const char *hint = abl_hint(ABL_HINT_COMMAND, word);
	const char *near = hint ? NULL : abl_nearest(word, command_count(), command_name, NULL);

	if (hint)
		return abl_err_set(err, ABL_EINPUT, "unknown command '%s': %s", word, hint);
	return abl_err_set(err, ABL_EINPUT, "unknown command '%s'%s%s%s; 'ablate help' lists them",
			   word, near ? "; did you mean '" : "", near ? near : "",
			   near ? "'?" : "");
}

/* help --man [COMMAND], help --completion SHELL: what is installed beside the program. */
static int print_pages(int argc, char **argv, struct abl_err *err)
{
	const struct abl_command *c = argc > 1 ? abl_command_find(argv[1]) : NULL;

	if (!strcmp(argv[0], "--man") && (c || argc == 1)) {
		abl_man_page(c, stdout);
		return 0;
	}
	if (!strcmp(argv[0], "--man"))
		return unknown_command(argv[1], err);
	if (!strcmp(argv[0], "--completion") && argc > 1 && abl_completion(argv[1], stdout))
		return 0;
	return abl_err_set(
		err, ABL_EINPUT,
		"'help' has no '%s': 'ablate help COMMAND' shows what a command does, "
		"'--man [COMMAND]' prints its man page, '--completion bash|zsh|fish' that "
		"of a shell",
		argv[0]);
}

/* Does what the command line asks for; returns an enum abl_exit. */
static int dispatch(int argc, char **argv, struct abl_err *err)
{
	const char *word = argc > 1 ? argv[1] : "";
	const struct abl_command *c;

	if (argc < 2) {
		print_help(stderr);
		return ABL_EXIT_USAGE;
	}
	if (!strcmp(word, "help") && argc > 2 && !strncmp(argv[2], "--", 2) && !is_help(argv[2]))
		return print_pages(argc - 2, argv + 2, err) ? ABL_EXIT_USAGE : ABL_EXIT_OK;
	if (!strcmp(word, "help") || is_help(word)) {
		if (argc > 2 && (c = abl_command_find(argv[2])))
			abl_help_text(c, stdout);
		else
			print_help(stdout);
		return ABL_EXIT_OK;
	}
	if (!strcmp(word, "--version")) {
		puts("ablate " ABL_VERSION);
		printf("workers that connect: %s\n",
		       abl_tls_library() ? abl_tls_library() : "no, built without OpenSSL");
		return ABL_EXIT_OK;
	}
	c = abl_command_find(word);
	return c ? run(c, argc - 1, argv + 1, err) : unknown_command(word, err) != 0;
}

/* The one place where it is seen whether all that was printed has arrived: a failed write of a
 * command is not asked for where it happens. Output that was closed on purpose is none. */
static void check_output(struct abl_err *err)
{
	bool lost = ferror(stdout);

	errno = 0;
	lost |= fflush(stdout) != 0;
	if (lost || (fclose(stdout) && errno != EBADF))
		abl_err_set(err, ABL_EIO, "cannot write to standard output%s%s", errno ? ": " : "",
			    errno ? strerror(errno) : "");
}

static int exit_code(int rc)
{
	return rc == ABL_EINPUT  ? ABL_EXIT_USAGE
	       : rc == ABL_ESTOP ? ABL_EXIT_STOPPED
				 : ABL_EXIT_FAILED;
}

static void say(const char *text)
{
	fprintf(stderr, "ablate: %s\n", text);
}

int main(int argc, char **argv)
{
	struct abl_err err = {0};
	int code;

	abl_thread_waits_begin(argv);
	abl_commands_are(commands);
	abl_signals_note();
	abl_terminal_guard();
	abl_store_on_wait(say);
	abl_advice_program(argc ? argv[0] : NULL);
	prctl(PR_SET_NAME, "ablate"); /* ours and our children's, however they were started */
	signal(SIGXFSZ, SIG_IGN);     /* a write beyond `ulimit -f` fails then, and is told */
	code = dispatch(argc, argv, &err);
	check_output(&err);
	if (!err.code)
		return code;
	abl_advice_print(stderr, "%s%s\n", strstr(err.text, "error: ") ? "" : "ablate: ", err.text);
	return exit_code(err.code);
}
