/* SPDX-License-Identifier: Apache-2.0 */
/* test_page_component.c - the component that CONTRIBUTING.md shows, taken out of the page by meson:
 * it builds, its gradient is that of its function, and backward may write where it reads. */
#include "component.h"
#include "hooks.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum { N = 64 };

extern const struct abl_component abl_act_squared_relu;

START_TEST(gradient)
{
	const struct abl_activation_hooks *h = abl_act_squared_relu.hooks;
	const struct abl_kernels *k = abl_kernels_choose();
	real x[N], up[N], down[N], dx[N], dy[N];
	const real step = 1e-5;

	ck_assert_int_eq(abl_act_squared_relu.slot, ABL_SLOT_ACTIVATION);
	for (int i = 0; i < N; i++) {
		x[i] = (real)(i - N / 2) / 10 + (real).03;
		dy[i] = (real)(i % 7) - 3;
		dx[i] = 1000; /* is set, not added to */
	}
	for (int i = 0; i < N; i++)
		x[i] += step;
	h->forward(k, up, x, N);
	for (int i = 0; i < N; i++)
		x[i] -= 2 * step;
	h->forward(k, down, x, N);
	for (int i = 0; i < N; i++)
		x[i] += step;
	h->backward(k, dx, dy, x, N);
	for (int i = 0; i < N; i++)
		ck_assert_double_eq_tol(dx[i], dy[i] * (up[i] - down[i]) / (2 * step), 1e-5);
	h->backward(k, dy, dy, x, N);
	for (int i = 0; i < N; i++)
		ck_assert(dy[i] == dx[i]);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("page_component");

	tcase_add_test(t, gradient);
	return run_case(t, "page_component");
}
