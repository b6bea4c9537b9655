/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict.h"

enum outcome { DONE, TIMED_OUT, PAUSED, STOPPED, LOST, WITHOUT_RESULT, FAILED };

static const struct {
	enum abl_state state;
	enum abl_cause cause; /* CRASH: depends on it */
	bool goes_on;
	const char *reason; /* NULL: depends on it */
} outcomes[] = {
	[DONE] = {ABL_DONE, ABL_CAUSE_NONE, false, ""},
	[TIMED_OUT] = {ABL_TIMED_OUT, ABL_CAUSE_TIME, true, NULL},
	[PAUSED] = {ABL_WAITING, ABL_CAUSE_NONE, true, "paused"},
	[STOPPED] = {ABL_WAITING, ABL_CAUSE_NONE, true,
		     "stopped"}, /* before it had anything to go on from */
	[LOST] = {ABL_FAILED, ABL_CAUSE_LOST, true, NULL},
	[WITHOUT_RESULT] = {ABL_FAILED, ABL_CAUSE_CRASH, false, "ended without a result"},
	[FAILED] = {ABL_FAILED, ABL_CAUSE_CRASH, false, NULL},
};

static enum outcome outcome_of(const struct abl_end *end, const struct abl_told *told)
{
	const bool exited_well = end->exit_code == 0, paused = end->asked && told->paused;

	if (exited_well && told->scored && !paused && !told->error)
		return DONE;
	if (end->kind == ABL_END_TIMED_OUT)
		return TIMED_OUT;
	if (paused)
		return PAUSED;
	if (end->asked && !told->error)
		return STOPPED;
	if (end->kind == ABL_END_LOST)
		return LOST;
	return exited_well ? WITHOUT_RESULT : FAILED;
}

static enum abl_cause cause_of(const struct abl_end *end, const struct abl_told *told)
{
	if (end->kind == ABL_END_NOT_STARTED)
		return ABL_CAUSE_NOT_STARTED;
	return told->cause ? told->cause : abl_cause_of_signal(end->signal);
}

struct abl_verdict abl_verdict(const struct abl_end *end, const struct abl_told *told, double limit,
			       struct abl_str *reason)
{
	const enum outcome o = outcome_of(end, told);
	char text[32];

	if (outcomes[o].reason)
		abl_str_puts(reason, outcomes[o].reason);
	else if (o == TIMED_OUT)
		abl_str_printf(reason, "timed out after %s", abl_format_duration(limit, text));
	else
		abl_str_puts(reason, told->error ? told->error : end->text);
	return (struct abl_verdict){
		.state = outcomes[o].state,
		.cause = outcomes[o].cause == ABL_CAUSE_CRASH ? cause_of(end, told)
							      : outcomes[o].cause,
		.goes_on = outcomes[o].goes_on || (o != DONE && (end->signal || told->paused)),
	};
}
