/* SPDX-License-Identifier: Apache-2.0 */
/* compare_examples.h - what stored predictions add to tables of effects: how much of an effect is
 * the choice of examples, and what holds with another dev set. */
#ifndef ABL_COMPARE_EXAMPLES_H
#define ABL_COMPARE_EXAMPLES_H

#include "compare.h"
#include "example_effect.h"

/* Sets `examples` of every row of every table. `request`: that of abl_analyse(). `shown`: for
 * abl_compare_examples_notes(), with resampling; else the errors and intervals alone. What is wrong
 * with files is said in the rows. */
int abl_compare_examples(struct abl_analysis *a, struct abl_store *store, int64_t study,
			 const struct abl_compare_request *request, bool shown,
			 struct abl_err *err) ABL_MUST_USE;

/* For people, below the table: the interval of each row for another dev set and another seed, in
 * words. Nothing unless they were to be shown. Appends. */
void abl_compare_examples_notes(const struct abl_comparison *c, struct abl_str *out);

/* The least and the largest standard error that examples alone give the rows; false: of none is one
 * known. */
bool abl_compare_examples_error(const struct abl_comparison *c, double *least, double *largest);

#endif
