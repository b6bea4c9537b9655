/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "hash.h"
#include "rng.h"
#include "world_grammar.h"
#include "world_tasks.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define SHORTEST 18 /* sentences of a document */
#define LONGEST 30

#define FEW 300 /* examples to train on: too few to learn the words from */
#define MANY 1000

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

typedef void make_example(struct abl_world_draw *d, struct abl_world_example *e);

static const struct {
	struct abl_world_task task;
	make_example *make; /* sets texts and truth; NULL: a task of whole texts */
	int answers;        /* how many there are, all equally likely */
} tasks[] = {
	{{.name = "sentiment",
	  .labels = "negative|positive",
	  .type = "classify",
	  .metric = "accuracy",
	  .train_examples = FEW,
	  .help = "the mood of a sentence; the adjective after 'not' decides, so word order "
		  "matters"},
	 make_sentiment,
	 2},
	{{.name = "entailment",
	  .labels = "entailment|not_entailment",
	  .type = "classify",
	  .metric = "accuracy",
	  .pair = true,
	  .train_examples = FEW,
	  .help = "does the second sentence follow: is the narrow name in the first, the wide one "
		  "in it?"},
	 make_entailment,
	 2},
	{{.name = "similarity",
	  .labels = "0|2|3|5",
	  .type = "regress",
	  .metric = "pearson",
	  .pair = true,
	  .train_examples = MANY,
	  .help = "how similar two sentences are, 0 to 5: 3 for names of one kind, 2 for the same "
		  "mood"},
	 abl_world_make_similarity,
	 4},
	{{.name = "endings",
	  .type = "choice",
	  .metric = "accuracy",
	  .train_examples = FEW,
	  .help = "which of four sentences continues the text: the one about a name of the same "
		  "kind"},
	 abl_world_make_endings,
	 ABL_WORLD_CHOICES},
	{{.name = "tags",
	  .type = "tag",
	  .format = "conll",
	  .metric = "entity_f1",
	  .train_examples = 100,
	  .help = "the kind of each name, and the mood of each adjective with its 'not'"},
	 NULL,
	 0},
	{{.name = "stories",
	  .type = "story",
	  .format = "babi",
	  .metric = "accuracy",
	  .train_examples = MANY,
	  .help = "where was the person last seen? The order of the facts decides"},
	 NULL,
	 0},
	{{.name = "spans",
	  .type = "span",
	  .format = "squad",
	  .metric = "f1",
	  .train_examples = MANY,
	  .help = "what is said about the only narrow name? Found by its kind and by word order"},
	 NULL,
	 0},
	{{.name = "spans2",
	  .type = "span",
	  .format = "squad",
	  .metric = "f1",
	  .no_answer = true,
	  .train_examples = MANY,
	  .help = "the same, where a third of the questions has no answer"},
	 NULL,
	 0},
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

bool abl_world_in_split(uint64_t hash, const char *split)
{
	static const char *const tenths[] = {"train", "train", "train", "train", "train",
					     "train", "dev",   "dev",   "test",  "test"};

	return !strcmp(tenths[abl_rng_below(hash, 0, 0, 10)], split);
}

struct abl_world_draw abl_world_draw_at(const char *task, uint64_t seed, const char *split,
					uint64_t index)
{
	char site[64];

	snprintf(site, sizeof site, "world/%s/%s", task, split);
	return (struct abl_world_draw){.key = abl_rng_derive(abl_rng_key(seed, site), index)};
}

int abl_world_noisy(struct abl_world_draw *d, int truth, int answers)
{
	if (!abl_world_chance(d, ABL_WORLD_NOISE))
		return truth;
	return (truth + 1 + (int)abl_world_below(d, (uint64_t)answers - 1)) % answers;
}

static uint64_t hash_texts(const struct abl_world_example *e)
{
	uint64_t hash = abl_hash64(e->a.text, e->a.length);

	if (e->b.length)
		hash = abl_rng_derive(hash, abl_hash64(e->b.text, e->b.length));
	for (int c = 0; c < ABL_WORLD_CHOICES && e->choices[c].length; c++)
		hash = abl_rng_derive(hash, abl_hash64(e->choices[c].text, e->choices[c].length));
	return hash;
}

static size_t index_of(const struct abl_world_task *task)
{
	size_t i = 0;

	while (i < TASKS && task != &tasks[i].task)
		i++;
	assert(i < TASKS && tasks[i].make);
	return i;
}

void abl_world_example(const struct abl_world_task *task, uint64_t seed, const char *split,
		       uint64_t index, struct abl_world_example *e)
{
	size_t t = index_of(task);
	struct abl_world_draw d = abl_world_draw_at(task->name, seed, split, index);

	do {
		abl_str_clear(&e->a);
		abl_str_clear(&e->b);
		for (int c = 0; c < ABL_WORLD_CHOICES; c++)
			abl_str_clear(&e->choices[c]);
		tasks[t].make(&d, e);
	} while (!abl_world_in_split(hash_texts(e), split));
	e->label = abl_world_noisy(&d, e->truth, tasks[t].answers);
}

void abl_world_example_finish(struct abl_world_example *e)
{
	if (!e)
		return;
	abl_str_finish(&e->a);
	abl_str_finish(&e->b);
	for (int c = 0; c < ABL_WORLD_CHOICES; c++)
		abl_str_finish(&e->choices[c]);
}
