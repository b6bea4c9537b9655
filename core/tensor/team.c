/* SPDX-License-Identifier: Apache-2.0 */
#include "team.h"

#include "gemm_pieces.h"

#include <omp.h>
#include <stdatomic.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

/* Tiny moments and softmax tails would otherwise cost up to a hundred times as much. */
void abl_team_enter(void)
{
#ifdef __SSE__
	const unsigned mode = _mm_getcsr();

	if ((mode & 0x8040) != 0x8040)
		_mm_setcsr(mode | 0x8040); /* as results, and as operands */
#endif
}

bool abl_team_is_free(const struct abl_team *t)
{
	return t->threads > 1 && !omp_in_parallel();
}

/* With the meter on: the last end is known when all have ended, the sum of all ends too. */
static void all_measured(const struct abl_team *t, void (*work)(void *data), void *data)
{
	double start = omp_get_wtime(), last = start, ends = 0;
	int members = 0;

#pragma omp parallel num_threads(t->threads) reduction(max : last) reduction(+ : ends, members)
	{
		abl_team_enter();
		work(data);
		last = omp_get_wtime();
		ends += last;
		members++;
	}
	t->meter->together += last - start;
	t->meter->waited += members * last - ends;
}

void abl_team_all(const struct abl_team *t, void (*work)(void *data), void *data)
{
	if (t->meter) {
		all_measured(t, work, data);
		return;
	}
#pragma omp parallel num_threads(t->threads)
	{
		abl_team_enter();
		work(data);
	}
}

struct pile {
	size_t n, block, blocks;
	size_t threads;
	atomic_size_t taken; /* blocks */
	abl_team_work *work;
	void *data;
};

/* A run is a share of what is left: few runs, yet the last ones are short. */
static bool take(struct pile *p, size_t *from, size_t *to)
{
	size_t first = atomic_load_explicit(&p->taken, memory_order_relaxed), end;

	do {
		if (first >= p->blocks)
			return false;
		end = first + 1 + (p->blocks - first - 1) / (4 * p->threads);
	} while (!atomic_compare_exchange_weak_explicit(
		&p->taken, &first, end, memory_order_relaxed, memory_order_relaxed));
	*from = first * p->block;
	*to = least(end * p->block, p->n);
	return true;
}

static void work_off(void *data)
{
	struct pile *p = data;
	size_t from, to;

	while (take(p, &from, &to))
		p->work(p->data, from, to);
}

void abl_team_run(const struct abl_team *t, size_t n, size_t block, abl_team_work *work, void *data)
{
	struct pile p = {
		.n = n, .block = block, .threads = (size_t)t->threads, .work = work, .data = data};

	if (!n)
		return;
	if (n <= block || !abl_team_is_free(t)) {
		work(data, 0, n);
		return;
	}
	p.blocks = (n + block - 1) / block;
	abl_team_all(t, work_off, &p);
}
