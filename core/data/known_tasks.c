/* SPDX-License-Identifier: Apache-2.0 */
/* known_tasks.c - the well-known tasks: where their files lie, which columns they have, how they
 * are scored. Columns and metrics are those of the GLUE benchmark (Wang et al. 2018); docs/data.md
 * says where each data set comes from. */
#include "task_spec.h"

#include "files.h"
#include "str.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

/* Names joined by '|' are alternatives, tried in this order; each file also as .gz and .xz. */
struct known {
	const char *name, *folders;
	/* without dev a tenth of train is held back; the test file need not be there */
	const char *train, *dev, *test;
	const char *header, *text, *text_b, *label;
	const char *labels, *metric, *positive;
	const char *format; /* NULL: tsv */
	bool broken_rows;   /* the published file has some, which every reader skips */
	bool regression;    /* numbers for labels */
};

static const struct known known[] = {
	{.name = "cola",
	 .folders = "glue-cola|CoLA|cola",
	 .train = "train.tsv",
	 .dev = "dev.tsv|dev_in_domain.tsv",
	 .header = "no",
	 .text = "3",
	 .label = "1",
	 .labels = "0|1",
	 .metric = "matthews"},
	{.name = "sst2",
	 .folders = "glue-sst2|SST-2|sst2",
	 .train = "train.tsv",
	 .dev = "dev.tsv",
	 .test = "test.tsv",
	 .header = "yes",
	 .text = "sentence",
	 .label = "label",
	 .labels = "0|1",
	 .metric = "accuracy"},
	{.name = "mrpc",
	 .folders = "glue-mrpc|MRPC|mrpc",
	 .train = "train.tsv|msr_paraphrase_train.txt",
	 .dev = "dev.tsv",
	 .test = "test.tsv",
	 .header = "yes",
	 .text = "#1 String",
	 .text_b = "#2 String",
	 .label = "Quality",
	 .labels = "0|1",
	 .metric = "f1",
	 .positive = "1"},
	{.name = "qqp",
	 .folders = "glue-qqp|QQP|qqp",
	 .train = "train.tsv",
	 .dev = "dev.tsv",
	 .test = "test.tsv",
	 .header = "yes",
	 .text = "question1",
	 .text_b = "question2",
	 .label = "is_duplicate",
	 .labels = "0|1",
	 .metric = "f1",
	 .positive = "1",
	 .broken_rows = true},
	{.name = "stsb",
	 .folders = "glue-stsb|STS-B|stsb",
	 .train = "train.tsv",
	 .dev = "dev.tsv",
	 .test = "test.tsv",
	 .header = "yes",
	 .text = "sentence1",
	 .text_b = "sentence2",
	 .label = "score",
	 .regression = true},
	{.name = "mnli",
	 .folders = "glue-mnli|MNLI|mnli",
	 .train = "train.tsv",
	 .dev = "dev_matched.tsv",
	 .test = "test_matched.tsv",
	 .header = "yes",
	 .text = "sentence1",
	 .text_b = "sentence2",
	 .label = "gold_label",
	 .labels = "contradiction|entailment|neutral",
	 .metric = "accuracy"},
	{.name = "qnli",
	 .folders = "glue-qnli|QNLI|qnli",
	 .train = "train.tsv",
	 .dev = "dev.tsv",
	 .test = "test.tsv",
	 .header = "yes",
	 .text = "question",
	 .text_b = "sentence",
	 .label = "label",
	 .labels = "entailment|not_entailment",
	 .metric = "accuracy"},
	{.name = "rte",
	 .folders = "glue-rte|RTE|rte",
	 .train = "train.tsv",
	 .dev = "dev.tsv",
	 .test = "test.tsv",
	 .header = "yes",
	 .text = "sentence1",
	 .text_b = "sentence2",
	 .label = "label",
	 .labels = "entailment|not_entailment",
	 .metric = "accuracy"},
	{.name = "wnli",
	 .folders = "glue-wnli|WNLI|wnli",
	 .train = "train.tsv",
	 .dev = "dev.tsv",
	 .test = "test.tsv",
	 .header = "yes",
	 .text = "sentence1",
	 .text_b = "sentence2",
	 .label = "label",
	 .labels = "0|1",
	 .metric = "accuracy"},
	{.name = "conjnli",
	 .folders = "conjnli|ConjNLI",
	 .train = "adversarial_train_15k.tsv",
	 .header = "yes",
	 .text = "Premise",
	 .text_b = "Hypothesis",
	 .label = "Label",
	 .labels = "contradiction|entailment|neutral",
	 .metric = "accuracy"},
	{.name = "med",
	 .folders = "med|MED",
	 .train = "MED-crowd.tsv|MED.tsv",
	 .header = "yes",
	 .text = "sentence1",
	 .text_b = "sentence2",
	 .label = "gold_label",
	 .labels = "entailment|neutral",
	 .metric = "accuracy"},
	{.name = "banking77",
	 .folders = "banking77|banking_data",
	 .train = "train.csv",
	 .dev = "test.csv",
	 .header = "yes",
	 .text = "text",
	 .label = "category",
	 .metric = "accuracy",
	 .format = "csv"},
};
#define KNOWN (sizeof known / sizeof *known)

