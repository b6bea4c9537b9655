/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.h - scores of a classification from its confusion matrix, as scikit-learn defines
 * them. */
#ifndef ABL_METRICS_H
#define ABL_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* counts [classes, classes]: counts[gold * classes + predicted] examples. All return values in [0,
 * 1], matthews in [-1, 1]. No examples: NaN. */
double abl_accuracy(const uint64_t *counts, size_t classes);
/* F1 of one class; 0 when it is neither in gold nor predicted (scikit-learn's zero_division=0). */
double abl_f1(const uint64_t *counts, size_t classes, size_t positive);
/* The mean F1 of the classes that are in gold or predicted (scikit-learn's average="macro"). */
double abl_f1_macro(const uint64_t *counts, size_t classes);
/* Matthews correlation for any number of classes (Gorodkin 2004); 0 when the gold or the prediction
 * is constant. */
double abl_matthews(const uint64_t *counts, size_t classes);
/* Accuracy of always answering the most frequent gold class. */
double abl_majority(const uint64_t *counts, size_t classes);
/* F1 of always answering it: 0 unless it is the positive class. */
double abl_f1_majority(const uint64_t *counts, size_t classes, size_t positive);
double abl_f1_macro_majority(const uint64_t *counts, size_t classes);

/* Is a model better that has less of it? Of a task's metrics that is the error "mse". */
bool abl_metric_lower_is_better(const char *name);

#endif
