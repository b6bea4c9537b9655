/* SPDX-License-Identifier: Apache-2.0 */
/* report_tables.c - the parts that are tables of `results`, task by task: costs, options of a grid,
 * random search, sources of variance. Where one does not apply it is left out. */
#include "cost.h"
#include "expected.h"
#include "html.h"
#include "marginal.h"
#include "report_parts.h"
#include "shell.h"
#include "trials.h"
#include "variance.h"

#include <math.h>
#include <string.h>

struct made { /* one task's */
	struct abl_str heading, notes;
	struct abl_table *table;
};

typedef int maker(struct made *m, struct abl_page *p, const char *task, struct abl_err *err);

static bool tells_costs(const struct abl_cost_table *c)
{
	for (size_t i = 0; i < c->count; i++)
		for (int cost = 0; cost < ABL_COSTS; cost++)
			if (isfinite(c->row[i].cost[cost].estimate))
				return true;
	return false;
}

static int make_costs(struct made *m, struct abl_page *p, const char *task, struct abl_err *err)
{
	struct abl_cost_table *c = NULL;
	int rc = abl_costs(&c, p->store, p->id, task, err);

	if (rc)
		return rc;
	if (tells_costs(c)) {
		abl_cost_heading(c, &m->heading);
		m->table = abl_cost_people_table(c);
		abl_cost_notes(c, &m->notes);
	} else {
		rc = ABL_EINPUT;
	}
	abl_cost_table_destroy(c);
	return rc;
}

/* Where each key was changed by itself, means over the others say what effects do. */
static bool is_grid(const struct abl_marginal *x)
{
	for (size_t i = 0; i < x->keys; i++)
		if (x->key[i].combinations > 1)
			return true;
	return x->keys == 1;
}

static int make_marginal(struct made *m, struct abl_page *p, const char *task, struct abl_err *err)
{
	struct abl_marginal *x = NULL;
	int rc = abl_marginal(&x, p->store, p->id, task, err);

	if (rc)
		return rc;
	if (is_grid(x)) {
		abl_marginal_heading(x, &m->heading);
		m->table = abl_marginal_table(x);
		abl_marginal_notes(x, &m->notes);
	} else {
		rc = ABL_EINPUT;
	}
	abl_marginal_destroy(x);
	return rc;
}

static int make_expected(struct made *m, struct abl_page *p, const char *task, struct abl_err *err)
{
	struct abl_expected *x = NULL;
	int rc = abl_expected(&x, p->store, p->id, task, err);

	if (rc)
		return rc;
	abl_expected_heading(x, &m->heading);
	m->table = abl_expected_table(x);
	abl_expected_notes(x, &m->notes);
	abl_expected_destroy(x);
	return 0;
}

static int make_variance(struct made *m, struct abl_page *p, const char *task, struct abl_err *err)
{
	struct abl_variance *x = NULL;
	int rc = abl_variance(&x, p->store, p->id, task, err);

	if (rc)
		return rc;
	abl_variance_heading(x, &m->heading);
	m->table = abl_variance_table(x);
	abl_variance_notes(x, &m->notes);
	abl_variance_destroy(x);
	return 0;
}

/* Notes that have columns keep them. */
static void put_notes(struct abl_page *p, const char *notes)
{
	bool columns = false;

	for (const char *at = notes; (at = strstr(at, "  ")); at += strspn(at, " "))
		columns |= at > notes && at[-1] != '\n' && at[strspn(at, " ")] != '\n';
	if (!columns) {
		abl_report_notes(p, notes);
		return;
	}
	abl_html_element(&p->html, "pre class=\"soft\" tabindex=\"0\"", notes);
	abl_str_puts(&p->html, "\n");
}

static void put_made(struct abl_page *p, const struct made *m, const char *what, const char *task,
		     const char *option)
{
	struct abl_str caption = {0}, command = {0};

	abl_str_printf(&caption, "%s: %s", what, task);
	abl_report_heading(p, caption.text);
	abl_report_notes(p, m->heading.length ? m->heading.text : "");
	if (m->table)
		abl_html_table(&p->html, m->table, caption.text);
	put_notes(p, m->notes.length ? m->notes.text : "");
	abl_str_printf(&command, "results %s %s --task ", p->start.study, option);
	abl_shell_word(&command, task);
	abl_report_again(p, caption.text, command.text);
	abl_str_finish(&caption), abl_str_finish(&command);
}

/* What the study has none of is said by ABL_EINPUT, and left out. */
static int put_task(struct abl_page *p, maker *make, const char *what, const char *task,
		    const char *option, struct abl_err *err)
{
	struct abl_err refused = {0};
	struct made m = {.table = NULL};
	int rc = make(&m, p, task, &refused);

	if (!rc)
		put_made(p, &m, what, task, option);
	else if (rc != ABL_EINPUT)
		rc = abl_err_set(err, rc, "%s", refused.text);
	abl_str_finish(&m.heading), abl_str_finish(&m.notes);
	abl_table_destroy(m.table);
	return rc == ABL_EINPUT ? 0 : rc;
}

/* Of many tasks they are behind a click. */
static int put_tasks(struct abl_page *p, maker *make, const char *what, const char *option,
		     struct abl_err *err)
{
	struct abl_str before = p->html;
	size_t tasks = 0;
	char **task = NULL;
	int rc = abl_read_tasks(&task, p->store, p->id, err);

	p->html = (struct abl_str){0};
	for (; !rc && task[tasks]; tasks++)
		rc = put_task(p, make, what, task[tasks], option, err);
	abl_names_destroy(task);
	if (p->html.length && tasks > ABL_REPORT_OPEN_TASKS)
		abl_str_printf(&before,
			       "<details><summary>%s: each of the %zu tasks</summary>\n"
			       "%s</details>\n",
			       what, tasks, p->html.text);
	else if (p->html.length)
		abl_str_puts(&before, p->html.text);
	abl_str_finish(&p->html);
	p->html = before;
	return rc;
}

int abl_report_cost(struct abl_page *p, struct abl_err *err)
{
	int rc = p->facts.done ? put_tasks(p, make_costs, "Cost", "--cost", err) : 0;

	return rc ? rc : abl_report_figures(p, "pareto", err);
}

int abl_report_options(struct abl_page *p, struct abl_err *err)
{
	int rc = put_tasks(p, make_marginal, "Levels of each option", "--by-option", err);

	rc = rc ? rc : put_tasks(p, make_expected, "Best of n draws", "--expected", err);
	return rc ? rc : abl_report_figures(p, "sensitivity|marginal|expected", err);
}

int abl_report_variance(struct abl_page *p, struct abl_err *err)
{
	return put_tasks(p, make_variance, "Sources of variance", "--variance", err);
}
