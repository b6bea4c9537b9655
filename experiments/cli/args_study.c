/* SPDX-License-Identifier: Apache-2.0 */
#include "args_study.h"

#include "advice.h"
#include "files.h"
#include "loaded.h"
#include "planned.h"
#include "shell.h"
#include "standing.h"
#include "study_name.h"
#include "table.h"
#include "unpacked_data.h"
#include "when.h"

#include <string.h>
#include <time.h>

/* The text of a study's file, and what the store has of it. */
struct texts {
	const char *file;
	bool same;
};

static void compare_texts(void *data, const struct abl_standing *s)
{
	struct texts *t = data;

	t->same = !s->text || abl_study_text_same(s->text, t->file);
}

/* Where the words around a table go: above it, but not among the rows that programs read. */
static FILE *words_go_to(const struct abl_args *args)
{
	const bool has_table = abl_command_takes(args->command, "format");

	return has_table && abl_table_format(abl_args_given(args, "format")) == ABL_TABLE_PLAIN
		       ? stdout
		       : stderr;
}

/* Says so where the file is not the study that the store has. `text` NULL: a name was given. */
static int tell_difference(const struct abl_args *args, const char *word, const char *name,
			   const char *text, struct abl_store *store, int64_t study,
			   struct abl_err *err)
{
	struct texts texts = {.file = text, .same = true};
	int rc = text ? abl_read_standing(store, study, compare_texts, &texts, err) : 0;

	if (!texts.same)
		abl_advice_print(
			words_go_to(args),
			"note: '%s' differs from study '%s' as it was last run, which is shown "
			"here;\n      'ablate plan %s' says what a run of the file would do\n",
			word, name, abl_shell_quoted(word));
	return rc;
}

int abl_study_arg_named(const struct abl_args *args, const char *word, struct abl_store **store,
			int64_t *study, struct abl_str *name, struct abl_err *err)
{
	struct abl_str text = {0};
	int rc = abl_study_name(word, name, &text, err);

	rc = rc ? rc : abl_store_open(store, abl_args_store(args), ABL_STORE_READ, err);
	if (!rc) {
		rc = abl_store_find_study(*store, name->text, study, err);
		rc = rc ? rc : abl_store_sum_check(*store, *study, false, err);
		rc = rc ? rc
			: tell_difference(args, word, name->text, text.text, *store, *study, err);
		rc = rc ? rc : abl_store_trials_once(*store, *study, err);
		if (rc)
			abl_store_close(*store), *store = NULL;
	}
	abl_str_finish(&text);
	return rc;
}

int abl_study_arg_open(const struct abl_args *args, const char *word, struct abl_store **store,
		       int64_t *study, struct abl_err *err)
{
	struct abl_str name = {0};
	int rc = abl_study_arg_named(args, word, store, study, &name, err);

	abl_str_finish(&name);
	return rc;
}

/* Why the study of that name has no file; 0: it has one, or it is not in the store. */
static int refuse_fileless(struct abl_store *store, const char *name, struct abl_err *err)
{
	struct abl_confirmation its = {0};
	struct abl_err ignored = {0};
	int64_t study;
	int rc = 0;

	if (abl_read_is_loaded(store, name, &ignored) == 1)
		return abl_err_set(err, ABL_EINPUT,
				   "study '%s' has no file: its numbers were loaded ('ablate load "
				   "--help'), so there is nothing to run; 'ablate compare %s' "
				   "shows them",
				   name, abl_shell_quoted(name));
	if (!abl_store_find_study(store, name, &study, &ignored) &&
	    !abl_read_confirmation(store, study, &its, &ignored) && its.of.length)
		rc = abl_err_set(err, ABL_EINPUT,
				 "study '%s' has no file of its own: 'ablate confirm %s' makes it",
				 name, abl_shell_quoted(its.of.text));
	abl_str_finish(&its.of);
	return rc;
}

int abl_study_arg_needs_file(const struct abl_args *args, const char *word, struct abl_err *err)
{
	struct abl_store *store = NULL;
	struct abl_err ignored = {0};
	int rc;

	if (abl_file_exists(word) || abl_is_study_file(word) ||
	    abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, &ignored))
		return 0;
	rc = refuse_fileless(store, abl_nfc(word), err);
	abl_store_close(store);
	return rc;
}

/* --by, or what the study says; of several rounds and studies, by the clock of the first. */
static int set_deadline(const struct abl_args *args, struct abl_study_run *r, struct abl_err *err)
{
	static time_t began;
	const char *given =
		abl_command_takes(args->command, "by") ? abl_args_text(args, "by") : NULL;
	const char *text = given ? given : r->study->limits.by;
	const time_t now = time(NULL);
	char when[32];
	time_t by;
	int rc;

	began = began ? began : now;
	if (!text || (given && !strcmp(given, "none")))
		return 0;
	rc = abl_when(text, began, &by, err);
	if (rc)
		return abl_err_prefix(err, rc, given ? "--by" : "limits.by");
	if (by <= began)
		return abl_err_set(err, ABL_EINPUT, "%s: %s is over; give a time to come%s",
				   given ? "--by" : "limits.by", abl_when_text(by, now, when),
				   given ? "" : ", or 'run --by none'");
	r->supervisor.run.by = (double)by;
	return 0;
}

int abl_study_arg_plan(const struct abl_args *args, struct abl_study_run *r, struct abl_err *err)
{
	const int64_t workers = abl_args_int(args, "workers", 0);
	int rc;

	if (workers < 0 || workers > 4096 || (abl_args_text(args, "workers") && !workers))
		return abl_err_set(err, ABL_EINPUT,
				   "--workers is out of range: %lld; it must be from 1 to 4096",
				   (long long)workers);
	r->folder = abl_args_store(args);
	rc = abl_study_arg_needs_file(args, args->word[0], err);
	rc = rc ? rc
		: abl_study_run_plan(r, args->word[0], abl_args_text(args, "data"), workers, err);
	rc = abl_unpacked_data_tell(rc, r->folder, args->word[0], err);
	return rc ? rc : set_deadline(args, r, err);
}

bool abl_study_arg_tests(const struct abl_args *args)
{
	const char *split = abl_args_text(args, "split");

	return split && !strcmp(split, "test");
}
