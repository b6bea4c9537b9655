/* SPDX-License-Identifier: Apache-2.0 */
/* What a checkpoint's classes are called in a task: by name, by number, by what the user says;
 * never by a guess. */
#include "class_names.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define UNNAMED "LABEL_0|LABEL_1|LABEL_2"
#define NLI "contradiction|entailment|neutral"

static const struct row {
	const char *type, *own, *task, *labels, *map;
	const char *names; /* NULL: refused, or nothing to name */
	const char *says;  /* in the note, or in the error; NULL: nothing is said */
	const char *name;  /* of the task; NULL: "mine" */
} rows[] = {
	/* by name, whatever the order and the case */
	{"classify", "neutral|entailment|contradiction", NLI, NULL, NULL,
	 "neutral|entailment|contradiction", NULL},
	{"classify", "ENTAILMENT|NEUTRAL|Contradiction", NLI, NULL, NULL,
	 "entailment|neutral|contradiction", "ENTAILMENT = entailment"},
	{"classify", "NÃO|SIM", "não|sim", NULL, NULL, "não|sim", "SIM = sim"},
	{"classify", "US|us", "US|us", NULL, NULL, "US|us", NULL},
	{"tag", "o|b-per", "O|B-PER|B-LOC", NULL, NULL, "O|B-PER", "b-per = B-PER"},
	{"story", "Home|Out", "home|out", NULL, NULL, "home|out", "Home = home"},
	/* by number, where the task only counts */
	{"classify", "NEGATIVE|POSITIVE", "0|1", NULL, NULL, "0|1", "NEGATIVE = 0, POSITIVE = 1"},
	/* by what the numbers of a well-known task mean, in whatever order */
	{"classify", "POSITIVE|NEGATIVE", "0|1", NULL, NULL, "1|0", "POSITIVE = 1, NEGATIVE = 0",
	 "sst2"},
	{"classify", "NEG|POS", "0|1", NULL, NULL, "0|1", "NEG = 0, POS = 1", "sst2"},
	{"classify", "equivalent|not_equivalent", "0|1", NULL, NULL, "1|0", "equivalent = 1",
	 "mrpc"},
	{"classify", "entailment|not_entailment", "0|1", NULL, NULL, NULL, "--map entailment=CLASS",
	 "sst2"},
	{"classify", "LABEL_0|LABEL_1", "0|1", NULL, NULL, "0|1", "LABEL_1 = 1", "sst2"},
	{"classify", "LABEL_0|LABEL_1", "0|1", NULL, NULL, "0|1", "LABEL_1 = 1"},
	{"classify", UNNAMED, "0|1", NULL, NULL, NULL, "and task 'mine' has 2 (0, 1)"},
	{"classify", UNNAMED, "1|2|3", NULL, NULL, NULL, "its 3 classes have no names"},
	{"classify", "1|2|3", "0|1|2", NULL, NULL, NULL, "its class '3' is not a class of"},
	/* no names, and the task has words */
	{"classify", UNNAMED, NLI, NULL, NULL, NULL, "--labels 'A|B|...'"},
	{"tag", UNNAMED, "O|B-X|I-X", NULL, NULL, NULL, "LABEL_0, LABEL_1, LABEL_2"},
	{"classify", "0|1|2", NLI, NULL, NULL, NULL, "its 3 classes have no names (0, 1, 2)"},
	{"classify", "label_0|label_1|label_2", NLI, NULL, NULL, NULL, "--labels 'A|B|...'"},
	{"story", UNNAMED, NLI, NULL, NULL, NULL, "its 3 classes have no names"},
	{"classify", UNNAMED, NLI, "entailment|neutral|contradiction", NULL,
	 "entailment|neutral|contradiction", "LABEL_0 = entailment, LABEL_1 = neutral"},
	{"classify", UNNAMED, NULL, NULL, NULL, UNNAMED, "no names for its 3 classes"},
	{"classify", UNNAMED, NULL, "c|b|a", NULL, "c|b|a", "LABEL_0 = c"},
	{"classify", UNNAMED, NLI, "a|b|c", NULL, NULL, "'a' is not a class of task 'mine'"},
	{"classify", UNNAMED, NLI, "entailment|neutral", NULL, NULL, "names 2 classes, the"},
	{"classify", UNNAMED, NULL, "a||b", NULL, NULL, "class 1 has no name"},
	/* another number of classes: several outputs may have one name */
	{"classify", NLI, "entailment|not_entailment", NULL, NULL, NULL,
	 "--map contradiction=not_entailment,neutral=not_entailment"},
	{"classify", NLI, "entailment|not_entailment", NULL,
	 "contradiction=not_entailment,Neutral=NOT_entailment",
	 "not_entailment|entailment|not_entailment", "neutral = not_entailment"},
	{"classify", NLI, "entailment|not_entailment", NULL,
	 "contradiction=not_entailment, neutral=not_entailment",
	 "not_entailment|entailment|not_entailment", "neutral = not_entailment"},
	{"classify", NLI, "entailment|not_entailment", NULL, "neutral=not_entailment", NULL,
	 "its class 'contradiction' is not"},
	{"classify", NLI, "entailment|not_entailment", "not_entailment|entailment|not_entailment",
	 NULL, "not_entailment|entailment|not_entailment", "neutral = not_entailment"},
	{"classify", UNNAMED, "entailment|not_entailment", NULL,
	 "LABEL_0=entailment,LABEL_1=not_entailment,LABEL_2=not_entailment",
	 "entailment|not_entailment|not_entailment", "LABEL_2 = not_entailment"},
	{"classify", NLI, "0|1", NULL, NULL, NULL, "--map contradiction=CLASS"},
	{"classify", NLI, "entailment|neutral", NULL, "contradiction", NULL, "is not CLASS=CLASS"},
	{"classify", NLI, "entailment|neutral", NULL, "foo=neutral", NULL,
	 "'foo' is not a class of the checkpoint"},
	{"classify", NLI, "entailment|neutral", NULL, "contradiction=foo", NULL,
	 "'foo' is not a class of task"},
	/* nothing to name */
	{"choice", NULL, "A|B", NULL, NULL, NULL, NULL},
	{"choice", "A|B", "0|1", NULL, NULL, NULL, NULL},
	{"span", NULL, "a|b", NULL, NULL, NULL, NULL},
	{"regress", NULL, "0|5", NULL, NULL, NULL, NULL},
	{"choice", "A|B", NULL, "a|b", NULL, NULL, "choices go by their places"},
	{"regress", NULL, NULL, NULL, "a=b", NULL, "--map: the checkpoint has no classes"},
	{NULL, NULL, NULL, "a|b", NULL, NULL, "it has no head"},
};

static char *text(const char *t)
{
	return (char *)(uintptr_t)t;
}

START_TEST(test_class_names__rows)
{
	const struct row *r = &rows[_i];
	const struct abl_saved saved = {
		.folder = text("ck"), .type = text(r->type), .labels = text(r->own)};
	const struct abl_task_spec spec = {.name = text(r->name ? r->name : "mine"),
					   .type = text(r->type),
					   .labels = text(r->task)};
	const struct abl_naming naming = {r->labels, r->map};
	struct abl_str notes = {0};
	struct abl_err err = {0};
	char *names;
	int rc = abl_class_names(&saved, &spec, &naming, &names, &notes, &err);
	const char *said = rc ? err.text : notes.length ? notes.text : "";

	ck_assert_msg(r->names ? names && !strcmp(names, r->names) : !names, "%s: %s", names, said);
	ck_assert_msg(r->says ? strstr(said, r->says) != NULL : !*said, "said: %s", said);
	ck_assert_int_eq(rc, r->says && !r->names ? ABL_EINPUT : 0);
	free(names);
	abl_str_finish(&notes);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("class_names");

	tcase_add_loop_test(c, test_class_names__rows, 0, sizeof rows / sizeof *rows);
	return run_case(c, "class_names");
}
