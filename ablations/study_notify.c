/* SPDX-License-Identifier: Apache-2.0 */
/* study_notify.c - the commands of `notify:`, which are told how a run ends. */
#include "node_value.h"
#include "program_source.h"

#include <stdlib.h>

/* [curl, -d, "@-", URL], or a list of such lists. */
int abl_study_read_notify(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	const bool several =
		n->kind == ABL_NODE_LIST && n->count && n->items[0]->kind == ABL_NODE_LIST;
	const size_t count = several ? n->count : 1;

	abl_study_notify_finish(s);
	s->notify = abl_calloc(count, sizeof *s->notify);
	for (size_t i = 0; i < count; i++) {
		const struct abl_node *one = several ? n->items[i] : n;

		if (several && one->kind != ABL_NODE_LIST)
			return abl_node_expect(one, ABL_NODE_LIST, "notify", err);
		if (abl_program_words_read(one, "notify", false, &s->notify[i], err))
			return ABL_EINPUT;
		s->notify_count++;
		if (!s->notify[i][0])
			return abl_node_fail(one, "the program and its words: [mail, -s, done, me]",
					     err, "a command of 'notify' has no words");
	}
	return 0;
}

void abl_study_notify_finish(struct abl_study *s)
{
	for (size_t i = 0; i < s->notify_count; i++)
		abl_program_words_free(s->notify[i]);
	free(s->notify);
	s->notify = NULL;
	s->notify_count = 0;
}
