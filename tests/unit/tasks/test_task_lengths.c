/* SPDX-License-Identifier: Apache-2.0 */
/* test_task_lengths.c - how much there is to read in a split: what is read again counts again. */
#include "span_fixture.h"
#include "task_lengths.h"

static void count_lengths(struct abl_task_lengths *l, const struct abl_task_type *type,
			  const char *text, struct abl_task_spec *spec)
{
	struct abl_task_tools tools = {tokenizer, &layout};
	struct abl_task *t = NULL;
	struct abl_err err = {0};

	layout = bert_layout(ABL_LONGEST);
	write_text(train_path, text);
	spec->train = train_path;
	ck_assert_msg(!type->load(&t, spec, "train", NULL, &tools, &err), "%s", err.text);
	ck_assert(!abl_task_lengths_count(l, type, t, &layout, &err));
	type->destroy(t);
}

/* Three questions on one passage read it three times. */
START_TEST(test_lengths__of_questions_on_a_passage)
{
	char name[] = "t", type[] = "span";
	struct abl_task_spec spec = {.name = name, .type = type, .stride = 128, .max_question = 64};
	struct abl_task_lengths l;
	double mean;

	count_lengths(&l, &abl_task_span,
		      "{\"data\": [{\"paragraphs\": [{\"context\": \"a b c d e f g h\", \"qas\": ["
		      "{\"id\": \"p\", \"question\": \"who\", \"answers\": [{\"text\": \"b\", "
		      "\"answer_start\": 2}]},"
		      "{\"id\": \"q\", \"question\": \"who came\", \"answers\": [{\"text\": \"b\", "
		      "\"answer_start\": 2}]},"
		      "{\"id\": \"r\", \"question\": \"where\", \"answers\": [{\"text\": \"b\", "
		      "\"answer_start\": 2}]}]}]}]}",
		      &spec);
	ck_assert_uint_eq(l.items, 3);
	ck_assert_uint_eq(l.of[1 + 8 + 3], 2);
	ck_assert_uint_eq(l.of[2 + 8 + 3], 1);
	ck_assert(abl_task_lengths_tokens(&l, 1, 512, &mean) == 12 + 13 + 12);
	ck_assert_double_eq_tol(mean, 37. / 3, 1e-12);
	ck_assert(abl_task_lengths_tokens(&l, 1.5, 19, &mean) == 18 + 19 + 18);
}
END_TEST

/* And each choice of a question reads what comes before it. */
START_TEST(test_lengths__of_choices)
{
	char name[] = "t", type[] = "choice", text[] = "text", label[] = "label",
	     choices[] = "one|two", format[] = "csv";
	struct abl_task_spec spec = {.name = name,
				     .type = type,
				     .text = text,
				     .label = label,
				     .choices = choices,
				     .format = format};
	struct abl_task_lengths l;
	double mean;

	count_lengths(&l, &abl_task_choice,
		      "text,one,two,label\na b c d,e,f g,0\na b c,e f g h,e,1\n", &spec);
	ck_assert_uint_eq(l.items, 2);
	ck_assert(abl_task_lengths_tokens(&l, 1, 512, &mean) ==
		  (4 + 1 + 3) + (4 + 2 + 3) + (3 + 4 + 3) + (3 + 1 + 3));
	ck_assert(mean == 34. / 4);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("task_lengths");

	tcase_add_test(c, test_lengths__of_questions_on_a_passage);
	tcase_add_test(c, test_lengths__of_choices);
	return run_tests(c);
}
