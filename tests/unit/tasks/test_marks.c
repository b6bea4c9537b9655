/* SPDX-License-Identifier: Apache-2.0 */
/* Predictions files against gold, without a model: what they score, and which are refused. */
#include "files.h"
#include "str.h"
#include "submission.h"
#include "task.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-marks-XXXXXX";

#define NONE (-99) /* not told */

struct told {
	const char *name;
	double value;
};

static void tell(void *data, const char *name, double value)
{
	struct told *t = data;

	if (!strcmp(name, t->name))
		t->value = value;
}

static char *put(const char *name, const char *text)
{
	char *path = abl_path_join(folder, name);
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_write(path, text, strlen(text), &err), "%s", err.text);
	return path;
}

#define GOLD_NAMES "text\tlabel\na\tno\nb\tyes\nc\tyes\nd\tno\n"
#define GOLD_NUMBERS "text\tlabel\na\t1\nb\t2.5\nc\t4\nd\t2.5\n"
#define GOLD_STORY "1 a\n2 q\tx\t1\n3 r\tx,y\t1\n1 b\n2 s\ty\t1\n"
#define HEAD "index\tprediction\n"

static const struct {
	const char *type, *gold, *said, *labels, *train, *metric;
	double value;
	const char *error;
} marks[] = {
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tno\n1\tyes\n2\tno\n3\tno\n",
	 .metric = "accuracy",
	 .value = .75},
	/* in any order, with other columns and line ends */
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = "p\tprediction\tindex\r\n1\tno\t2\r\n1\tno\t3\r\n1\tno\t0\r\n1\tyes\t1\r\n",
	 .labels = "no|yes",
	 .metric = "accuracy",
	 .value = .75},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tno\n1\tyes\n2\tno\n3\tno\n",
	 .metric = "f1", /* of "yes", the last one */
	 .value = 2. / 3},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tno\n1\tyes\n2\tno\n3\tno\n",
	 .metric = "matthews",
	 .value = 4 / 6.928203230275509},
	/* of three classes, none of them named, there is no F1 of one */
	{.type = "classify",
	 .gold = GOLD_NAMES "e\tmaybe\n",
	 .said = HEAD "0\tno\n1\tyes\n2\tyes\n3\tno\n4\tmaybe\n",
	 .metric = "f1",
	 .value = NONE},
	/* the classes are not given: one that is only said is wrong, no error */
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tno\n1\tyes\n2\tmaybe\n3\tno\n",
	 .metric = "accuracy",
	 .value = .75},
	{.type = "classify",
	 .gold = "text\tlabel\na\tyes\nb\tyes\n",
	 .said = HEAD "0\tyes\n1\tyes\n",
	 .metric = "accuracy",
	 .value = 1},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tno\n1\tyes\n2\tmaybe\n3\tno\n",
	 .labels = "no|yes",
	 .error = "/said:4: unknown label 'maybe'; the classes are 'no', 'yes'"},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tno\n1\tyes\n2\tmaybe\n3\tno\n",
	 .train = "text\tlabel\na\tyes\nb\tno\n",
	 .error = "/said:4: unknown label 'maybe'"},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tno\n1\tyes\n2\tmaybe\n3\tno\n",
	 .train = "text\tlabel\na\tyes\nb\tno\nc\tmaybe\n",
	 .metric = "accuracy",
	 .value = .75},
	/* said classes are compared without case; gold of none is wrong, and a class for F1 as
	 * scikit-learn has it */
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tNO\n1\tYes\n2\tno\n3\tno\n",
	 .labels = "no|yes",
	 .metric = "accuracy",
	 .value = .75},
	{.type = "classify",
	 .gold = GOLD_NAMES "e\tmaybe\nf\tmaybe\n",
	 .said = HEAD "0\tno\n1\tyes\n2\tyes\n3\tno\n4\tyes\n5\tyes\n",
	 .labels = "no|yes",
	 .metric = "accuracy",
	 .value = 4. / 6},
	{.type = "classify",
	 .gold = GOLD_NAMES "e\tmaybe\nf\tmaybe\n",
	 .said = HEAD "0\tno\n1\tyes\n2\tyes\n3\tno\n4\tyes\n5\tyes\n",
	 .labels = "no|yes",
	 .metric = "f1", /* precision is 2 of 4 */
	 .value = 2. / 3},
	{.type = "classify",
	 .gold = GOLD_NAMES "e\tmaybe\nf\tmaybe\n",
	 .said = HEAD "0\tno\n1\tyes\n2\tyes\n3\tno\n4\tyes\n5\tyes\n",
	 .labels = "no|yes",
	 .metric = "f1_macro",
	 .value = (1 + 2. / 3) / 3},
	{.type = "classify",
	 .gold = "text\tlabel\na\tred\nb\tblue\n",
	 .said = HEAD "0\tno\n1\tyes\n",
	 .labels = "no|yes",
	 .error = "/gold:2: unknown label 'red'; the classes are 'no', 'yes'"},
	{.type = "classify",
	 .gold = "text\tlabel\na\tyes\nb\t\n",
	 .said = HEAD "0\tyes\n1\tyes\n",
	 .error = "/gold:3: a row without a label"},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tno\n1\tyes\n2\tno\n",
	 .error = "/said: 3 predictions, but gold has 4 rows"},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tno\n1\tyes\n2\tno\n3\tno\n4\tno\n",
	 .error = "/said:6: the index is 4, but gold has 4 rows"},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tno\n1\tyes\n1\tno\n3\tno\n",
	 .error = "/said:4: the index 1 is in line 3 already"},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tno\none\tyes\n",
	 .error = "/said:3: the index 'one' is not a whole number"},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tno\n-1\tyes\n",
	 .error = "/said:3: the index '-1' is not a whole number"},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tno\n1\n",
	 .error = "/said:3: a row with 1 column, 2 are needed"},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\t\n",
	 .error = "/said:2: the prediction is empty"},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = "0\tno\n",
	 .error = "/said:1: no header 'index', 'prediction'"},
	{.type = "classify", .gold = GOLD_NAMES, .said = "", .error = "/said: the file is empty"},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tn\xff\n",
	 .error = "/said:2:4: invalid UTF-8"},
	{.type = "classify", .gold = GOLD_NAMES, .said = NULL, .error = "nowhere"},
	{.type = "regress",
	 .gold = GOLD_NUMBERS,
	 .said = HEAD "0\t1\n1\t2\n2\t3e0\n3\t2\n",
	 .labels = "0|5",
	 .metric = "pearson",
	 .value = 1},
	{.type = "regress",
	 .gold = GOLD_NUMBERS,
	 .said = HEAD "0\t1\n1\t2\n2\t90\n3\t2\n",
	 .metric = "spearman",
	 .value = 1},
	{.type = "regress",
	 .gold = GOLD_NUMBERS,
	 .said = HEAD "0\t2\n1\t2\n2\t2\n3\t2\n",
	 .metric = "pearson",
	 .value = NAN},
	{.type = "regress",
	 .gold = GOLD_NUMBERS,
	 .said = HEAD "0\t1\n1\thigh\n2\t3\n3\t2\n",
	 .error = "/said:3: the prediction 'high' is not a number"},
	{.type = "regress",
	 .gold = GOLD_NUMBERS,
	 .said = HEAD "0\t1\n1\t.nan\n2\t3\n3\t2\n",
	 .error = "/said:3: the prediction '.nan' is not a number"},
	{.type = "regress",
	 .gold = "text\tlabel\na\tx\nb\t2\n",
	 .said = HEAD "0\t1\n1\t2\n",
	 .error = "/gold:2: 'x' is not a number"},
	{.type = "story",
	 .gold = GOLD_STORY,
	 .said = HEAD "0\tx\n1\tx,y\n2\tz\n",
	 .metric = "accuracy",
	 .value = 2. / 3},
	{.type = "story",
	 .gold = GOLD_STORY,
	 .said = HEAD "0\tx\n1\tx,y\n2\tz\n",
	 .metric = "f1", /* a story's answers have none */
	 .value = NONE},
	{.type = "classify",
	 .gold = GOLD_NAMES,
	 .said = HEAD "0\tno\n1\tyes\n2\tno\n3\tno\n",
	 .metric = "majority", /* of a run, not of a file */
	 .value = NONE},
	{.type = "regress",
	 .gold = GOLD_NUMBERS,
	 .said = HEAD "0\t1\n1\t2\n2\t3e0\n3\t2\n",
	 .metric = "pearson_majority",
	 .value = NONE},
	{.type = "story",
	 .gold = GOLD_STORY,
	 .said = HEAD "0\tx\n",
	 .error = "/said: 1 prediction, but gold has 3 rows"},
	{.type = "story",
	 .gold = "1 a\n2 q\t\n",
	 .said = HEAD "0\tx\n",
	 .error = "/gold:2: a question without an answer"},
};

