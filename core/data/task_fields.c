/* SPDX-License-Identifier: Apache-2.0 */
#include "task_fields.h"

#include <string.h>

static const struct abl_task_field fields[] = {
	{"type", "classify, regress, choice, tag, story, span", "needed",
	 "what is learnt: a class, a number, the right choice, a tag for each word, an answer to a "
	 "question about a story, an answer within a passage"},
	{"train", "file", "needed", "what is learnt from, in the data folder"},
	{"dev", "file", "a tenth of train is held back by group", "what every trial is scored on"},
	{"held_back", "yes, no", "yes",
	 "no: where there is no dev file, train on all of train; trials have no score then, but "
	 "'ablate test' scores them"},
	{"test", "file", "", "what 'ablate test' scores; no trial sees it"},
	{"format", "tsv, csv, conll, conllu, babi, squad, ...",
	 "the first of the type; csv, jsonl or conllu where the file is named so",
	 "how the files are written"},
	{"header", "yes, no, auto", "auto: there is one where a column has a name",
	 "is the first line the names of the columns?"},
	{"text", "column", "needed by classify, regress and choice",
	 "the first text: a name from the header, a number from 0, or 'last'"},
	{"text_b", "column", "", "the second text of a pair"},
	{"label", "column", "needed by classify, regress and choice; of tag the last one",
	 "the class, the number, the right choice, the tag"},
	{"choices", "columns joined by '|', or a list", "needed by choice", "the choices' texts"},
	{"labels", "names joined by '|', or a list", "sorted, as found in train",
	 "the classes in their order; of a regression the ends of its scale"},
	{"no_label", "text", "", "what stands for a missing label: such rows are left out"},
	{"more_columns", "refuse, pass, before_last", "refuse, as 'broken' says",
	 "rows with more columns than the header"},
	{"group", "column", "the first text", "rows that stay together when a part is held back"},
	{"metric", "one of the type's", "the type's first", "what effects are computed on"},
	{"positive", "class", "1, or the last class", "the class that 'f1' is of"},
	{"broken", "refuse, skip", "refuse", "what to do with a row that cannot be read"},
	{"limit", "whole number", "0: all rows", "train on so many of the first rows"},
	{"test_text", "column", "as 'text'",
	 "the first text of a test file that has a header of its own"},
	{"no_answer", "yes, no", "no", "span: some questions have no answer (SQuAD 2.0)"},
	{"stride", "whole number", "128", "span: tokens between two windows on a passage"},
	{"max_question", "whole number", "64", "span: tokens of a question"},
	{"n_best", "whole number", "20", "span: answers that are kept"},
	{"max_answer", "whole number", "30", "span: tokens of an answer"},
	{"train_examples", "whole number", "the task's own", "tasks of 'world': how many"},
	{"dev_examples", "whole number", "1000", "tasks of 'world': how many"},
	{"test_examples", "whole number", "1000", "tasks of 'world': how many"},
	{"world_seed", "whole number", "1", "tasks of 'world': which sample of the language"},
};

const struct abl_task_field *abl_task_field_at(size_t i)
{
	return i < sizeof fields / sizeof *fields ? &fields[i] : NULL;
}

const struct abl_task_field *abl_task_field_find(const char *name)
{
	const struct abl_task_field *f;

	for (size_t i = 0; (f = abl_task_field_at(i)); i++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}
