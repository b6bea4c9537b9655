/* SPDX-License-Identifier: Apache-2.0 */
/* test_costs.c - what stages are reckoned to take: by the rows that are read and the parts of the
 * model that work on them. */
#include "native_cost.h"
#include "planned_fixture.h"

enum { ROWS = 400 };

static void write_rows(void)
{
	char *path = abl_path_join(folder, "rows.tsv");
	struct abl_str text = {0};
	struct abl_err err = {0};

	abl_str_puts(&text, "text\tlabel\n");
	for (int i = 0; i < ROWS; i++)
		abl_str_printf(&text, "row %d is told in twelve words or so by this file .\t%d\n",
			       i, i % 2);
	ck_assert(!abl_file_write(path, text.text, text.length, &err));
	abl_str_finish(&text);
	free(path);
}

/* Of the first stage of that kind, in a study of the rows with these keys. */
static double cost(const char *kind, const char *task, const char *baseline)
{
	struct abl_str text = {0};
	struct planned p;
	double sum = -1;

	abl_str_printf(&text,
		       "study: a\ndata: .\nvocab: 200\npretraining: {texts: world}\n"
		       "tasks: [rows: {type: classify, train: rows.tsv, dev: rows.tsv, text: text, "
		       "label: label%s}]\n"
		       "baseline: {hidden: 64, max_length: 64%s}\n",
		       task, baseline);
	p = plan(text.text);
	for (size_t i = 0; i < p.plan->stage_count && sum < 0; i++)
		if (!strcmp(p.plan->stages[i].kind->name, kind))
			sum = p.plan->stages[i].cost - ABL_NATIVE_BASE;
	abl_str_finish(&text);
	finish(&p);
	return sum;
}

#define RATIO(a, b, low, high) ck_assert(a > low * b && a < high * b)

/* The size of the file says nothing of a limit. */
START_TEST(test_costs__go_by_rows)
{
	double all, half, epochs;

	write_rows();
	all = cost("finetune", "", "");
	half = cost("finetune", ", limit: 200", "");
	epochs = cost("finetune", ", epochs: 6", "");
	RATIO(all, half, 1.99, 2.01);
	RATIO(epochs, all, 1.95, 2.01); /* of three */
	/* the scored rows are as many, each once for the score and once for the gap */
	RATIO(cost("evaluate", "", ""), all, .2, .25);
}
END_TEST

/* In the last layer only what the head reads goes on behind keys and values. */
START_TEST(test_costs__of_the_last_layer)
{
	double one, two, three, mean;

	write_rows();
	one = cost("finetune", "", ", layers: 1");
	two = cost("finetune", "", ", layers: 2");
	three = cost("finetune", "", ", layers: 3");
	mean = cost("finetune", "", ", layers: 1, pooler: mean");
	ck_assert_double_eq_tol(two - one, three - two, 1e-9);
	RATIO((two - one), one, 3, 5);
	ck_assert_double_eq_tol(mean, two - one, 1e-9);
	/* all tokens are predicted, or an eighth of them */
	RATIO(cost("pretrain", "", ", layers: 1, lm: on, mlm: none"),
	      cost("pretrain", "", ", layers: 1"), 3, 6);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("costs");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_test(c, test_costs__go_by_rows);
	tcase_add_test(c, test_costs__of_the_last_layer);
	failed = run_case(c, "costs");
	return abl_remove_tree(folder, &err) || failed;
}
