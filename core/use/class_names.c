/* SPDX-License-Identifier: Apache-2.0 */
#include "class_names.h"

#include "class_labels.h"
#include "task_types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LIST_MOST 300 /* bytes of names in a message */

struct names {
	const struct abl_saved *saved;
	const struct abl_task_spec *spec;
	struct abl_class_labels own;  /* as the checkpoint calls them */
	struct abl_class_labels now;  /* as they are called here, in the same order */
	struct abl_class_labels task; /* the task's; none: it names none */
};

static void rename_class(struct abl_class_labels *c, size_t i, const char *name)
{
	free(c->name[i]);
	c->name[i] = abl_strdup(name);
}

/* "a, b, c", cut where it gets long. */
static void list(struct abl_str *out, const struct abl_class_labels *c)
{
	const size_t begin = out->length;

	for (size_t i = 0; i < c->count; i++) {
		if (out->length - begin > LIST_MOST) {
			abl_str_puts(out, ", ...");
			return;
		}
		abl_str_printf(out, "%s%s", i ? ", " : "", c->name[i]);
	}
}

static bool is_unnamed(const struct abl_class_labels *c)
{
	char name[32];

	for (size_t i = 0; i < c->count; i++) {
		snprintf(name, sizeof name, "LABEL_%zu", i);
		if (strcasecmp(c->name[i], name) != 0)
			return false;
	}
	return c->count > 0;
}

/* 0, 1, 2, ... */
static bool counts(const struct abl_class_labels *c)
{
	char number[24];

	for (size_t i = 0; i < c->count; i++) {
		snprintf(number, sizeof number, "%zu", i);
		if (strcmp(c->name[i], number) != 0)
			return false;
	}
	return c->count > 0;
}

bool abl_class_names_missing(const char *labels)
{
	struct abl_class_labels c = {0};
	bool unnamed;

	if (!labels)
		return false;
	abl_class_labels_split(&c, labels);
	unnamed = is_unnamed(&c);
	abl_class_labels_finish(&c);
	return unnamed;
}

/* ---- what the user says ---- */

/* The class of the task that is meant, in its spelling; where the task names none, as it stands. */
static const char *of_task(const struct names *n, const char *name, const char *option,
			   struct abl_err *err)
{
	int32_t at = n->task.count ? abl_class_labels_find_folded(&n->task, name) : 0;
	struct abl_str known = {0};

	if (!n->task.count)
		return name;
	if (at >= 0)
		return n->task.name[at];
	list(&known, &n->task);
	abl_err_set(err, ABL_EINPUT, "%s: '%.100s' is not a class of task '%s' (%s)", option, name,
		    n->spec->name, known.text);
	abl_str_finish(&known);
	return NULL;
}

static int take_labels(struct names *n, const char *labels, struct abl_err *err)
{
	struct abl_class_labels given = {0};
	struct abl_str own = {0};
	int rc = 0;

	abl_class_labels_split(&given, labels);
	list(&own, &n->own);
	if (given.count != n->own.count)
		rc = abl_err_set(err, ABL_EINPUT,
				 "--labels names %zu class%s, the checkpoint has %zu (%s): name "
				 "each, in that order",
				 given.count, given.count == 1 ? "" : "es", n->own.count, own.text);
	for (size_t i = 0; !rc && i < given.count; i++) {
		const char *name = of_task(n, given.name[i], "--labels", err);

		if (!*given.name[i])
			rc = abl_err_set(err, ABL_EINPUT, "--labels: class %zu has no name", i);
		else if (!name)
			rc = ABL_EINPUT;
		else
			rename_class(&n->now, i, name);
	}
	abl_class_labels_finish(&given);
	abl_str_finish(&own);
	return rc;
}

/* One "theirs=task's" of --map. A class is found by its name here, which --labels may have given.
 */
static int map_one(struct names *n, const struct abl_class_labels *from, char *pair,
		   struct abl_err *err)
{
	struct abl_str known = {0};
	char *to;
	const char *name;
	int32_t at;

