/* SPDX-License-Identifier: Apache-2.0 */
#include "saving.h"

#include "machine.h"
#include "str.h"

#include <stdio.h>
#include <stdlib.h>

#define OFTEN 120.0    /* seconds between two states, so that a kill costs little */
#define SELDOM 3600.0  /* and at most, however long one takes */
#define SHARE .01      /* of the time goes into saving */
#define ROOM 2.2       /* states that must fit beside those that are there */
#define BARE_ROOM 1.05 /* where it is now or never */

double abl_saving_interval(double cost)
{
	const double wanted = cost / SHARE;

	return wanted < OFTEN ? OFTEN : wanted < SELDOM ? wanted : SELDOM;
}

void abl_saving_begin(struct abl_saving *s, struct abl_model *m, const char *folder,
		      const struct abl_events *e)
{
	const char *text = getenv("ABLATE_SAVE_SECONDS");
	double seconds;

	*s = (struct abl_saving){
		.model = m, .folder = folder, .events = e, .interval = abl_saving_interval(0)};
	s->fixed = text && abl_parse_real(text, &seconds) && seconds >= 0;
	if (s->fixed)
		s->interval = seconds;
	s->last = abl_clock_now();
}

bool abl_saving_is_due(const struct abl_saving *s)
{
	return abl_clock_now() - s->last >= s->interval;
}

/* Small models have small states. */
static const char *format_bytes(double bytes, char out[32])
{
	if (bytes >= 1 << 20)
		return abl_format_bytes(bytes, out);
	snprintf(out, 32, "%.0f KiB", bytes / 1024);
	return out;
}

static int save(const struct abl_saving *s, struct abl_place *place, bool final,
		struct abl_err *err)
{
	const double wanted = (final ? BARE_ROOM : ROOM) * (double)abl_state_bytes(s->model, place);
	const double left = abl_machine_disk(s->folder);
	char free_text[32], wanted_text[32];

	if (left < wanted)
		return abl_err_set(
			err, ABL_EFULL, "only %s are free on the disk, and %s are wanted",
			format_bytes(left, free_text), format_bytes(wanted, wanted_text));
	return abl_state_save(s->model, s->folder, place, err);
}

static void tell(struct abl_saving *s, const struct abl_place *place, bool final, const char *why)
{
	const bool again = !why && s->fails;
	struct abl_str text = {0};

	if (why)
		abl_str_printf(&text, "warning: the state after step %lld was not saved: %s; ",
			       (long long)place->step, why);
	if (why && s->step)
		abl_str_printf(&text, "that after step %lld is kept", (long long)s->step);
	else if (why)
		abl_str_puts(&text, "there is none to go on from");
	if (why && !final)
		abl_str_puts(&text, "; the work goes on, and it is tried again");
	if (again)
		abl_str_printf(&text, "the state after step %lld is saved again",
			       (long long)place->step);
	if ((again || (why && (final || !s->fails))) && s->events->message)
		s->events->message(s->events->data, text.text);
	abl_str_finish(&text);
	s->fails = why != NULL;
}

void abl_saving_save(struct abl_saving *s, struct abl_place *place, bool final)
{
	const double began = abl_clock_now();
	struct abl_err err = {0};
	const int rc = save(s, place, final, &err);

	s->last = abl_clock_now();
	tell(s, place, final, rc ? err.text : NULL);
	if (rc)
		return;
	s->step = place->step;
	if (!s->fixed)
		s->interval = abl_saving_interval(s->last - began);
}
