/* SPDX-License-Identifier: Apache-2.0 */
#include "schema.h"

#include "hint.h"
#include "sql.h"
#include "store.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a row is. */
static const struct {
	const char *table, *about;
} abouts[] = {
	{"trials",
	 "a trial: its state, every option that varies in some study, every final metric"},
	{"variants", "a variant, task and metric: mean and deviation over seeds"},
	{"effects", "the same as differences to the baseline, paired by seed"},
	{"failures", "a trial that something stopped: where, why, and its log"},
	{"predictions", "a trial: the file with its predictions, below the store's folder"},
	{"pretrainings", "a variant and metric of pre-training on held-out text"},
	{"varying_options", "an option that varies in a study"},
	{"trial_states", "a trial with its state; `trials` is made from it"},
	{"trial_metrics", "a trial and final metric"},
	{"study", "a study"},
	{"task", "a task of a study"},
	{"variant", "a variant of a study"},
	{"variant_option", "an option of a variant"},
	{"trial", "a variant on a task with a seed"},
	{"stage", "a step that trials and studies share"},
	{"stage_input", "what a stage reads of another"},
	{"trial_stage", "what a stage is to a trial"},
	{"attempt", "one execution of a stage"},
	{"metric", "a point of a training curve"},
	{"result", "a final number of a stage"},
	{"prediction", "the predictions of a stage"},
	{"data_file", "a data file that a study reads"},
	{"run", "a start of the program on a study"},
	{"tuning_stage", "a training run that tries a value of `tune`"},
};

/* Of columns that came later: SQLite keeps no comments of those. */
static const struct {
	const char *table, *column, *meaning;
} later[] = {
	{"stage", "cause", "of a failure: 'memory', 'time', 'crash', 'diverged', ..."},
	{"stage", "seal", "hash of the list of files that its artefact has"},
	{"stage", "lost", "why its artefact is made again while its numbers stand"},
	{"stage", "same_as",
	 "key of the stage of other code whose results it has: 'run --code same'"},
	{"stage", "code",
	 "the copy of the program's code that it ran in: code/... below the store"},
	{"stage", "cpu_seconds", "of the processor, of its processes; NULL: not measured"},
	{"stage", "peak_memory", "bytes, of the largest of its processes; NULL: not measured"},
	{"stage", "rated",
	 "processor seconds by a rate measured as it was planned; NULL: none was"},
	{"attempt", "cause", "of a failure, as in `stage`"},
	{"attempt", "cpu_seconds", "of the processor, of its processes"},
	{"attempt", "peak_memory", "bytes, of the largest of its processes"},
	{"attempt", "expected_seconds", "as it began; NULL: not known"},
	{"attempt", "expected_cpu", "processor seconds, as it began"},
	{"attempt", "expected_memory", "bytes, as it began"},
	{"run", "expected_seconds", "until all was done, as it began; NULL: not known"},
	{"run", "expected_cpu", "processor seconds, as it began"},
	{"run", "seconds", "wall time of its work"},
	{"run", "cpu_seconds", "of its attempts"},
	{"run", "environment", "JSON: interpreter, packages, image, GPUs, driver, git commit"},
	{"run", "environment_hash", "of what of it can change numbers"},
};

static const char *later_meaning(const char *table, const char *column)
{
	for (size_t i = 0; i < sizeof later / sizeof *later; i++)
		if (!strcmp(later[i].table, table) && !strcmp(later[i].column, column))
			return later[i].meaning;
	return NULL;
}

static const char *about_of(const char *table)
{
	for (size_t i = 0; i < sizeof abouts / sizeof *abouts; i++)
		if (!strcmp(abouts[i].table, table))
			return abouts[i].about;
	return NULL;
}

/* The comment behind a column in the text that made its table. */
static bool find_meaning(const char *sql, const char *column, struct abl_str *out)
{
	const size_t n = strlen(column);

	abl_str_clear(out);
	for (const char *line = sql; line; line = strchr(line, '\n')) {
		const char *end, *comment;

		line += strspn(line, "\n\t ");
		end = line + strcspn(line, "\n");
		comment = strstr(line, "-- ");
		if (strncmp(line, column, n) != 0 || line[n] != ' ' || !comment || comment > end)
			continue;
		abl_str_add(out, comment + 3, (size_t)(end - comment - 3));
		return true;
	}
	return false;
}

static const char columns_sql[] =
	"SELECT m.name, m.type = 'view', p.name, lower(p.type), m.sql FROM sqlite_schema m "
	"JOIN pragma_table_info(m.name) p WHERE m.type IN ('table', 'view') "
	"AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
	"ORDER BY m.type = 'table', m.name IN ('trial_states', 'trial_metrics'), "
	"m.name <> 'trials', m.rowid, p.cid";