	pair += strspn(pair, " "); /* behind a comma */
	to = strchr(pair, '=');
	if (!to || to == pair || !to[1])
		return abl_err_set(err, ABL_EINPUT, "--map: '%.100s' is not CLASS=CLASS", pair);
	*to++ = '\0';
	at = abl_class_labels_find_folded(from, pair);
	if (at < 0) {
		list(&known, from);
		abl_err_set(err, ABL_EINPUT,
			    "--map: '%.100s' is not a class of the checkpoint (%s)", pair,
			    known.text);
		abl_str_finish(&known);
		return ABL_EINPUT;
	}
	name = of_task(n, to, "--map", err);
	if (!name)
		return ABL_EINPUT;
	for (size_t i = 0; i < from->count; i++)
		if (!strcmp(from->name[i], from->name[at]))
			rename_class(&n->now, i, name);
	return 0;
}

static int take_map(struct names *n, const char *map, struct abl_err *err)
{
	char *copy = abl_strdup(map), *rest = copy, *pair;
	struct abl_class_labels from = {0};
	int rc = 0;

	abl_class_labels_copy(&from, n->now.name, n->now.count);
	while (!rc && (pair = strsep(&rest, ",")))
		rc = map_one(n, &from, pair, err);
	abl_class_labels_finish(&from);
	free(copy);
	return rc;
}

/* ---- what follows from the names ---- */

static bool are_words(const struct abl_class_labels *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (!c->name[i][strspn(c->name[i], "0123456789")])
			return false;
	return true;
}

static bool is_matched(const struct names *n, const char *task_class)
{
	for (size_t i = 0; i < n->now.count; i++)
		if (!strcmp(n->now.name[i], task_class))
			return true;
	return false;
}

/* "--map contradiction=not_entailment,neutral=not_entailment": with the one class of the task that
 * none of the checkpoint's is; else whichever it may be. */
static void suggest_map(const struct names *n, struct abl_str *out)
{
	const char *left = NULL, *gap = "--map ";
	size_t lefts = 0;

	for (size_t i = 0; i < n->task.count; i++)
		if (!is_matched(n, n->task.name[i])) {
			left = n->task.name[i];
			lefts++;
		}
	for (size_t i = 0; i < n->now.count && out->length < LIST_MOST; i++)
		if (abl_class_labels_find(&n->task, n->now.name[i]) < 0) {
			abl_str_printf(out, "%s%s=%s", gap, n->now.name[i],
				       lefts == 1 ? left : "CLASS");
			gap = ",";
		}
}

static int cannot_name(const struct names *n, const char *first, struct abl_err *err)
{
	struct abl_str own = {0}, task = {0}, map = {0};

	list(&own, &n->now), list(&task, &n->task);
	suggest_map(n, &map);
	if (n->now.count != n->task.count && (is_unnamed(&n->now) || counts(&n->now)))
		abl_err_set(err, ABL_EINPUT,
			    "%s: its %zu classes have no names (%s), and task '%s' has %zu (%s): "
			    "say what each counts as, in the order of the model's training, "
			    "--labels 'A|B|...'",
			    n->saved->folder, n->now.count, own.text, n->spec->name, n->task.count,
			    task.text);
	else if (is_unnamed(&n->now) || counts(&n->now))
		abl_err_set(err, ABL_EINPUT,
			    "%s: its %zu classes have no names (%s), and the order of those of "
			    "task '%s' (%s) is not known: give them in the order of the model's "
			    "training, --labels 'A|B|...'",
			    n->saved->folder, n->now.count, own.text, n->spec->name, task.text);
	else
		abl_err_set(err, ABL_EINPUT,
			    "%s: was fine-tuned on another task: its class '%s' is not a class of "
			    "task '%s' (%s): say what each class counts as, %s",
			    n->saved->folder, first, n->spec->name, task.text, map.text);
	abl_str_finish(&own), abl_str_finish(&task), abl_str_finish(&map);
	return ABL_EINPUT;
}

/* The one of the meanings that a class has for a name, or that begins with it ("neg"); -1: none. */
static int32_t find_meaning(const struct abl_class_labels *meanings, const char *name)
{
	int32_t at = abl_class_labels_find_folded(meanings, name);
	const size_t length = strlen(name);

	for (size_t i = 0; at < 0 && length >= 3 && i < meanings->count; i++)
		if (!strncasecmp(meanings->name[i], name, length))
			at = (int32_t)i;
	return at;
}

/* Words for the numbers of a well-known task: in whatever order they stand. */
static int match_meanings(struct names *n, const char *meanings, struct abl_err *err)
{
	struct abl_class_labels known = {0};
	const char *strange = NULL;

	abl_class_labels_split(&known, meanings);
	for (size_t i = 0; i < n->now.count && !strange; i++)
		if (find_meaning(&known, n->now.name[i]) < 0)
			strange = n->now.name[i];
	for (size_t i = 0; i < n->now.count && !strange; i++)
		rename_class(&n->now, i, n->task.name[find_meaning(&known, n->now.name[i])]);
	abl_class_labels_finish(&known);
	return strange ? cannot_name(n, strange, err) : 0;
}

