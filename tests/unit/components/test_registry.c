/* SPDX-License-Identifier: Apache-2.0 */
/* test_registry.c - every component's option rows are what the key table has under their names, so
 * that no row is ignored because another component of the slot came first. */
#include "config.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(test_rows__are_the_tables)
{
	size_t rows = 0;

	for (size_t i = 0; i < abl_component_count(); i++) {
		const struct abl_component *c = abl_component_at(i);

		for (const struct abl_option *o = c->options; o && o->name; o++, rows++) {
			const struct abl_key *key = abl_config_key(o->name);

			ck_assert_msg(key && !key->component && abl_key_slot(key) == (int)c->slot,
				      "'%s' of '%s' is another key's name", o->name, c->name);
			ck_assert_msg(abl_option_same(key->option, o),
				      "'%s' of '%s' differs from the slot's row", o->name, c->name);
		}
	}
	ck_assert_uint_gt(rows, 0);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("registry");

	tcase_add_test(c, test_rows__are_the_tables);
	return run_case(c, "registry");
}
