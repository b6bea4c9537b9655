/* SPDX-License-Identifier: Apache-2.0 */
#include "print_comparison.h"

#include "advice.h"
#include "compare_examples.h"
#include "print.h"
#include "shell.h"

#include <stdio.h>
#include <string.h>

#define INTERACTIONS 12 /* lines of them */

void abl_print_comparison(const struct abl_comparison *c, bool broad)
{
	struct abl_str text = {0};

	abl_compare_heading(c, &text);
	abl_print_text(&text);
	if (c->count)
		abl_print_table(broad ? abl_compare_broad_table(c) : abl_compare_table(c),
				ABL_TABLE_PLAIN);
	else
		printf("%s\n", abl_compare_no_rows(c));
	abl_compare_notes(c, &text);
	abl_compare_examples_notes(c, &text);
	abl_advice_print(stdout, "%s", text.text);
	abl_str_finish(&text);
}

/* In their order; where they are more than fit, those that were found come first. */
static void add_interactions(const struct abl_analysis *a, const char *task, size_t count,
			     struct abl_str *out)
{
	const bool all = count <= INTERACTIONS;
	struct abl_str line = {0};
	size_t shown = 0;

	for (int pass = all; pass < 2; pass++)
		for (size_t i = 0; i < a->interactions && shown < INTERACTIONS; i++) {
			const struct abl_interaction *x = &a->interaction[i];

			if (strcmp(x->task, task) != 0 || (!all && x->found == pass))
				continue;
			abl_str_clear(&line);
			abl_interaction_text(x, &line);
			abl_str_wrap(out, 0, 2, line.text);
			shown++;
		}
	if (!all)
		abl_str_printf(out, "and %zu more in --format csv or json\n", count - shown);
	abl_str_finish(&line);
}

void abl_print_interactions(const struct abl_analysis *a, const char *task)
{
	struct abl_str text = {0}, line = {0};
	size_t count = 0, family = 0;
	bool by_rate = false;

	for (size_t i = 0; i < a->interactions; i++)
		if (!strcmp(a->interaction[i].task, task)) {
			family = a->interaction[i].family_size;
			by_rate = a->interaction[i].by_rate;
			count++;
		}
	if (!count)
		return;
	abl_str_printf(&line, "interactions, (both - second) - (first - neither), %s over %zu%s",
		       by_rate ? "Benjamini-Hochberg" : "Holm", family,
		       strcmp(task, ABL_TASK_ALL) != 0 ? " by task" : "");
	abl_str_wrap(&text, 0, 2, line.text);
	add_interactions(a, task, count, &text);
	abl_advice_print(stdout, "%s", text.text);
	abl_str_finish(&line);
	abl_str_finish(&text);
}

void abl_print_analysis(const struct abl_analysis *a, bool broad)
{
	abl_print_comparison(a->all, broad);
	abl_print_interactions(a, a->all->task);
	if (a->all->by_task) {
		const char *const split = a->all->split;
		struct abl_str words = {0};
		size_t rows = 0;

		for (size_t t = 0; t < a->tasks; t++)
			rows += a->task[t]->count;
		abl_shell_word(&words, a->study);
		abl_str_puts(&words, " --by task");
		if (a->metric) {
			abl_str_puts(&words, " --metric ");
			abl_shell_word(&words, a->metric);
		}
		if (split && !strcmp(split, "test"))
			abl_str_puts(&words, " --split test");
		abl_advice_print(stdout, "'ablate compare %s' shows %zu row%s, task by task\n",
				 words.text, rows, abl_plural((int64_t)rows));
		abl_str_finish(&words);
	}
}
