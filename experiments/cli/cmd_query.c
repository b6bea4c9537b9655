/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_query.c - any question to the results database, in SQL. */
#include "args.h"
#include "command.h"
#include "print.h"
#include "store.h"

static const struct abl_command_option options[] = {ABL_OPTION_STORE, ABL_OPTION_FORMAT, {0}};

static int exec(const struct abl_args *args, struct abl_err *err)
{
	struct abl_printed out = {.format = abl_table_format(abl_args_text(args, "format"))};
	const struct abl_listener rows = abl_print_rows(&out);
	struct abl_store *store;
	int rc;

	if (abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, err))
		return ABL_EXIT_USAGE;
	rc = abl_print_end(&out, abl_read_sql(store, args->word[0], &rows, err));
	abl_store_close(store);
	return rc ? ABL_EXIT_USAGE : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_query = {
	.name = "query",
	.usage = "\"SELECT ...\" [--store DIR] [--format FORMAT]",
	.summary = "query the results database in SQL, read-only",
	.details =
		"Views that need no joins:\n"
		"  trials    a row per trial: study, variant, task, seed, state, seconds, reason, "
		"a\n"
		"            column for every option that varies in some study, the final metrics\n"
		"  variants  study, variant, task, metric, n, mean, sd, min, max\n"
		"  effects   the same against the baseline: n, baseline, mean, effect, sd\n"
		"  failures  study, variant, task, seed, stage, state, reason, log,\n"
		"            attempt, cause\n"
		"\"SELECT sql FROM sqlite_schema\" prints every table and column with its meaning.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
