/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict.h"

enum outcome {
	DONE,
	TIMED_OUT,
	PAUSED,
	UNASKED,
	STOPPED,
	GIVEN_BACK,
	LOST,
	WITHOUT_RESULT,
	FAILED,
	NOT_STARTED
};

static const struct {
	enum abl_state state;
	enum abl_cause cause; /* CRASH: depends on it */
	bool goes_on;
	const char *reason; /* NULL: depends on it */
} outcomes[] = {
	[DONE] = {ABL_DONE, ABL_CAUSE_NONE, false, ""},
	[TIMED_OUT] = {ABL_TIMED_OUT, ABL_CAUSE_TIME, true, NULL},
	[PAUSED] = {ABL_WAITING, ABL_CAUSE_NONE, true, "paused"},
	[UNASKED] = {ABL_FAILED, ABL_CAUSE_KILLED, true,
		     "paused by a signal from outside, not by 'ablate run'"},
	[STOPPED] = {ABL_WAITING, ABL_CAUSE_NONE, true,
		     "stopped"}, /* before it had anything to go on from */
	[GIVEN_BACK] = {ABL_WAITING, ABL_CAUSE_NONE, true, NULL}, /* it goes on elsewhere */
	[LOST] = {ABL_FAILED, ABL_CAUSE_LOST, true, NULL},
	[WITHOUT_RESULT] = {ABL_FAILED, ABL_CAUSE_CRASH, false, "ended without a result"},
	[FAILED] = {ABL_FAILED, ABL_CAUSE_CRASH, false, NULL},
	[NOT_STARTED] = {ABL_FAILED, ABL_CAUSE_NOT_STARTED, true, NULL},
};

static enum outcome outcome_of(const struct abl_end *end, const struct abl_told *told)
{
	const bool exited_well = end->kind != ABL_END_LOST && end->exit_code == 0,
		   paused = end->asked && told->paused,
		   /* who takes a machine away often signals all that runs there */
		failed = told->error && told->cause != ABL_CAUSE_KILLED;

	if (told->scored && (told->sealed || (exited_well && !told->paused && !told->error)))
		return DONE;
	if (end->given_back && !failed)
		return GIVEN_BACK;
	if (end->kind == ABL_END_TIMED_OUT)
		return TIMED_OUT;
	if (paused)
		return PAUSED;
	if (end->asked && !failed)
		return STOPPED;
	if (end->kind == ABL_END_LOST)
		return LOST;
	if (end->kind == ABL_END_NOT_STARTED)
		return NOT_STARTED;
	if (told->paused && end->kind == ABL_END_EXITED && !told->error)
		return UNASKED;
	return exited_well && !told->error ? WITHOUT_RESULT : FAILED;
}

static enum abl_cause cause_of(const struct abl_end *end, const struct abl_told *told)
{
	if (end->out_of_memory)
		return ABL_CAUSE_MEMORY;
	return told->cause ? told->cause : abl_cause_of_signal(end->signal);
}

/* What was saved before a full disk or a kill is no worse for it. */
static bool is_from_outside(enum abl_cause cause)
{
	return cause == ABL_CAUSE_DISK || cause == ABL_CAUSE_MEMORY || cause == ABL_CAUSE_DAMAGED ||
	       cause == ABL_CAUSE_KILLED;
}

struct abl_verdict abl_verdict(const struct abl_end *end, const struct abl_told *told, double limit,
			       struct abl_str *reason)
{
	const enum outcome o = outcome_of(end, told);
	const enum abl_cause cause = outcomes[o].cause == ABL_CAUSE_CRASH ? cause_of(end, told)
				     : o == NOT_STARTED && told->cause    ? told->cause
									  : outcomes[o].cause;
	char text[32];

	if (outcomes[o].reason)
		abl_str_puts(reason, outcomes[o].reason);
	else if (o == TIMED_OUT)
		abl_str_printf(reason, "timed out after %s", abl_format_duration(limit, text));
	else if (o == GIVEN_BACK)
		abl_str_printf(reason, "given back by its worker%s%s", told->paused ? "" : ": ",
			       told->paused ? "" : end->text);
	else
		abl_str_puts(reason, told->error ? told->error : end->text);
	return (struct abl_verdict){
		.state = outcomes[o].state,
		.cause = cause,
		.goes_on = outcomes[o].goes_on ||
			   (o != DONE && (end->signal || told->paused || is_from_outside(cause))),
	};
}

void abl_verdict_memory(const struct abl_end *end, double expected, double had_free, bool alone,
			struct abl_str *reason)
{
	const double took = 1024.0 * (double)end->max_rss_kib;
	char text[32];

	abl_str_printf(reason, "; it took %s at most", abl_format_bytes(took, text));
	if (expected > took)
		abl_str_printf(reason, ", %s were expected", abl_format_bytes(expected, text));
	if (had_free > 0)
		abl_str_printf(reason, ", %s were free when it began%s",
			       abl_format_bytes(had_free, text), alone ? ", alone" : "");
}
