/* SPDX-License-Identifier: Apache-2.0 */
#include "trained_rows.h"

#include "trained_on.h"

#include <stdio.h>
#include <string.h>

/* The part as `run` divides such a task today. */
static int part_today(const struct abl_task_spec *s, bool dev, const char **split,
		      struct abl_err *err)
{
	if (!dev)
		*split = abl_task_spec_holds_back(s) ? "train-rest" : "train";
	else
		*split = abl_task_spec_scored(s);
	if (*split)
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "task '%s' has no dev file and holds nothing back ('held_back: no'): "
			   "use --split train",
			   s->name);
}

static int refuse_dev(const struct abl_saved *saved, const struct abl_trained_on *t,
		      const struct abl_task_spec *s, struct abl_err *err)
{
	bool same;
	int rc = abl_trained_on_same(t, s, "dev", &same, err);

	if (rc || !same)
		return rc;
	return abl_err_set(err, ABL_EINPUT,
			   "'%s': %s was trained on these rows (as '%s'): use --split train, or "
			   "name another dev file",
			   s->dev, saved->folder, t->file);
}

/* Of the train file that it was trained on. */
static int part_of_same(const struct abl_saved *saved, const struct abl_trained_on *t,
			struct abl_task_spec *s, bool dev, const char **split, struct abl_err *err)
{
	if (dev && !t->held_back)
		return abl_err_set(err, ABL_EINPUT,
				   "task '%s' has no dev file, and %s was trained on all rows of "
				   "'%s', none held back: use --split train",
				   s->name, saved->folder, t->file);
	abl_trained_on_apply(t, s);
	*split = dev ? "held-back" : t->held_back ? "train-rest" : "train";
	return 0;
}

/* Of another file. Groups that were held back there are held back here, too: the rule goes by what
 * they say. */
static int part_of_other(const struct abl_saved *saved, const struct abl_trained_on *t,
			 struct abl_task_spec *s, bool dev, const char **split, struct abl_err *err)
{
	if (dev && !t->held_back && !strcmp(t->task, s->name))
		return abl_err_set(err, ABL_EINPUT,
				   "%s was trained on all rows of a file '%s', none held back, and "
				   "'%s' is not that file any more: which of its rows are new is "
				   "not known; give the task a dev file",
				   saved->folder, t->file, s->train);
	fprintf(stderr,
		"%s was trained on another file, '%s' of task '%s': '%s' is divided as "
		"'ablate run' would divide it\n",
		saved->folder, t->file, t->task, s->train);
	return part_today(s, dev, split, err);
}

static int choose(const struct abl_saved *saved, const struct abl_trained_on *t,
		  struct abl_task_spec *s, bool dev, const char **split, struct abl_err *err)
{
	bool same;
	int rc;

	if (!t->there) {
		rc = part_today(s, dev, split, err);
		if (!rc)
			fprintf(stderr,
				"%s does not say which rows it was trained on: '%s' is as 'ablate "
				"run' would have it\n",
				saved->folder, *split);
		return rc;
	}
	if (dev && s->dev) {
		*split = "dev";
		return refuse_dev(saved, t, s, err);
	}
	rc = abl_trained_on_same(t, s, "train", &same, err);
	if (rc)
		return rc;
	return same ? part_of_same(saved, t, s, dev, split, err)
		    : part_of_other(saved, t, s, dev, split, err);
}

int abl_trained_split(const struct abl_saved *saved, struct abl_task_spec *spec, bool dev,
		      const char **split, struct abl_err *err)
{
	struct abl_trained_on t;
	int rc = abl_trained_on_read(&t, saved->folder, err);

	if (rc)
		return rc;
	rc = choose(saved, &t, spec, dev, split, err);
	abl_trained_on_finish(&t);
	return rc;
}

int abl_trained_warn(const char *folder, const struct abl_task_spec *spec, struct abl_err *err)
{
	struct abl_trained_on t;
	bool same = false;
	int rc = abl_trained_on_read(&t, folder, err);

	if (!rc && t.there)
		rc = abl_trained_on_same(&t, spec, "test", &same, err);
	if (!rc && same)
		fprintf(stderr,
			"'%s' is what %s was trained on%s: how well it does there says little of "
			"other texts\n",
			spec->test, folder, t.held_back ? ", but for a tenth held back" : "");
	abl_trained_on_finish(&t);
	return rc;
}
