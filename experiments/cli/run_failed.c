/* SPDX-License-Identifier: Apache-2.0 */
#include "run_failed.h"

#include "advice.h"
#include "print.h"
#include "progress.h"
#include "str.h"

#include <string.h>

static bool is_failed(const struct abl_node *n)
{
	return n->state == ABL_FAILED || n->state == ABL_TIMED_OUT;
}

static const char *reason_of(const struct abl_node *n)
{
	return n->reason ? n->reason : abl_state_name(n->state);
}

static bool is_alike(const struct abl_run *s, size_t i, size_t k)
{
	return is_failed(&s->nodes[k]) && !strcmp(reason_of(&s->nodes[k]), reason_of(&s->nodes[i]));
}

static bool was_told(const struct abl_run *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (is_alike(s, i, k))
			return true;
	return false;
}

size_t abl_run_print_failures(const struct abl_study_run *r)
{
	const struct abl_run *s = &r->supervisor.run;
	const size_t count = s->failed;
	struct abl_str out = {0}, words = {0};

	for (size_t i = 0; i < s->node_count; i++) {
		const struct abl_node *n = &s->nodes[i];
		size_t after = 0;

		if (!is_failed(n) || was_told(s, i))
			continue;
		for (size_t k = i + 1; k < s->node_count; k++)
			after += is_alike(s, i, k);
		abl_str_puts(&out, out.length ? "failed: " : "\nfailed: ");
		abl_progress_name(s->plan, i, &out);
		abl_cause_words(abl_cause_name(n->cause), abl_state_name(n->state), &out);
		abl_str_printf(&out, ": %s\n        log: ", reason_of(n));
		abl_str_clear(&words);
		abl_progress_logs(s, i, &words);
		abl_advice_command(&out, words.text);
		abl_str_puts(&out, "\n");
		if (after)
			abl_str_printf(&out, "        and %zu more for the same reason\n", after);
		if (s->plan->stages[i].serves > 1)
			abl_str_printf(&out, "        %zu trials depend on it\n",
				       s->plan->stages[i].serves);
	}
	abl_print_text(&out);
	abl_str_finish(&words);
	return count;
}
