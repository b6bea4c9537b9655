/* SPDX-License-Identifier: Apache-2.0 */
/* world_pairs.c - the tasks of the built-in world that compare texts: similarity and endings. */
#include "world_tasks.h"

static void remark(struct abl_world_draw *d, bool good, bool wide, struct abl_str *out)
{
	abl_str_printf(out, "%s ", abl_world_mark(d, good));
	abl_world_plain(d, wide ? ABL_WORLD_WIDE : ABL_WORLD_NARROW, out);
}

/* "luckily there was a kola in the picture" twice: 3 points for names of one class, 2 for one mood.
 * Truth is the rank of the sum. Each text alone says nothing. */
void abl_world_make_similarity(struct abl_world_draw *d, struct abl_world_example *e)
{
	bool good = abl_world_below(d, 2), wide = abl_world_below(d, 2);

	e->truth = (int)abl_world_below(d, 4);
	remark(d, good, wide, &e->a);
	remark(d, good == (e->truth & 1), wide == (e->truth >> 1), &e->b);
}

/* What is told after "most tira rest by the gate" is about wide names too. Only one of the four
 * endings is, and each is a sentence like any other: without the beginning, and without knowing
 * the names, there is nothing to tell. */
void abl_world_make_endings(struct abl_world_draw *d, struct abl_world_example *e)
{
	enum abl_world_register r = abl_world_below(d, 2) ? ABL_WORLD_STORY : ABL_WORLD_HANDBOOK;

	abl_world_scene(d, r, &e->a);
	e->truth = (int)abl_world_below(d, ABL_WORLD_CHOICES);
	for (int c = 0; c < ABL_WORLD_CHOICES; c++)
		abl_world_plain(d,
				(r == ABL_WORLD_STORY) == (c == e->truth) ? ABL_WORLD_NARROW
									  : ABL_WORLD_WIDE,
				&e->choices[c]);
}
