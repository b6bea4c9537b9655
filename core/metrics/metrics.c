/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

#include <math.h>
#include <string.h>

static double total(const uint64_t *counts, size_t classes)
{
	double n = 0;

	for (size_t i = 0; i < classes * classes; i++)
		n += (double)counts[i];
	return n;
}

static double gold_of(const uint64_t *counts, size_t classes, size_t c)
{
	double n = 0;

	for (size_t k = 0; k < classes; k++)
		n += (double)counts[c * classes + k];
	return n;
}

static double predicted_of(const uint64_t *counts, size_t classes, size_t c)
{
	double n = 0;

	for (size_t k = 0; k < classes; k++)
		n += (double)counts[k * classes + c];
	return n;
}

static double right(const uint64_t *counts, size_t classes)
{
	double n = 0;

	for (size_t c = 0; c < classes; c++)
		n += (double)counts[c * classes + c];
	return n;
}

double abl_accuracy(const uint64_t *counts, size_t classes)
{
	return right(counts, classes) / total(counts, classes);
}

double abl_f1(const uint64_t *counts, size_t classes, size_t positive)
{
	double both = gold_of(counts, classes, positive) + predicted_of(counts, classes, positive);

	return both > 0 ? 2 * (double)counts[positive * classes + positive] / both : 0;
}

double abl_f1_macro(const uint64_t *counts, size_t classes)
{
	double sum = 0, there = 0;

	for (size_t c = 0; c < classes; c++) {
		sum += abl_f1(counts, classes, c);
		there += gold_of(counts, classes, c) + predicted_of(counts, classes, c) > 0;
	}
	return sum / there;
}

double abl_matthews(const uint64_t *counts, size_t classes)
{
	double n = total(counts, classes);
	double cross = 0, gold = 0, predicted = 0, root;

	for (size_t c = 0; c < classes; c++) {
		double g = gold_of(counts, classes, c), p = predicted_of(counts, classes, c);

		cross += g * p;
		gold += g * g;
		predicted += p * p;
	}
	root = sqrt((n * n - gold) * (n * n - predicted));
	return root > 0 ? (right(counts, classes) * n - cross) / root : 0;
}

double abl_majority(const uint64_t *counts, size_t classes)
{
	double most = 0;

	for (size_t c = 0; c < classes; c++)
		most = fmax(most, gold_of(counts, classes, c));
	return most / total(counts, classes);
}

double abl_f1_majority(const uint64_t *counts, size_t classes, size_t positive)
{
	double share = gold_of(counts, classes, positive) / total(counts, classes);

	return share >= abl_majority(counts, classes) ? 2 * share / (1 + share) : 0;
}

double abl_f1_macro_majority(const uint64_t *counts, size_t classes)
{
	double share = abl_majority(counts, classes), there = 0;

	for (size_t c = 0; c < classes; c++)
		there += gold_of(counts, classes, c) > 0;
	return 2 * share / (1 + share) / there;
}

bool abl_metric_lower_is_better(const char *name)
{
	return !strcmp(name, "mse");
}