/* Into the task's classes: by name, or by number where the task only counts them. */
static int match(struct names *n, struct abl_err *err)
{
	const char *meanings = abl_task_meanings(n->spec ? n->spec->name : NULL);
	const char *first = NULL; /* that the task has not */
	size_t found = 0;

	for (size_t i = 0; i < n->now.count; i++) {
		int32_t at = abl_class_labels_find_folded(&n->task, n->now.name[i]);

		if (at >= 0)
			rename_class(&n->now, i, n->task.name[at]);
		else if (!first)
			first = n->now.name[i];
		found += at >= 0;
	}
	if (!n->task.count || !first)
		return 0;
	if (found || !counts(&n->task) || n->task.count != n->now.count || !are_words(&n->now))
		return cannot_name(n, first, err);
	if (meanings && !is_unnamed(&n->now))
		return match_meanings(n, meanings, err);
	for (size_t i = 0; i < n->now.count; i++)
		rename_class(&n->now, i, n->task.name[i]);
	return 0;
}

/* "classes: LABEL_0 = entailment, ..." where one is called otherwise than in the checkpoint. */
static void tell(const struct names *n, struct abl_str *notes)
{
	const size_t begin = notes->length;
	bool same = true;

	for (size_t i = 0; i < n->own.count; i++)
		same &= !strcmp(n->own.name[i], n->now.name[i]);
	if (same && is_unnamed(&n->own))
		abl_str_printf(notes,
			       "classes: the checkpoint has no names for its %zu classes; --labels "
			       "'A|B|...' gives them\n",
			       n->own.count);
	if (same)
		return;
	abl_str_puts(notes, "classes:");
	for (size_t i = 0; i < n->own.count && notes->length - begin < 4 * LIST_MOST; i++)
		abl_str_printf(notes, "%s %s = %s", i ? "," : "", n->own.name[i], n->now.name[i]);
	abl_str_puts(notes, "\n");
}

static char *join(const struct abl_class_labels *c)
{
	struct abl_str s = {0};

	for (size_t i = 0; i < c->count; i++)
		abl_str_printf(&s, "%s%s", i ? "|" : "", c->name[i]);
	return s.text;
}

/* Places (choices) and numbers have no names in a checkpoint. */
static int check_unnamed(const struct abl_saved *saved, const struct abl_naming *naming,
			 struct abl_err *err)
{
	const struct abl_task_facts *type = abl_task_facts_find(saved->type);
	const char *option = naming && naming->labels ? "--labels"
			     : naming && naming->map  ? "--map"
						      : NULL;

	if (!option)
		return 0;
	return abl_err_set(err, ABL_EINPUT, "%s: the checkpoint has no classes: %s", option,
			   !type                                ? "it has no head"
			   : type->labels == ABL_LABELS_CHOICES ? "choices go by their places"
			   : type->pretraining                  ? "it was only pre-trained"
								: "its head gives no labels");
}

int abl_class_names(const struct abl_saved *saved, const struct abl_task_spec *spec,
		    const struct abl_naming *naming, char **out, struct abl_str *notes,
		    struct abl_err *err)
{
	const struct abl_task_facts *type = abl_task_facts_find(saved->type);
	struct names n = {.saved = saved, .spec = spec};
	int rc = 0;

	*out = NULL;
	if (!type || type->labels != ABL_LABELS_CLASSES || !saved->labels)
		return check_unnamed(saved, naming, err);
	abl_class_labels_split(&n.own, saved->labels);
	abl_class_labels_split(&n.now, saved->labels);
	if (spec && spec->labels)
		abl_class_labels_split(&n.task, spec->labels);
	if (naming && naming->labels)
		rc = take_labels(&n, naming->labels, err);
	if (!rc && naming && naming->map)
		rc = take_map(&n, naming->map, err);
	rc = rc ? rc : match(&n, err);
	if (!rc) {
		tell(&n, notes);
		*out = join(&n.now);
	}
	abl_class_labels_finish(&n.own);
	abl_class_labels_finish(&n.now);
	abl_class_labels_finish(&n.task);
	return rc;
}
