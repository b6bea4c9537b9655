/* SPDX-License-Identifier: Apache-2.0 */
/* world_table.c - a task of labelled texts of the built-in world, written as a table. */
#include "class_labels.h"
#include "world_tasks.h"

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
