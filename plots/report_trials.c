/* SPDX-License-Identifier: Apache-2.0 */
/* report_trials.c - every trial: the first ones as a table, all of them as data for the script,
 * which sorts, filters and draws what is in view (report.js). */
#include "html.h"
#include "json.h"
#include "report_parts.h"
#include "trials.h"
#include "utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	PLAIN = 25,       /* trials that are there without a script */
	MOST_COLUMNS = 60 /* of the view; 'ablate results --trials' has all */
};

struct column {
	char *name;
	bool number, real, text;
};

struct trials {
	struct abl_str *out;
	struct abl_html_rows plain;
	struct abl_json json;
	json_t *rows;
	struct column column[MOST_COLUMNS];
	size_t width, all_columns, count;
	struct abl_str mains;       /* main metrics of the tasks, joined by '|' */
	size_t order[MOST_COLUMNS]; /* of the store's columns */
};

static void see_task(void *data, const struct abl_read_task *t)
{
	struct trials *trials = data;

	abl_str_printf(&trials->mains, "%s%s", trials->mains.length ? "|" : "", t->metric);
}

static int read_mains(struct trials *t, struct abl_page *p, struct abl_err *err)
{
	char **tasks = NULL;
	int rc = abl_read_tasks(&tasks, p->store, p->id, err);

	abl_str_puts(&t->mains, "");
	for (size_t i = 0; rc >= 0 && tasks[i]; i++)
		rc = abl_read_task(p->store, p->id, tasks[i], see_task, t, err);
	abl_names_destroy(tasks);
	return rc < 0 ? rc : 0;
}

/* 0 which trial it is, 1 what came of it, 2 the rest; 3 is left out: all trials are of this study.
 */
static int rank(const struct trials *t, const struct abl_cell *c)
{
	if (!strcmp(c->name, "study"))
		return 3;
	if (abl_is_one_of("variant|task|seed|state", c->name))
		return 0;
	return abl_is_one_of(t->mains.text, c->name) ? 1 : 2;
}

static void choose_columns(struct trials *t, const struct abl_cell *cells, size_t count)
{
	for (int r = 0; r < 3; r++)
		for (size_t i = 0; i < count && t->width < MOST_COLUMNS; i++)
			if (rank(t, &cells[i]) == r)
				t->order[t->width++] = i;
	t->all_columns = count - 1;
}

static json_t *text_of(const char *text)
{
	struct abl_str visible = {0};
	json_t *made;

	abl_utf8_visible(&visible, text, strlen(text));
	made = json_string(visible.text);
	abl_str_finish(&visible);
	return made;
}

static json_t *value_of(const struct abl_cell *c)
{
	switch (c->type) {
	case ABL_CELL_INT:
		return json_integer(c->i);
	case ABL_CELL_REAL:
		return isfinite(c->r) ? json_real(c->r) : json_null();
	case ABL_CELL_TEXT:
		return text_of(c->text);
	case ABL_CELL_NULL:
		break;
	}
	return json_null();
}

/* What kind of column it is, from the cells so far. */
static void see(struct column *column, const struct abl_cell *c)
{
	if (!column->name)
		column->name = abl_strdup(c->name);
	column->real |= c->type == ABL_CELL_REAL;
	column->number |= c->type == ABL_CELL_REAL || c->type == ABL_CELL_INT;
	column->text |= c->type == ABL_CELL_TEXT;
}

static void no_head(void *data, const struct abl_cell *cells, size_t count)
{
}

static void put_row(void *data, const struct abl_cell *cells, size_t count)
{
	struct trials *t = data;
	struct abl_cell kept[MOST_COLUMNS];
	json_t *row = json_array();

	if (!t->count)
		choose_columns(t, cells, count);
	for (size_t i = 0; i < t->width; i++) {
		kept[i] = cells[t->order[i]];
		see(&t->column[i], &kept[i]);
		abl_json_add(&t->json, row, value_of(&kept[i]));
	}
	abl_json_add(&t->json, t->rows, row);
	if (t->count++ < PLAIN)
		abl_html_row(&t->plain, kept, t->width);
}

static void add_columns(struct trials *t)
{
	json_t *columns = abl_json_array(&t->json, t->json.root, "columns");

	for (size_t i = 0; i < t->width; i++) {
		json_t *one = json_object();
		struct column *c = &t->column[i];

		abl_json_add(&t->json, columns, one);
		abl_json_text(&t->json, one, "name", c->name);
		abl_json_bool(&t->json, one, "number", c->number && !c->text);
		abl_json_bool(&t->json, one, "real", c->real);
	}
}

static void finish(struct trials *t)
{
	for (size_t i = 0; i < t->width; i++)
		free(t->column[i].name);
	abl_str_finish(&t->mains);
}

/* The table of the first ones, which the script replaces, and the data of all. */
static int put_table(struct abl_page *p, struct trials *t, const struct abl_str *plain,
		     struct abl_err *err)
{
	struct abl_str json = {0};
	char text[32];
	int rc;

	add_columns(t);
	abl_json_text(&t->json, t->json.root, "caption", "Trials");
	if ((rc = abl_json_end(&t->json, JSON_COMPACT | JSON_ENSURE_ASCII, "the trials", &json,
			       err)))
		return rc;
	abl_str_printf(&p->html, "<div id=\"trial-rows\">\n%s", plain->text);
	abl_html_table_end(&p->html);
	if (t->count > PLAIN)
		abl_str_printf(&p->html,
			       "<p class=\"soft\">The first %d of %s trials; all are shown where "
			       "scripts may run.</p>\n",
			       PLAIN, abl_format_count((int64_t)t->count, text));
	abl_str_puts(&p->html, "</div>\n");
	if (t->all_columns > t->width)
		abl_str_printf(&p->html, "<p class=\"soft\">The first %zu of %zu columns.</p>\n",
			       t->width, t->all_columns);
	abl_str_puts(&p->html, "<script type=\"application/json\" id=\"trial-data\">");
	abl_html_json(&p->html, json.text);
	abl_str_puts(&p->html, "</script>\n");
	abl_str_finish(&json);
	return 0;
}

int abl_report_trials(struct abl_page *p, struct abl_err *err)
{
	struct abl_str plain = {0}, command = {0};
	struct trials t = {.out = &plain, .plain = {.out = &plain, .caption = "Trials"}};
	int rc;

	abl_json_begin(&t.json);
	t.rows = abl_json_array(&t.json, t.json.root, "rows");
	rc = read_mains(&t, p, err);
	rc = rc ? rc
		: abl_read_trials(p->store, p->id,
				  &(struct abl_listener){&t, .head = no_head, .row = put_row}, err);
	if (!rc && !t.count)
		abl_str_puts(&p->html, "<p>No trial is planned.</p>\n");
	else if (!rc && !(rc = put_table(p, &t, &plain, err))) {
		abl_str_printf(&command, "results %s --trials", p->start.study);
		abl_report_again(p, "Trials", command.text);
	}
	abl_json_finish(&t.json);
	finish(&t);
	abl_str_finish(&plain), abl_str_finish(&command);
	return rc;
}
