/* SPDX-License-Identifier: Apache-2.0 */
/* command.h - what a subcommand declares. A subcommand is one file cmd_<name>.c, which exports one
 * `const struct abl_command abl_cmd_<name>`, plus one line in commands.def; main.c only dispatches.
 * Options and usage are data: --help, errors and did-you-mean are made from the rows. */
#ifndef ABL_COMMAND_H
#define ABL_COMMAND_H

#include "errors.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Exit codes of the program. */
enum abl_exit { ABL_EXIT_OK = 0, ABL_EXIT_FAILED = 1, ABL_EXIT_USAGE = 2, ABL_EXIT_STOPPED = 3 };

enum abl_arg_type { ABL_ARG_FLAG, ABL_ARG_TEXT, ABL_ARG_INT, ABL_ARG_REAL };

struct abl_command_option {
	const char *name; /* long name without "--" */
	char letter;      /* short name or 0 */
	enum abl_arg_type type;
	/* what --help shows for the value: "DIR", "N", "table|csv|json|md|tex" */
	const char *value;
	const char *choices; /* ABL_ARG_TEXT: allowed values joined by '|', or NULL for any */
	const char *help;
	bool many; /* may be given several times: its text has the values on a line each */
};

#define ABL_ARGS_MAX 64
struct abl_args { /* a parsed command line */
	const struct abl_command *command;
	const char *option[32]; /* text per option row; NULL = not given; "" for a given flag */
	const char *word[ABL_ARGS_MAX]; /* what is not an option, in order */
	int words;
	int own_words; /* those before "--"; what comes after it is another program's */
};

struct abl_command {
	const char *name;
	const char *usage;   /* "STUDY.yaml [--store DIR]": after "ablate NAME " */
	const char *summary; /* one line in `ablate help` */
	const char *details; /* further text of --help, or NULL */
	/* Rows of --help between details and `ending`, from a table; NULL: there are none. */
	void (*rows)(FILE *out);
	const char *ending; /* with rows: the text behind them */
	int min_words, max_words;
	const struct abl_command_option *options; /* rows ending with name NULL, or NULL */
	bool hidden;                              /* left out of `ablate help` */
	/* Does the work. Returns an enum abl_exit. On failure it fills err and returns 0 or more;
	 * main prints the error; the exit code then follows the err code (ABL_EINPUT 2, ABL_ESTOP
	 * 3, else 1). */
	int (*exec)(const struct abl_args *args, struct abl_err *err);
};

/* The value of option `name` or NULL / fallback. The name must be one of the command's rows. */
const char *abl_args_text(const struct abl_args *a, const char *name);
bool abl_args_flag(const struct abl_args *a, const char *name);
int64_t abl_args_int(const struct abl_args *a, const char *name, int64_t fallback);
double abl_args_real(const struct abl_args *a, const char *name, double fallback);

/* --store, else $ABLATE_STORE, else "./ablate-store". */
const char *abl_args_store(const struct abl_args *a);
#define ABL_OPTION_STORE                                                               \
	{                                                                              \
		.name = "store", .type = ABL_ARG_TEXT, .value = "DIR",                 \
		.help = "results folder (default: $ABLATE_STORE, else ./ablate-store)" \
	}
#define ABL_OPTION_DATA                                                                  \
	{                                                                                \
		.name = "data", .type = ABL_ARG_TEXT, .value = "DIR",                    \
		.help = "data folder, overrides the study's own (default: $ABLATE_DATA)" \
	}
#define ABL_OPTION_FORMAT                                                  \
	{                                                                  \
		.name = "format", .type = ABL_ARG_TEXT, .value = "FORMAT", \
		.choices = "table|csv|json|md|tex",                        \
		.help = "table, csv, json, md or tex (default table)"      \
	}

#endif
