/* SPDX-License-Identifier: Apache-2.0 */
/* plot_store.h - a store with made-up studies for the tests of figures and report:
 *
 *   removals  5 variants x 2 tasks x 8 seeds, pre-training and curves; one variant diverges once
 *   sizes     3 sizes x 2 dropouts x 1 task x 5 seeds, with parameters
 *   rates     5 learning rates x 2 tasks x 3 seeds
 *   names     names that gnuplot, XML or a shell could trip over, 1 seed, one variant failed
 *   hard      a size that failed, a seed that diverged, long names, a script without Latin letters
 *   waiting   planned, nothing done */
#ifndef ABL_PLOT_STORE_H
#define ABL_PLOT_STORE_H

#include "errors.h"

int plot_store_make(const char *folder, struct abl_err *err) ABL_MUST_USE;

/* The label of a variant of `hard`, with two quotes in a row. */
#define PLOT_STORE_SCRIPT "日本語''の"
/* The label of a variant of `names`. */
#define PLOT_STORE_NASTY "a<b> & \"it's\" {x}_y^2 `touch pwned` $HOME @ \\n %s </td>"

#endif
