/* SPDX-License-Identifier: Apache-2.0 */
/* heads.c - the heads there are: one line each. */
#include "model_internal.h"

#include <string.h>

static const struct head_type *const head_types[] = {
	&head_mlm,     &head_lm,     &head_nsp, &head_classify,
	&head_regress, &head_choice, &head_tag, &head_span,
};

const struct head_type *head_type_find(const char *name)
{
	for (size_t i = 0; i < sizeof head_types / sizeof *head_types; i++)
		if (!strcmp(head_types[i]->name, name))
			return head_types[i];
	return NULL;
}

size_t abl_head_scores(const struct abl_head_request *h, size_t tokens, size_t sequences)
{
	const struct head_type *type = head_type_find(h->name);
	size_t each = h->classes ? (size_t)h->classes : type->scores ? type->scores : 1;

	return (type->reads_targets ? tokens : sequences) * each;
}

bool abl_head_reads_pooled(const struct abl_head_request *h)
{
	return head_type_find(h->name)->reads_pooled;
}
