/* SPDX-License-Identifier: Apache-2.0 */
/* compare_examples.h - what stored predictions add to a table of effects. */
#ifndef ABL_COMPARE_EXAMPLES_H
#define ABL_COMPARE_EXAMPLES_H

#include "compare.h"

/* For people: the intervals of c's rows for another dev set and another seed, below its table.
 * `base`: label of the variant that c compares with; NULL: the baseline. `tests`: c is of the test
 * file. Appends. */
int abl_compare_examples(const struct abl_comparison *c, struct abl_store *store, int64_t study,
			 const char *base, bool tests, struct abl_str *out,
			 struct abl_err *err) ABL_MUST_USE;

#endif
