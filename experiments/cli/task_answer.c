/* SPDX-License-Identifier: Apache-2.0 */
#include "task_answer.h"

#include "advice.h"
#include "cost.h"
#include "expected.h"
#include "marginal.h"
#include "print.h"
#include "trials.h"
#include "variance.h"

#include <string.h>

struct abl_task_answer {
	const char *flag;
	int (*make)(void **out, struct abl_store *store, int64_t study, const char *task,
		    struct abl_err *err);
	void (*destroy)(void *answer);
	void (*heading)(const void *answer, struct abl_str *out);
	void (*notes)(const void *answer, struct abl_str *out);
	struct abl_table *(*table)(const void *answer);
	struct abl_table *(*wide)(void);
	void (*add_rows)(const void *answer, struct abl_table *wide);
};

/* clang-format off */
/* The functions of an answer, as a row takes them. */
#define ADAPT(name, type, making, destroying, headings, noting, tabling, adding) \
	static int name##_make(void **out, struct abl_store *store, int64_t study, \
			       const char *task, struct abl_err *err) \
	{ \
		struct type *made = NULL; \
		int rc = making(&made, store, study, task, err); \
		*out = made; \
		return rc; \
	} \
	static void name##_destroy(void *answer) { destroying(answer); } \
	static void name##_heading(const void *a, struct abl_str *out) { headings(a, out); } \
	static void name##_notes(const void *a, struct abl_str *out) { noting(a, out); } \
	static struct abl_table *name##_table(const void *answer) { return tabling(answer); } \
	static void name##_add_rows(const void *a, struct abl_table *wide) { adding(a, wide); }
/* clang-format on */

ADAPT(keys, abl_marginal, abl_marginal, abl_marginal_destroy, abl_marginal_heading,
      abl_marginal_notes, abl_marginal_table, abl_marginal_add_rows)
ADAPT(cost, abl_cost_table, abl_costs, abl_cost_table_destroy, abl_cost_heading, abl_cost_notes,
      abl_cost_people_table, abl_cost_add_rows)
ADAPT(variance, abl_variance, abl_variance, abl_variance_destroy, abl_variance_heading,
      abl_variance_notes, abl_variance_table, abl_variance_add_rows)
ADAPT(expected, abl_expected, abl_expected, abl_expected_destroy, abl_expected_heading,
      abl_expected_notes, abl_expected_table, abl_expected_add_rows)

#define ROW(flag, name, wide)                                                                  \
	{                                                                                      \
		flag, name##_make, name##_destroy, name##_heading, name##_notes, name##_table, \
			wide, name##_add_rows                                                  \
	}

static const struct abl_task_answer answers[] = {
	ROW("by-option", keys, abl_marginal_wide_table),
	ROW("cost", cost, abl_cost_wide_table),
	ROW("variance", variance, abl_variance_wide_table),
	ROW("expected", expected, abl_expected_wide_table),
};

int abl_task_answer_asked(const struct abl_task_answer **out, const struct abl_args *args,
			  struct abl_err *err)
{
	*out = NULL;
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		if (!abl_args_flag(args, answers[i].flag))
			continue;
		if (*out)
			return abl_err_set(err, ABL_EINPUT,
					   "--%s and --%s are two tables: ask for one",
					   (*out)->flag, answers[i].flag);
		*out = &answers[i];
	}
	return 0;
}

/* Appends the text without its empty lines. */
static void add_lines(struct abl_str *out, const char *text)
{
	for (; text && *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (*text != '\n')
			abl_str_printf(out, "%.*s\n", (int)strcspn(text, "\n"), text);
}

/* The heading becomes one line. */
static void add_caption(struct abl_table *t, const struct abl_str *heading,
			const struct abl_str *notes)
{
	struct abl_str caption = {0}, lines = {0};

	for (const char *p = heading->text; p && *p; p++)
		if (*p != '\n')
			abl_str_add(&caption, p, 1);
		else if (p[1] == ' ') /* a line that goes on, by two blanks */
			p++;
		else if (p[1])
			abl_str_puts(&caption, "; ");
	add_lines(&lines, notes->text);
	abl_table_caption(t, caption.text ? caption.text : "", lines.text);
	abl_str_finish(&caption);
	abl_str_finish(&lines);
}

static int print_for_people(const struct abl_task_answer *a, const void *answer,
			    enum abl_table_format format, const struct abl_row_order *order,
			    struct abl_err *err)
{
	struct abl_table *t = a->table(answer);
	struct abl_str heading = {0}, notes = {0};
	int rc = abl_row_order_apply(order, t, err);

	a->heading(answer, &heading);
	a->notes(answer, &notes);
	if (rc) {
		abl_table_destroy(t);
	} else if (format == ABL_TABLE_PLAIN) {
		abl_print_text(&heading);
		abl_print_table(t, format);
		abl_advice_print(stdout, "%s", notes.text ? notes.text : "");
	} else {
		add_caption(t, &heading, &notes);
		abl_print_table(t, format);
	}
	abl_str_finish(&heading);
	abl_str_finish(&notes);
	return rc;
}

static int print_task(const struct abl_task_answer *a, struct abl_store *store, int64_t study,
		      const char *task, enum abl_table_format format, struct abl_table *wide,
		      const struct abl_row_order *order, struct abl_err *err)
{
	void *answer;
	int rc = a->make(&answer, store, study, task, err);

	if (rc)
		return rc;
	if (wide)
		a->add_rows(answer, wide);
	else
		rc = print_for_people(a, answer, format, order, err);
	a->destroy(answer);
	return rc;
}

int abl_task_answer_print(const struct abl_task_answer *a, struct abl_store *store, int64_t study,
			  enum abl_table_format format, const struct abl_row_order *order,
			  struct abl_err *err)
{
	struct abl_table *wide = abl_table_is_for_machines(format) ? a->wide() : NULL;
	bool first = true;
	char **tasks;
	int rc = abl_read_tasks(&tasks, store, study, err);

	for (size_t i = 0; !rc && tasks[i]; i++) {
		if (order->task && strcmp(order->task, tasks[i]) != 0)
			continue;
		if (!first && !wide)
			fputs("\n", stdout);
		first = false;
		rc = print_task(a, store, study, tasks[i], format, wide, order, err);
	}
	if (!rc && first)
		rc = abl_err_set(err, ABL_EINPUT, "no task of the study has a score");
	rc = rc || !wide ? rc : abl_row_order_apply(order, wide, err);
	if (wide && !rc)
		abl_print_table(wide, format);
	else
		abl_table_destroy(wide);
	abl_names_destroy(tasks);
	return rc;
}
