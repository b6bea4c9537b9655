/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_query.c - any question to the results database, in SQL, and what can be asked for. */
#include "args.h"
#include "command.h"
#include "print.h"
#include "schema.h"
#include "store.h"

#include <string.h>

static const struct abl_command_option options[] = {
	{.name = "schema",
	 .type = ABL_ARG_FLAG,
	 .help = "list the views and tables with their columns"},
	ABL_OPTION_STORE,
	ABL_OPTION_FORMAT,
	{0},
};

/* ---- --schema ---- */

struct listed {
	struct abl_str out, columns;
	char table[64];
	bool tables; /* the views are over */
};

/* Ends the list of a view's columns. */
static void end_view(struct listed *l)
{
	if (l->columns.length) {
		abl_str_puts(&l->out, "      ");
		abl_str_wrap(&l->out, 6, 6, l->columns.text);
	}
	abl_str_clear(&l->columns);
}

static void list_column(void *data, const struct abl_schema_column *c)
{
	struct listed *l = data;

	if (strcmp(l->table, c->table) != 0) {
		end_view(l);
		if (!l->tables && !c->is_view)
			abl_str_puts(&l->out, "\nTABLES BEHIND THEM\n");
		l->tables = !c->is_view;
		snprintf(l->table, sizeof l->table, "%s", c->table);
		abl_str_printf(&l->out, "%-16s", c->table);
		abl_str_wrap(&l->out, 16, 16, c->about ? c->about : "");
	}
	if (c->is_view) {
		abl_str_printf(&l->columns, "%s%s", l->columns.length ? ", " : "", c->name);
		return;
	}
	abl_str_printf(&l->out, "      %-16s %s", c->name, c->type ? c->type : "");
	if (c->meaning)
		abl_str_printf(&l->out, "%*s", (int)(9 - strlen(c->type ? c->type : "")), "");
	abl_str_wrap(&l->out, 32, 32, c->meaning ? c->meaning : "");
}

static void add_row(void *data, const struct abl_schema_column *c)
{
	abl_table_text(data, c->is_view ? "view" : "table");
	abl_table_text(data, c->table);
	abl_table_text(data, c->name);
	abl_table_text(data, c->type);
	abl_table_text(data, c->meaning);
}

static int print_schema(struct abl_store *store, enum abl_table_format format, struct abl_err *err)
{
	static const char *const names[] = {"kind", "table", "column", "type", "meaning"};
	struct listed l = {0};
	struct abl_table *t;
	int rc;

	if (format == ABL_TABLE_PLAIN) {
		abl_str_puts(&l.out, "VIEWS, WHICH NEED NO JOINS: one row for each ...\n");
		rc = abl_read_schema(store, list_column, &l, err);
		end_view(&l);
		abl_print_text(&l.out);
		abl_str_finish(&l.columns);
		return rc;
	}
	t = abl_table_create();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		abl_table_column(t, names[i], false);
	rc = abl_read_schema(store, add_row, t, err);
	if (rc)
		abl_table_destroy(t);
	else
		abl_print_table(t, format);
	return rc;
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	struct abl_printed out = {.format = abl_table_format(abl_args_text(args, "format")),
				  .drop = true};
	const struct abl_listener rows = abl_print_rows(&out);
	const bool schema = abl_args_flag(args, "schema");
	struct abl_store *store;
	int rc;

	if (!schema && !args->words)
		return abl_err_set(err, ABL_EINPUT,
				   "a query is missing: 'ablate query \"select * from trials\"', "
				   "'ablate query trials', or 'ablate query --schema' for what "
				   "there is") != 0;
	if (abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, err))
		return ABL_EXIT_USAGE;
	rc = schema ? print_schema(store, out.format, err)
		    : abl_print_end(&out, abl_read_sql(store, args->word[0], &rows, err));
	abl_store_close(store);
	return rc ? ABL_EXIT_USAGE : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_query = {
	.name = "query",
	.usage = "\"SELECT ...\" | TABLE | --schema [--store DIR] [--format FORMAT]",
	.summary = "query the results database in SQL, read-only",
	.details =
		"Views that need no joins:\n"
		"  trials    a row per trial: study, variant, task, seed, state, seconds, cause, "
		"reason, "
		"a\n"
		"            column for every option that varies in some study, the final metrics\n"
		"  variants  study, variant, task, metric, n, mean, sd, min, max\n"
		"  effects   the same against the baseline: n, baseline, mean, effect, sd\n"
		"  failures  study, variant, task, seed, stage, state, reason, log,\n"
		"            attempt, cause\n"
		"TABLE alone prints all of a view or table; --schema lists them with their "
		"columns.\n"
		"A row of variants and effects belongs to one metric:\n"
		"  ablate query \"select variant, n, mean from variants where metric = "
		"'accuracy'\"\n"
		"Times are seconds since 1970, UTC; tables show them as dates, csv and json as "
		"they "
		"are.",
	.max_words = 1,
	.options = options,
	.exec = exec,
};
