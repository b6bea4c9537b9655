/* SPDX-License-Identifier: Apache-2.0 */
/* Predictions files: the table of GLUE's leader board read as it is, then marked against the gold
 * of each type of task (SQuAD's are in fuzz_squad.c). Figures are finite, or NaN where a metric has
 * no value. */
#include "fuzz.h"

#include "errors.h"
#include "files.h"
#include "submission.h"
#include "utf8.h"
#include "task.h"
#include "task_spec.h"

#include <math.h>
#include <string.h>

static char tsv[] = "tsv", babi[] = "babi", conll[] = "conll", text[] = "text", label[] = "label",
	    choices[] = "a|b", last[] = "1", yes[] = "yes";

static const struct {
	const char *type, *gold;
	char *format, *text, *choices, *label;
} golds[] = {
	{"classify", "text\tlabel\na\tno\nb\tyes\nc\tyes\n", tsv, text, NULL, label},
	{"regress", "text\tlabel\na\t1\nb\t2.5\nc\t4\n", tsv, text, NULL, label},
	{"choice", "text\ta\tb\tlabel\nx\tp\tq\t0\ny\tr\ts\t1\n", tsv, text, choices, label},
	{"story", "1 a\n2 q\tx\t1\n3 r\tx,y\t1\n1 b\n2 s\ty\t1\n", babi, NULL, NULL, NULL},
	{"tag", "EU B-ORG\nis O\n\nA B-PER\nB I-PER\n", conll, NULL, NULL, last},
};

static void check_figure(void *data, const char *name, double value)
{
	assert(*name && !isinf(value));
	++*(int *)data;
}

static struct abl_gold_row every_row(const void *data, size_t i)
{
	(void)data;
	return (struct abl_gold_row){i, true};
}

static void load(const char *path)
{
	for (size_t count = 0; count < 4; count++) {
		struct abl_err err = {0};
		struct abl_submission s;
		int rc = abl_submission_load(&s, path,
					     &(struct abl_gold_rows){count, count, every_row, NULL},
					     NULL, &err);

		assert(rc == (int)err.code);
		for (size_t i = 0; !rc && i < count; i++)
			assert(s.items[i].line && *s.items[i].text &&
			       abl_utf8_bad(s.items[i].text, strlen(s.items[i].text)) < 0);
		assert(!rc || !s.items);
		abl_submission_finish(&s);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[40], gold_path[40], name[] = "fuzz";
	int fd = fuzz_file(data, size, path);

	load(path);
	for (size_t i = 0; i < sizeof golds / sizeof *golds; i++) {
		const struct abl_task_type *type = abl_task_type_find(golds[i].type);
		const uint8_t *bytes = (const uint8_t *)golds[i].gold;
		int gold = fuzz_file(bytes, strlen(golds[i].gold), gold_path), told = 0, rc;
		struct abl_task_spec spec = {.name = name,
					     .type = (char *)(uintptr_t)golds[i].type,
					     .test = gold_path,
					     .format = golds[i].format,
					     .header = yes,
					     .text = golds[i].text,
					     .choices = golds[i].choices,
					     .label = golds[i].label};
		const struct abl_mark_request r = {.spec = &spec, .predictions = path};
		struct abl_err err = {0};

		rc = type->mark(&r, check_figure, &told, &err);
		assert(rc == (int)err.code);
		assert(rc || told);
		/* gold itself is read: what fails is what was predicted */
		assert(!rc || !strncmp(err.text, path, strlen(path)));
		close(gold);
	}
	close(fd);
	return 0;
}
