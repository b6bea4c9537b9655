/* SPDX-License-Identifier: Apache-2.0 */
#include "keep.h"

#include "artifact_drop.h"
#include "attempt_folder.h"
#include "files.h"
#include "stage_uses.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

static bool drops(const struct abl_run *run)
{
	const char *keep = run->plan->study->keep;

	return keep && strcmp(keep, ABL_KEEP_WEIGHTS) != 0 && !run->restore && !run->tests_only;
}

struct found { /* what the store says is needed no more */
	char **key, **artifact;
	size_t count, key_capacity, artifact_capacity;
};

static void take(void *data, const char *key, const char *artifact)
{
	struct found *f = data;

	abl_grow(&f->key, &f->key_capacity, f->count + 1, sizeof *f->key);
	abl_grow(&f->artifact, &f->artifact_capacity, f->count + 1, sizeof *f->artifact);
	f->key[f->count] = abl_strdup(key);
	f->artifact[f->count++] = abl_strdup(artifact);
}

/* The nodes have no index by key, and a few thousand are compared in no time. */
static void tell_node(const struct abl_run *run, const char *key)
{
	for (size_t i = 0; i < run->node_count; i++) {
		struct abl_node *n = &run->nodes[i];

		if (strcmp(run->plan->stages[i].key, key) != 0)
			continue;
		free(n->artifact), free(n->seal), free(n->dropped);
		n->artifact = n->seal = NULL;
		n->dropped = abl_strdup("weights");
		n->looked = false;
	}
}

static void remove_later(struct abl_run *run, char *artifact)
{
	abl_grow(&run->unneeded, &run->unneeded_capacity, run->unneeded_count + 1,
		 sizeof *run->unneeded);
	run->unneeded[run->unneeded_count++] = artifact;
}

static int forget(struct abl_run *run, struct found *f, struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < f->count; i++) {
		rc = rc ? rc : abl_artifact_forget(run->store, f->artifact[i], err);
		if (!rc) {
			tell_node(run, f->key[i]);
			remove_later(run, f->artifact[i]);
		} else {
			free(f->artifact[i]);
		}
		free(f->key[i]);
	}
	free(f->key), free(f->artifact);
	return rc;
}

static int look(struct abl_run *run, const char *key, struct abl_err *err)
{
	struct found found = {0};
	int rc = abl_read_unkept(run->store, key, take, &found, err);
	int gone = forget(run, &found, err);

	return rc ? rc : gone;
}

int abl_keep_after(struct abl_run *run, size_t stage, struct abl_err *err)
{
	const struct abl_plan_stage *p = &run->plan->stages[stage];
	int rc = 0;

	if (!drops(run) || run->nodes[stage].state != ABL_DONE)
		return 0;
	for (size_t i = 0; i < p->input_count && !rc; i++)
		if (p->inputs[i].stage != ABL_NONE &&
		    run->plan->stages[p->inputs[i].stage].kind->trains)
			rc = look(run, run->plan->stages[p->inputs[i].stage].key, err);
	return rc || !p->kind->trains ? rc : look(run, p->key, err);
}

int abl_keep_look(struct abl_run *run, struct abl_err *err)
{
	/* what a run that was killed had forgotten, and not removed */
	for (size_t i = 0; i < run->node_count && drops(run); i++)
		if (run->nodes[i].state == ABL_DONE && run->nodes[i].dropped)
			remove_later(run,
				     abl_store_path("", "artifacts/%s", run->plan->stages[i].key));
	return drops(run) ? look(run, NULL, err) : 0;
}

void abl_keep_remove(struct abl_run *run)
{
	for (size_t i = 0; i < run->unneeded_count; i++) {
		char *path = abl_path_join(run->folder, run->unneeded[i]);

		(void)!abl_remove_tree(path, NULL); /* what stays is for 'ablate gc' */
		free(path), free(run->unneeded[i]);
	}
	run->unneeded_count = 0;
}
