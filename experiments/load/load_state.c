/* SPDX-License-Identifier: Apache-2.0 */
#include "load_state.h"

#include <ctype.h>
#include <string.h>

/* The first of each state is what the store calls it. Others: Weights & Biases, MLflow, Slurm. */
static const struct {
	const char *word;
	enum abl_state state;
	enum abl_cause cause;
	bool told; /* in messages */
} words[] = {
	{"done", ABL_DONE, ABL_CAUSE_NONE, true},
	{"failed", ABL_FAILED, ABL_CAUSE_CRASH, true},
	{"diverged", ABL_FAILED, ABL_CAUSE_DIVERGED, true},
	{"timed out", ABL_TIMED_OUT, ABL_CAUSE_TIME, true},
	{"stopped", ABL_STOPPED, ABL_CAUSE_KILLED, true},
	{"waiting", ABL_WAITING, ABL_CAUSE_NONE, true},
	{"finished", ABL_DONE, ABL_CAUSE_NONE, false},
	{"completed", ABL_DONE, ABL_CAUSE_NONE, false},
	{"complete", ABL_DONE, ABL_CAUSE_NONE, false},
	{"success", ABL_DONE, ABL_CAUSE_NONE, false},
	{"succeeded", ABL_DONE, ABL_CAUSE_NONE, false},
	{"ok", ABL_DONE, ABL_CAUSE_NONE, false},
	{"crashed", ABL_FAILED, ABL_CAUSE_CRASH, false},
	{"error", ABL_FAILED, ABL_CAUSE_CRASH, false},
	{"fail", ABL_FAILED, ABL_CAUSE_CRASH, false},
	{"oom", ABL_FAILED, ABL_CAUSE_MEMORY, false},
	{"out of memory", ABL_FAILED, ABL_CAUSE_MEMORY, false},
	{"nan", ABL_FAILED, ABL_CAUSE_DIVERGED, false},
	{"timeout", ABL_TIMED_OUT, ABL_CAUSE_TIME, false},
	{"killed", ABL_STOPPED, ABL_CAUSE_KILLED, false},
	{"canceled", ABL_STOPPED, ABL_CAUSE_KILLED, false},
	{"cancelled", ABL_STOPPED, ABL_CAUSE_KILLED, false},
	{"aborted", ABL_STOPPED, ABL_CAUSE_KILLED, false},
	{"preempted", ABL_WAITING, ABL_CAUSE_NONE, false},
	{"preempting", ABL_WAITING, ABL_CAUSE_NONE, false},
	{"running", ABL_WAITING, ABL_CAUSE_NONE, false},
	{"pending", ABL_WAITING, ABL_CAUSE_NONE, false},
	{"queued", ABL_WAITING, ABL_CAUSE_NONE, false},
	{"scheduled", ABL_WAITING, ABL_CAUSE_NONE, false},
};

static bool is_same(const char *a, const char *word)
{
	for (; *a && *word; a++, word++) {
		const int c = tolower((unsigned char)*a);

		if ((c == '-' || c == '_' ? ' ' : c) != *word)
			return false;
	}
	return *a == *word;
}

bool abl_load_state(const char *word, enum abl_state *state, enum abl_cause *cause)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (is_same(word, words[i].word)) {
			*state = words[i].state;
			*cause = words[i].cause;
			return true;
		}
	return false;
}

void abl_load_states(struct abl_str *out)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].told)
			abl_str_printf(out, "%s'%s'", i ? ", " : "", words[i].word);
}
