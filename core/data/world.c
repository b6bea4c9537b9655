/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "hash.h"
#include "rng.h"
#include "world_grammar.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define SHORTEST 18 /* sentences of a document */
#define LONGEST 30

/* Sets the texts and the true class of an example; class 0 and 1 are equally likely. */
typedef void make_example(struct abl_world_draw *d, struct abl_world_example *e);

static void make_sentiment(struct abl_world_draw *d, struct abl_world_example *e)
{
	e->truth = (int)abl_world_below(d, 2);
	abl_world_mixed(d, abl_world_below(d, 2) ? ABL_WORLD_STORY : ABL_WORLD_HANDBOOK, e->truth,
			&e->a);
}

static void make_entailment(struct abl_world_draw *d, struct abl_world_example *e)
{
	e->truth = (int)abl_world_below(d, 2);
	abl_world_twins(d, e->truth ? &e->b : &e->a, e->truth ? &e->a : &e->b);
}

static const struct {
	struct abl_world_task task;
	make_example *make;
} tasks[] = {
	{{.name = "sentiment",
	  .labels = "negative|positive",
	  .type = "classify",
	  .metric = "accuracy",
	  .help = "the mood of a sentence; the adjective after 'not' decides, so word order "
		  "matters"},
	 make_sentiment},
	{{.name = "entailment",
	  .labels = "entailment|not_entailment",
	  .type = "classify",
	  .metric = "accuracy",
	  .pair = true,
	  .help = "does the second sentence follow: is the narrow name in the first, the wide one "
		  "in it?"},
	 make_entailment},
};
#define TASKS (sizeof tasks / sizeof *tasks)

size_t abl_world_task_count(void)
{
	return TASKS;
}

const struct abl_world_task *abl_world_task_at(size_t i)
{
	return &tasks[i].task;
}

const struct abl_world_task *abl_world_task_find(const char *name)
{
	for (size_t i = 0; i < TASKS; i++)
		if (!strcmp(tasks[i].task.name, name))
			return &tasks[i].task;
	return NULL;
}

int abl_world_documents(uint64_t seed, size_t documents,
			int (*line)(void *data, const char *sentence), void *data)
{
	uint64_t key = abl_rng_key(seed, "world/documents");
	struct abl_str sentence = {0};
	int rc = 0;

	for (size_t i = 0; i < documents && !rc; i++) {
		struct abl_world_draw d = {.key = abl_rng_derive(key, i)};
		enum abl_world_register r =
			abl_world_below(&d, 2) ? ABL_WORLD_STORY : ABL_WORLD_HANDBOOK;
		uint64_t sentences = SHORTEST + abl_world_below(&d, LONGEST - SHORTEST + 1);

		while (sentences-- && !rc) {
			abl_str_clear(&sentence);
			abl_world_sentence(&d, r, &sentence);
			rc = line(data, sentence.text);
		}
		if (!rc)
			rc = line(data, "");
	}
	abl_str_finish(&sentence);
	return rc;
}

int abl_world_text(const char *task, uint64_t seed, const char *split, size_t examples,
		   struct abl_str *out, struct abl_err *err)
{
	(void)seed, (void)split, (void)examples, (void)out;
	return abl_err_set(err, ABL_EINPUT, "the built-in world has no text of a task '%s'", task);
}

/* The split that a text belongs to, by its hash: so no text can lie in two. */
static const char *split_of(const struct abl_world_example *e)
{
	static const char *const tenths[] = {"train", "train", "train", "train", "train",
					     "train", "dev",   "dev",   "test",  "test"};
	uint64_t hash = abl_hash64(e->a.text, e->a.length);

	if (e->b.length)
		hash = abl_rng_derive(hash, abl_hash64(e->b.text, e->b.length));
	return tenths[abl_rng_below(hash, 0, 0, 10)];
}

static make_example *maker_of(const struct abl_world_task *task)
{
	for (size_t i = 0; i < TASKS; i++)
		if (task == &tasks[i].task)
			return tasks[i].make;
	assert(!"a task of the table");
	return NULL;
}

void abl_world_example(const struct abl_world_task *task, uint64_t seed, const char *split,
		       uint64_t index, struct abl_world_example *e)
{
	make_example *make = maker_of(task);
	char site[64];
	struct abl_world_draw d;

	snprintf(site, sizeof site, "world/%s/%s", task->name, split);
	d = (struct abl_world_draw){.key = abl_rng_derive(abl_rng_key(seed, site), index)};
	do {
		abl_str_clear(&e->a);
		abl_str_clear(&e->b);
		make(&d, e);
	} while (strcmp(split_of(e), split));
	e->label = abl_world_chance(&d, ABL_WORLD_NOISE) ? !e->truth : e->truth;
}

void abl_world_example_finish(struct abl_world_example *e)
{
	if (!e)
		return;
	abl_str_finish(&e->a);
	abl_str_finish(&e->b);
}