START_TEST(test_marks__scores_and_refusals)
{
	struct abl_err err = {0};
	struct abl_task_spec s = {.name = abl_strdup("mine"),
				  .type = abl_strdup(marks[_i].type),
				  .test = put("gold", marks[_i].gold)};
	struct told told = {marks[_i].metric ? marks[_i].metric : "accuracy", NONE};
	char *said =
		marks[_i].said ? put("said", marks[_i].said) : abl_path_join(folder, "nowhere");
	int rc;

	s.text = abl_strdup("text"), s.label = abl_strdup("label");
	if (marks[_i].labels)
		s.labels = abl_strdup(marks[_i].labels);
	if (marks[_i].train)
		s.train = put("train", marks[_i].train);
	rc = abl_task_type_find(s.type)->mark(
		&(struct abl_mark_request){.spec = &s, .predictions = said}, tell, &told, &err);
	if (marks[_i].error) {
		ck_assert_int_eq(rc, ABL_EINPUT);
		ck_assert_msg(strstr(err.text, marks[_i].error), "%s", err.text);
		ck_assert_double_eq(told.value, NONE); /* nothing is told of what is refused */
	} else {
		ck_assert_msg(!rc, "%s", err.text);
		if (isnan(marks[_i].value))
			ck_assert(isnan(told.value));
		else
			ck_assert_double_eq_tol(told.value, marks[_i].value, 1e-15);
	}
	abl_task_spec_finish(&s);
	free(said);
}
END_TEST

static struct abl_gold_row every_row(const void *data, size_t i)
{
	(void)data;
	return (struct abl_gold_row){i, true};
}

/* What is written is what is read. */
START_TEST(test_marks__written_and_read)
{
	const struct abl_gold_rows two = {2, 2, every_row, NULL};
	struct abl_str out = {0};
	struct abl_submission s;
	struct abl_err err = {0};
	char *path;

	abl_submission_begin(&out);
	abl_submission_add(&out, 0, "not_entailment");
	abl_submission_add(&out, 1, "a, b");
	path = put("written", out.text);
	ck_assert_msg(!abl_submission_load(&s, path, &two, NULL, &err), "%s", err.text);
	ck_assert_str_eq(s.items[0].text, "not_entailment");
	ck_assert_str_eq(s.items[1].text, "a, b");
	ck_assert_uint_eq(s.items[1].line, 3);
	abl_submission_finish(&s);
	abl_submission_finish(&s);
	abl_str_finish(&out);
	free(path);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("marks");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_loop_test(c, test_marks__scores_and_refusals, 0,
			    (int)(sizeof marks / sizeof *marks));
	tcase_add_test(c, test_marks__written_and_read);
	failed = run_case(c, "marks");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
