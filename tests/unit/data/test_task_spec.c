/* SPDX-License-Identifier: Apache-2.0 */
/* Task specs: to JSON and back, and names that are none. */
#include "files.h"
#include "run_case.h"
#include "str.h"
#include "task_spec.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-spec-XXXXXX";

START_TEST(test_spec__json_round_trip)
{
	struct abl_task_spec s = {.name = abl_strdup("x"),
				  .type = abl_strdup("classify"),
				  .train = abl_strdup("/d/t.csv"),
				  .format = abl_strdup("csv"),
				  .text = abl_strdup("0"),
				  .label = abl_strdup("last"),
				  .limit = 7},
			     back;
	json_t *o = abl_task_spec_json(&s), *again;
	struct abl_err err = {0};

	ck_assert_msg(!abl_task_spec_from_json(&back, o, &err), "%s", err.text);
	again = abl_task_spec_json(&back);
	ck_assert(json_equal(o, again));
	json_object_set_new(o, "limit", json_string("7"));
	abl_task_spec_finish(&back);
	ck_assert_int_eq(abl_task_spec_from_json(&back, o, &err), ABL_EINPUT);
	ck_assert(strstr(err.text, "'limit'"));
	json_decref(o), json_decref(again);
	abl_task_spec_finish(&s);
	abl_task_spec_finish(&s);
}
END_TEST

START_TEST(test_spec__unknown_tasks)
{
	struct abl_err err = {0};
	struct abl_task_spec s;

	ck_assert_int_eq(abl_task_spec_known(&s, "ret", folder, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "no task 'ret'") && strstr(err.text, "'rte'"), "%s",
		      err.text);
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_task_spec_known(&s, "rte", folder, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "no folder glue-rte|RTE|rte in"), "%s", err.text);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("task spec");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_test(c, test_spec__json_round_trip);
	tcase_add_test(c, test_spec__unknown_tasks);
	failed = run_case(c, "task spec");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
