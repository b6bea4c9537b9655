/* SPDX-License-Identifier: Apache-2.0 */
/* world_pairs.c - the tasks of the built-in world that compare texts: similarity and endings; and
 * the table that such a task can be written as. */
#include "class_labels.h"
#include "world_tasks.h"

static enum abl_world_class any_name(struct abl_world_draw *d)
{
	return abl_world_below(d, 2) ? ABL_WORLD_WIDE : ABL_WORLD_NARROW;
}

/* 2 points for names of one class, 3 for one mood: truth is the rank of the sum. Each text alone
 * says nothing. */
void abl_world_make_similarity(struct abl_world_draw *d, struct abl_world_example *e)
{
	struct abl_world_clause a, b;
	bool same_class, same_mood;

	e->truth = (int)abl_world_below(d, 4);
	same_class = e->truth & 1;
	same_mood = e->truth & 2;
	abl_world_clause(d, any_name(d), abl_world_below(d, 2), abl_world_below(d, 2), &a);
	abl_world_clause(d,
			 same_class == (a.name_class == ABL_WORLD_NARROW) ? ABL_WORLD_NARROW
									  : ABL_WORLD_WIDE,
			 a.good == same_mood, abl_world_below(d, 2), &b);
	abl_world_clause_text(&a, &e->a);
	abl_world_clause_text(&b, &e->b);
}

/* After "most tira rest by the gate and luckily" comes a clause about a wide name and of a good
 * mood. Of the four endings one is right in both, two are right in one of them, one in none; each
 * is a sentence like any other, so that without the beginning there is nothing to tell. */
void abl_world_make_endings(struct abl_world_draw *d, struct abl_world_example *e)
{
	enum abl_world_register r = abl_world_below(d, 2) ? ABL_WORLD_STORY : ABL_WORLD_HANDBOOK;
	bool good = abl_world_below(d, 2);

	abl_world_scene(d, r, &e->a);
	abl_str_printf(&e->a, " and %s", abl_world_mark(d, good));
	e->truth = (int)abl_world_below(d, ABL_WORLD_CHOICES);
	for (int c = 0; c < ABL_WORLD_CHOICES; c++) {
		int wrong = c ^ e->truth; /* bit 0: the register, bit 1: the mood */
		bool story = (r == ABL_WORLD_STORY) != (wrong & 1);
		struct abl_world_clause clause;

		abl_world_clause(d, story ? ABL_WORLD_NARROW : ABL_WORLD_WIDE, good != (wrong >> 1),
				 abl_world_below(d, 2), &clause);
		clause.verb = story ? "was" : "is";
		abl_world_clause_text(&clause, &e->choices[c]);
	}
}

/* ---- as a table ---- */

void abl_world_table(const struct abl_world_task *task, uint64_t seed, const char *split,
		     size_t examples, struct abl_str *out)
{
	int choices = task->labels ? 0 : ABL_WORLD_CHOICES;
	struct abl_world_example e = {0};
	struct abl_class_labels names = {0};

	if (task->labels)
		abl_class_labels_split(&names, task->labels);
	abl_str_puts(out, task->pair ? "text\ttext_b" : "text");
	for (int c = 0; c < choices; c++)
		abl_str_printf(out, "\tchoice%d", c);
	abl_str_puts(out, "\tlabel\n");
	for (uint64_t i = 0; i < examples; i++) {
		abl_world_example(task, seed, split, i, &e);
		abl_str_puts(out, e.a.text);
		if (task->pair)
			abl_str_printf(out, "\t%s", e.b.text);
		for (int c = 0; c < choices; c++)
			abl_str_printf(out, "\t%s", e.choices[c].text);
		if (task->labels)
			abl_str_printf(out, "\t%s\n", names.name[e.label]);
		else
			abl_str_printf(out, "\t%d\n", e.label);
	}
	abl_class_labels_finish(&names);
	abl_world_example_finish(&e);
}
