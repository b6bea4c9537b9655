/* SPDX-License-Identifier: Apache-2.0 */
#include "left_list.h"

#include "str.h"

#include <stdlib.h>

void abl_left_add(struct abl_lefts *l, size_t stage, double until)
{
	abl_grow(&l->list, &l->capacity, l->count + 1, sizeof *l->list);
	l->list[l->count++] = (struct abl_left_attempt){stage, until};
}

void abl_left_forget(struct abl_lefts *l, size_t at)
{
	l->list[at] = l->list[--l->count];
}

void abl_left_finish(struct abl_lefts *l)
{
	free(l->list);
	*l = (struct abl_lefts){0};
}