/* What a world task has unless the study says otherwise. */
enum { WORLD_TRAIN = 300, WORLD_DEV = 1000, WORLD_TEST = 1000 };

static const struct known *find(const char *name)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (!strcmp(known[i].name, name))
			return &known[i];
	return NULL;
}

static const char *known_name(size_t i, const void *data)
{
	return known[i].name;
}

static const char *world_name(size_t i, const void *data)
{
	return abl_world_task_at(i)->name;
}

static bool is_world(const char *data)
{
	return data && !strcmp(data, ABL_WORLD);
}

bool abl_task_is_known(const char *name, const char *data)
{
	return is_world(data) ? abl_world_task_find(name) != NULL : find(name) != NULL;
}

/* The first of `names` (joined by '|') that is in `folder` with one of `endings`; NULL. */
static char *first_there(const char *folder, const char *names, const char *const *endings,
			 bool (*there)(const char *))
{
	struct abl_str name = {0};
	char *found = NULL;

	for (const char *n = names; n && !found; n = strchr(n, '|') ? strchr(n, '|') + 1 : NULL)
		for (const char *const *e = endings; *e && !found; e++) {
			char *path;

			abl_str_clear(&name);
			abl_str_printf(&name, "%.*s%s", (int)strcspn(n, "|"), n, *e);
			path = abl_path_join(folder, name.text);
			if (there(path))
				found = path;
			else
				free(path);
		}
	abl_str_finish(&name);
	return found;
}

static int find_files(struct abl_task_spec *s, const struct known *k, const char *data,
		      struct abl_err *err)
{
	static const char *const plain[] = {"", NULL}, *const packed[] = {"", ".gz", ".xz", NULL};
	const struct {
		char **to;
		const char *names;
		bool needed;
	} files[] = {
		{&s->train, k->train, true}, {&s->dev, k->dev, true}, {&s->test, k->test, false}};
	char *folder = first_there(data, k->folders, plain, abl_is_dir);

	if (!folder)
		return abl_err_set(err, ABL_EINPUT,
				   "the data of task '%s' is not there: no folder %s in '%s'",
				   k->name, k->folders, data);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		if (!files[i].names)
			continue;
		*files[i].to = first_there(folder, files[i].names, packed, abl_file_exists);
		if (!*files[i].to && files[i].needed) {
			abl_err_set(err, ABL_EINPUT,
				    "a file of task '%s' is not there: no %s (or .gz, .xz) in '%s'",
				    k->name, files[i].names, folder);
			free(folder);
			return ABL_EINPUT;
		}
	}
	free(folder);
	return 0;
}

static char *copy(const char *text)
{
	return text ? abl_strdup(text) : NULL;
}

static int unknown(const char *name, const char *near, const char *where, struct abl_err *err)
{
	return near ? abl_err_set(err, ABL_EINPUT, "no task '%s'%s; did you mean '%s'?", name,
				  where, near)
		    : abl_err_set(err, ABL_EINPUT, "no task '%s'%s", name, where);
}

static int known_in_world(struct abl_task_spec *s, const char *name, struct abl_err *err)
{
	const struct abl_world_task *task = abl_world_task_find(name);

	if (!task)
		return unknown(name, abl_nearest(name, abl_world_task_count(), world_name, NULL),
			       " in the built-in world", err);
	s->name = abl_strdup(name);
	s->type = abl_strdup("classify");
	s->train = abl_strdup(ABL_WORLD);
	s->dev = abl_strdup(ABL_WORLD);
	s->test = abl_strdup(ABL_WORLD);
	s->labels = abl_strdup(task->labels);
	s->metric = abl_strdup("accuracy");
	s->train_examples = WORLD_TRAIN;
	s->dev_examples = WORLD_DEV;
	s->test_examples = WORLD_TEST;
	s->world_seed = ABL_WORLD_SEED;
	return 0;
}

int abl_task_spec_known(struct abl_task_spec *s, const char *name, const char *data,
			struct abl_err *err)
{
	const struct known *k = find(name);

	*s = (struct abl_task_spec){0};
	if (is_world(data))
		return known_in_world(s, name, err);
	if (!k)
		return unknown(name, abl_nearest(name, KNOWN, known_name, NULL),
			       " among the well-known ones", err);
	if (k->regression)
		return abl_err_set(err, ABL_EINPUT,
				   "task '%s' predicts numbers; only classification is built in",
				   name);
	if (find_files(s, k, data ? data : ".", err)) {
		abl_task_spec_finish(s);
		return ABL_EINPUT;
	}
	s->name = abl_strdup(name);
	s->type = abl_strdup("classify");
	s->format = abl_strdup(k->format ? k->format : "tsv");
	s->header = copy(k->header);
	s->text = copy(k->text);
	s->text_b = copy(k->text_b);
	s->label = copy(k->label);
	s->labels = copy(k->labels);
	s->metric = copy(k->metric);
	s->positive = copy(k->positive);
	s->broken = abl_strdup(k->broken_rows ? "skip" : "refuse");
	return 0;
}
