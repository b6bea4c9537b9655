/* SPDX-License-Identifier: Apache-2.0 */
#include "patience.h"

#include "machine.h"
#include "str.h"

#include <stdio.h>

#define PAUSE .5       /* seconds from one try to the next */
#define FIRST_WORD 1.0 /* seconds: most locks are over before */
#define LIKELY 120.0
#define REMIND 1800.0
#define IDLE_FOR 20.0 /* somebody's temporary file may go */

void abl_patience_begin(struct abl_patience *p, int rc, const char *why)
{
	if (p->since <= 0) {
		*p = (struct abl_patience){.since = abl_clock_now(), .rc = rc};
		snprintf(p->why, sizeof p->why, "%.399s", why);
	}
	p->blocked = true;
	p->tried = abl_clock_now();
}

bool abl_patience_is_for(int rc)
{
	return rc == ABL_EBUSY || rc == ABL_EFULL || rc == ABL_EIO;
}

bool abl_patience_is_out(struct abl_patience *p, bool runs)
{
	const double now = abl_clock_now();

	if (runs)
		p->idle = 0;
	else if (p->idle <= 0)
		p->idle = now;
	return p->blocked && p->rc != ABL_EBUSY && p->idle > 0 && now - p->idle > IDLE_FOR;
}

bool abl_patience_due(struct abl_patience *p)
{
	if (p->blocked && abl_clock_now() - p->tried < PAUSE)
		return false;
	p->blocked = false;
	return true;
}

bool abl_patience_words(struct abl_patience *p, const char *cause, char *text, size_t size)
{
	const double now = abl_clock_now();
	const double pause = !p->times ? FIRST_WORD : p->times == 1 ? LIKELY : REMIND;
	char waited[32];

	if (p->since <= 0 || now - (p->times ? p->told : p->since) < pause)
		return false;
	if (p->times)
		snprintf(text, size, "still waiting after %s: %s%s%s",
			 abl_format_duration(now - p->since, waited), p->why, *cause ? "; " : "",
			 cause);
	else
		snprintf(text, size, "%s; waiting: what is made meanwhile is kept", p->why);
	p->told = now;
	p->times++;
	return true;
}

bool abl_patience_end(struct abl_patience *p, char *text, size_t size)
{
	const bool told = p->times && !p->blocked;
	char waited[32];

	if (told)
		snprintf(text, size, "going on after %s",
			 abl_format_duration(abl_clock_now() - p->since, waited));
	if (!p->blocked)
		*p = (struct abl_patience){0};
	return told;
}