int abl_read_schema(struct abl_store *store,
		    void (*hear)(void *data, const struct abl_schema_column *column), void *data,
		    struct abl_err *err)
{
	struct abl_str meaning = {0};
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store), columns_sql, err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1) {
		const char *table = abl_query_text(q, 0), *column = abl_query_text(q, 2);
		const bool is_view = abl_query_int(q, 1);
		const bool said = !is_view && find_meaning(abl_query_text(q, 4), column, &meaning);

		hear(data, &(struct abl_schema_column){
				   .table = table,
				   .is_view = is_view,
				   .about = about_of(table),
				   .name = column,
				   .type = is_view ? NULL : abl_query_text(q, 3),
				   .meaning = said      ? meaning.text
					      : is_view ? NULL
							: later_meaning(table, column),
			   });
	}
	abl_query_close(q);
	abl_str_finish(&meaning);
	return rc;
}

/* ---- names that are not there ---- */

struct names {
	const char **name;
	size_t count, capacity;
	bool columns; /* not tables */
};

static void add_name(void *data, const struct abl_schema_column *c)
{
	struct names *n = data;
	const char *name = abl_intern(n->columns ? c->name : c->table);

	if (n->count && n->name[n->count - 1] == name)
		return;
	abl_grow(&n->name, &n->capacity, n->count + 1, sizeof *n->name);
	n->name[n->count++] = name;
}

static const char *name_at(size_t i, const void *data)
{
	return ((const struct names *)data)->name[i];
}

/* Interned, or NULL. */
static const char *nearest(struct abl_store *store, const char *word, bool columns)
{
	struct names names = {.columns = columns};
	const char *near = NULL;

	if (!abl_read_schema(store, add_name, &names, NULL))
		near = abl_hint_nearest(columns ? ABL_HINT_KEY : ABL_HINT_TABLE, word, names.count,
					name_at, &names);
	free(names.name);
	return near;
}

int abl_schema_expand(struct abl_store *store, const char *query, struct abl_str *out,
		      struct abl_err *err)
{
	static const char word[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	struct names names = {0};
	const char *near;
	bool there = false;
	int rc;

	if (!*query || query[strspn(query, word)]) {
		abl_str_puts(out, query);
		return 0;
	}
	rc = abl_read_schema(store, add_name, &names, err);
	for (size_t i = 0; i < names.count; i++)
		there |= !strcmp(names.name[i], query);
	free(names.name);
	if (rc || there) {
		abl_str_printf(out, "SELECT * FROM \"%s\"", query);
		return rc;
	}
	near = nearest(store, query, false);
	return abl_err_set(err, ABL_EINPUT,
			   "no table or view '%s'%s%s%s; 'ablate query --schema' lists them", query,
			   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

struct holders {
	const char *column;
	struct abl_str text; /* "attempt, stage": the tables that have it */
};

static void add_holder(void *data, const struct abl_schema_column *c)
{
	struct holders *h = data;

	if (!strcasecmp(c->name, h->column))
		abl_str_printf(&h->text, "%s%s", h->text.length ? ", " : "", c->table);
}

/* "; did you mean 'accuracy'?", or where the column is one of other tables
 * "; 'cpu_seconds' is in attempt, stage". */
static void explain_name(struct abl_store *store, const char *name, bool columns,
			 struct abl_str *out)
{
	const char *dot = strrchr(name, '.'), *near;
	struct holders h = {.column = dot ? dot + 1 : name};

	if (columns && !abl_read_schema(store, add_holder, &h, NULL) && h.text.length)
		abl_str_printf(out, "; '%s' is in %s", h.column, h.text.text);
	else if ((near = nearest(store, h.column, columns)))
		abl_str_printf(out, "; did you mean '%s'?", near);
	abl_str_finish(&h.text);
}

int abl_schema_explain(struct abl_store *store, int rc, const char *message, struct abl_err *err)
{
	static const struct {
		const char *words;
		bool columns;
	} kinds[] = {{"no such table: ", false}, {"no such column: ", true}};
	struct abl_str said = {0};
	const char *at = NULL;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !at; i++)
		if ((at = strstr(message, kinds[i].words)))
			explain_name(store, at + strlen(kinds[i].words), kinds[i].columns, &said);
	abl_err_set(err, (enum abl_code)rc, "%s%s%s", message, said.length ? said.text : "",
		    at ? "; 'ablate query --schema' lists tables and columns" : "");
	abl_str_finish(&said);
	return rc;
}
