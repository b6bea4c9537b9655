/* SPDX-License-Identifier: Apache-2.0 */
#include "samples.h"

#include "str.h"
#include "distribution.h"

#include <math.h>
#include <stdlib.h>

void abl_samples_finish(struct abl_samples *s)
{
	if (!s)
		return;
	free(s->item);
	*s = (struct abl_samples){0};
}

void abl_samples_clear(struct abl_samples *s)
{
	s->count = 0;
}

void abl_samples_add(struct abl_samples *s, double x, int64_t seed, double value)
{
	if (!isfinite(x) || !isfinite(value))
		return;
	abl_grow(&s->item, &s->capacity, s->count + 1, sizeof *s->item);
	s->item[s->count++] = (struct abl_sample){.x = x, .value = value, .seed = seed};
}

static int by_x_and_seed(const void *a, const void *b)
{
	const struct abl_sample *s = a, *t = b;

	if (s->x != t->x)
		return s->x < t->x ? -1 : 1;
	if (s->seed != t->seed)
		return s->seed < t->seed ? -1 : 1;
	return (s->value > t->value) -
	       (s->value < t->value); /* so that sums do not depend on the order */
}

void abl_samples_sort(struct abl_samples *s)
{
	size_t kept = 0;

	if (s->count)
		qsort(s->item, s->count, sizeof *s->item, by_x_and_seed);
	for (size_t i = 0, end; i < s->count; i = end) {
		double sum = 0;

		for (end = i; end < s->count && s->item[end].x == s->item[i].x &&
			      s->item[end].seed == s->item[i].seed;
		     end++)
			sum += s->item[end].value;
		s->item[kept] = s->item[i];
		s->item[kept++].value = sum / (double)(end - i);
	}
	s->count = kept;
}

void abl_samples_move_seed(struct abl_samples *from, int64_t seed, struct abl_samples *to)
{
	size_t kept = 0;

	for (size_t i = 0; i < from->count; i++)
		if (from->item[i].seed == seed)
			abl_samples_add(to, from->item[i].x, seed, from->item[i].value);
		else
			from->item[kept++] = from->item[i];
	from->count = kept;
}

void abl_samples_smooth(struct abl_samples *s, size_t reach)
{
	size_t *own = abl_calloc(s->count, sizeof *own); /* places of one seed's values */
	double *before = abl_calloc(s->count, sizeof *before);
	bool *done = abl_calloc(s->count, sizeof *done);

	for (size_t i = 0; i < s->count; i++)
		before[i] = s->item[i].value;
	for (size_t first = 0; first < s->count; first++) {
		size_t n = 0;

		for (size_t i = first; i < s->count && !done[first]; i++)
			if (s->item[i].seed == s->item[first].seed)
				own[n++] = i;
		for (size_t k = 0; k < n; k++) {
			size_t low = k > reach ? k - reach : 0,
			       high = k + reach < n ? k + reach : n - 1;
			double sum = 0;

			for (size_t j = low; j <= high; j++)
				sum += before[own[j]];
			s->item[own[k]].value = sum / (double)(high - low + 1);
			done[own[k]] = true;
		}
	}
	free(own), free(before), free(done);
}

bool abl_samples_next(const struct abl_samples *s, size_t *at, struct abl_spread *out)
{
	double sum = 0, squares = 0;

	*out = (struct abl_spread){.first = *at, .sd = NAN, .half = NAN};
	if (*at == s->count)
		return false;
	out->x = s->item[*at].x;
	for (; *at < s->count && s->item[*at].x == out->x; (*at)++, out->n++)
		sum += s->item[*at].value;
	out->mean = sum / (double)out->n;
	for (size_t i = out->first; i < *at; i++)
		squares += (s->item[i].value - out->mean) * (s->item[i].value - out->mean);
	if (out->n > 1)
		out->sd = sqrt(squares / (double)(out->n - 1));
	if (out->n > 2)
		out->half =
			abl_t_critical(.05, (double)(out->n - 1)) * out->sd / sqrt((double)out->n);
	return true;
}
