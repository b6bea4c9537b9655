/* SPDX-License-Identifier: Apache-2.0 */
#include "cause.h"

#include "str.h"

#include <assert.h>
#include <signal.h>
#include <string.h>

static const char *const names[ABL_CAUSES] = {
	[ABL_CAUSE_DIVERGED] = "diverged",
	[ABL_CAUSE_MEMORY] = "memory",
	[ABL_CAUSE_TIME] = "time",
	[ABL_CAUSE_CRASH] = "crash",
	[ABL_CAUSE_DISK] = "disk",
	[ABL_CAUSE_KILLED] = "killed",
	[ABL_CAUSE_DATA] = "data",
	[ABL_CAUSE_LOST] = "lost",
	[ABL_CAUSE_NOT_STARTED] = "not started",
	[ABL_CAUSE_DAMAGED] = "damaged",
};

const char *abl_cause_name(enum abl_cause cause)
{
	assert(cause < ABL_CAUSES);
	return names[cause];
}

enum abl_cause abl_cause_find(const char *name)
{
	for (int i = ABL_CAUSE_NONE + 1; name && i < ABL_CAUSES; i++)
		if (!strcmp(name, names[i]))
			return (enum abl_cause)i;
	return ABL_CAUSE_NONE;
}

void abl_cause_words(const char *cause, const char *state, struct abl_str *out)
{
	if (cause && strcmp(cause, names[ABL_CAUSE_DIVERGED]) != 0 &&
	    (!state || strcmp(state, "timed out") != 0))
		abl_str_printf(out, " (%s)", cause);
}

enum abl_cause abl_cause_of_code(int code)
{
	static const struct {
		int code;
		enum abl_cause cause;
	} known[] = {
		{ABL_ENOMEM, ABL_CAUSE_MEMORY},      {ABL_EIO, ABL_CAUSE_DISK},
		{ABL_EFULL, ABL_CAUSE_DISK},         {ABL_EINPUT, ABL_CAUSE_DATA},
		{ABL_EDIVERGED, ABL_CAUSE_DIVERGED}, {ABL_EDAMAGED, ABL_CAUSE_DAMAGED},
		{ABL_EKILLED, ABL_CAUSE_KILLED},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].code == code)
			return known[i].cause;
	return ABL_CAUSE_CRASH;
}

enum abl_cause abl_cause_of_signal(int signal)
{
	static const int outside[] = {SIGKILL, SIGTERM, SIGINT, SIGHUP};

	for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
		if (outside[i] == signal)
			return ABL_CAUSE_KILLED;
	return ABL_CAUSE_CRASH;
}
