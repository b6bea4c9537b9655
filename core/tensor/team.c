/* SPDX-License-Identifier: Apache-2.0 */
#include "team.h"

#include "gemm_pieces.h"

#include <omp.h>
#include <stdatomic.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

static int size = 1;
static struct abl_team_meter *meter;

/* Tiny moments and softmax tails would otherwise cost up to a hundred times as much. */
static void flush_denormals(void)
{
#ifdef __SSE__
	_mm_setcsr(_mm_getcsr() | 0x8040); /* as results, and as operands */
#endif
}

/* Threads that OpenMP starts later take the caller's mode over; those it has already are told. */
void abl_team_set(int threads)
{
	size = threads;
	flush_denormals();
	if (threads < 2 || omp_in_parallel())
		return;
#pragma omp parallel num_threads(threads)
	flush_denormals();
}

int abl_team_size(void)
{
	return size;
}

bool abl_team_is_free(void)
{
	return size > 1 && !omp_in_parallel();
}

void abl_team_measure(struct abl_team_meter *m)
{
	meter = m;
}

/* With the meter on: the last end is known when all have ended, the sum of all ends too. */
static void all_measured(void (*work)(void *data), void *data)
{
	double start = omp_get_wtime(), last = start, ends = 0;
	int members = 0;

#pragma omp parallel num_threads(size) reduction(max : last) reduction(+ : ends, members)
	{
		work(data);
		last = omp_get_wtime();
		ends += last;
		members++;
	}
	meter->together += last - start;
	meter->waited += members * last - ends;
}

void abl_team_all(void (*work)(void *data), void *data)
{
	if (meter) {
		all_measured(work, data);
		return;
	}
#pragma omp parallel num_threads(size)
	work(data);
}

struct pile {
	size_t n, block, blocks;
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
		end = first + 1 + (p->blocks - first - 1) / (4 * (size_t)size);
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

void abl_team_run(size_t n, size_t block, abl_team_work *work, void *data)
{
	struct pile p = {.n = n, .block = block, .work = work, .data = data};

	if (!n)
		return;
	if (n <= block || !abl_team_is_free()) {
		work(data, 0, n);
		return;
	}
	p.blocks = (n + block - 1) / block;
	abl_team_all(work_off, &p);
}
