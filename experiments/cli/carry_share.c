/* SPDX-License-Identifier: Apache-2.0 */
#include "carry_share.h"

#include "machine.h"

#include <stdio.h>
#include <unistd.h>

void abl_carry_share(void *share, double done)
{
	struct abl_carry_share *s = share;
	const double now = abl_clock_now();

	if (s->began <= 0)
		s->began = now;
	if (now - s->began < 1 || now - s->told < .2 || !isatty(STDERR_FILENO))
		return;
	s->told = now;
	fprintf(stderr, "\r%s %3.0f %%", s->what, 100 * done);
}

void abl_carry_share_end(struct abl_carry_share *s)
{
	if (s->told > 0)
		fprintf(stderr, "\r%*s\r", 24, "");
}
