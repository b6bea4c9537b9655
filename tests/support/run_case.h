/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ABL_RUN_CASE_H
#define ABL_RUN_CASE_H

#include <check.h>

/* Runs and ends a test case, a suite of its own; 0 = all of it passed: main's value. */
static inline int run_case(TCase *c, const char *name)
{
	Suite *suite = suite_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, c);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

#endif
