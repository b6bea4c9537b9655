/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_rm.c - takes studies and variants out of a store's database. */
#include "advice.h"
#include "care.h"
#include "command.h"
#include "print.h"
#include "print_bytes.h"
#include "removable.h"
#include "shell.h"
#include "store_arg.h"
#include "store_drop.h"
#include "str.h"
#include "study_name.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct abl_command_option options[] = {
	{.name = "yes", .letter = 'y', .type = ABL_ARG_FLAG, .help = "do not ask"},
	{.name = "dry-run",
	 .letter = 'n',
	 .type = ABL_ARG_FLAG,
	 .help = "remove nothing, only say what would go"},
	ABL_OPTION_STORE,
	{0},
};

struct removal {
	struct abl_store *store;
	struct abl_removable what[ABL_ARGS_MAX];
	int count;
	struct abl_dropped dropped;
	int64_t studies;
	int64_t bytes;            /* that 'ablate gc' frees then, and did not before */
	struct abl_str confirmer; /* a study that stays and confirms one that goes */
};

static bool is_going(const struct removal *r, int64_t study)
{
	for (int i = 0; i < r->count; i++)
		if (r->what[i].study == study && !r->what[i].variant)
			return true;
	return false;
}

static bool is_named(const struct removal *r, const struct abl_removable *what)
{
	for (int i = 0; i < r->count; i++)
		if (r->what[i].study == what->study && r->what[i].variant == what->variant)
			return true;
	return false;
}

static void take_confirmer(void *data, int64_t study, const char *name)
{
	struct removal *r = data;

	if (!is_going(r, study) && !r->confirmer.length)
		abl_str_puts(&r->confirmer, name);
}

/* What the words name, each once; no variant of a study that goes whole. */
static int find_all(struct removal *r, const struct abl_args *args, struct abl_err *err)
{
	int rc = 0;

	for (int i = 0; i < args->words && !rc; i++) {
		struct abl_removable what;
		struct abl_str name = {0}, text = {0};

		rc = abl_study_name(args->word[i], &name, &text, err);
		rc = rc ? rc : abl_removable_find(r->store, abl_nfc(name.text), &what, err);
		if (!rc && !is_named(r, &what))
			r->what[r->count++] = what;
		abl_str_finish(&name), abl_str_finish(&text);
	}
	for (int i = 0, kept = 0, count = r->count; i < count && !rc; i++) {
		if (!r->what[i].variant || !is_going(r, r->what[i].study))
			r->what[kept++] = r->what[i];
		if (i == count - 1)
			r->count = kept;
	}
	for (int i = 0; i < r->count && !rc && !r->confirmer.length; i++)
		rc = abl_read_confirmers(r->store, r->what[i].study, take_confirmer, r, err);
	if (!rc && r->confirmer.length)
		rc = abl_err_set(
			err, ABL_EINPUT,
			"study '%s' confirms what was found there, and says nothing without "
			"it: name it, too, and both go",
			r->confirmer.text);
	return rc;
}

static int bytes_of_gc(struct abl_store *store, int64_t *bytes, struct abl_err *err)
{
	struct abl_care care = {0};
	int rc = abl_care_look(&care, store, 0, err);

	*bytes = 0;
	for (size_t i = 0; i < care.count; i++)
		if (care.item[i].fate == ABL_FATE_GOES)
			*bytes += abl_care_bytes(&care.item[i]);
	abl_care_finish(&care);
	return rc;
}

static int drop(struct removal *r, struct abl_err *err)
{
	int64_t before, after = 0;
	int rc = bytes_of_gc(r->store, &before, err);

	for (int i = 0; i < r->count && !rc; i++) {
		rc = r->what[i].variant
			     ? abl_store_drop_variant(r->store, r->what[i].variant, &r->dropped,
						      err)
			     : abl_store_drop_study(r->store, r->what[i].study, &r->dropped, err);
		r->studies += !r->what[i].variant;
	}
	rc = rc ? rc : bytes_of_gc(r->store, &after, err);
	r->bytes = rc ? 0 : after - before;
	return rc;
}

static void add_count(struct abl_str *out, int64_t n, const char *one, const char *many)
{
	char text[32];

	if (n)
		abl_str_printf(out, "%s%s %s", out->length ? ", " : "", abl_format_count(n, text),
			       n == 1 ? one : many);
}

static void print_what(const struct removal *r, const char *verb)
{
	const struct abl_dropped *d = &r->dropped;
	struct abl_str text = {0};
	char bytes[32];

	add_count(&text, r->studies, "study", "studies");
	add_count(&text, d->variants, "variant", "variants");
	add_count(&text, d->trials, "trial", "trials");
	add_count(&text, d->stages, "stage", "stages");
	add_count(&text, d->runs, "start", "starts");
	printf("%s %s\n", verb, text.text ? text.text : "nothing");
	printf("what other studies have too stays\n");
	if (r->bytes > 0)
		abl_advice_print(stdout, "'ablate gc' then frees %s of files\n",
				 abl_bytes_text(r->bytes, bytes));
	abl_str_finish(&text);
}

/* Whether it is to be done. Where nobody can be asked, the command that does it is named. */
static int ask(const struct removal *r, const struct abl_args *args, bool *yes, struct abl_err *err)
{
	struct abl_str command = {0};
	char line[32] = "";
	int rc = 0;

	*yes = abl_args_flag(args, "yes");
	if (*yes)
		return 0;
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
		print_what(r, "this removes");
		printf("remove? [y/N] ");
		fflush(stdout);
		*yes = fgets(line, sizeof line, stdin) && (*line == 'y' || *line == 'Y');
		if (!*yes)
			printf("nothing was removed\n");
		return 0;
	}
	for (int i = 0; i < args->words; i++) {
		abl_str_puts(&command, " ");
		abl_str_puts(&command, abl_shell_quoted(args->word[i]));
	}
	rc = abl_err_set(err, ABL_EINPUT,
			 "nobody is at a terminal to be asked: 'ablate rm%s --dry-run' says what "
			 "would go, with --yes in its place it does",
			 command.text);
	abl_str_finish(&command);
	return rc;
}

static int remove_all(struct removal *r, const struct abl_args *args, struct abl_err *err)
{
	const bool dry_run = abl_args_flag(args, "dry-run");
	bool yes = false;
	int rc = abl_store_begin(r->store, err);

	if (rc)
		return rc;
	rc = drop(r, err);
	rc = rc || dry_run ? rc : ask(r, args, &yes, err);
	if (rc || !yes) {
		abl_store_rollback(r->store);
		if (!rc && dry_run)
			print_what(r, "would remove");
		return rc;
	}
	rc = abl_store_commit(r->store, err);
	rc = rc ? rc : abl_store_refresh_views(r->store, err);
	rc = rc ? rc : abl_store_sync(r->store, true, err);
	if (!rc)
		print_what(r, "removed");
	return rc;
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	struct removal r = {0};
	int rc = abl_store_arg_change(args, &r.store, err);

	rc = rc ? rc : find_all(&r, args, err);
	rc = rc ? rc : remove_all(&r, args, err);
	abl_store_close(r.store);
	abl_str_finish(&r.confirmer);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_rm = {
	.name = "rm",
	.usage = "STUDY|STUDY/VARIANT... [--yes] [--dry-run] [--store DIR]",
	.summary = "remove studies or variants from a store",
	.details = "Removes from the database what nobody else has: trials, numbers, curves, "
		   "starts. The study's\n"
		   "file is not touched: 'ablate run' of it begins anew. Files stay until 'ablate "
		   "gc'. Asks on a\n"
		   "terminal; elsewhere --yes is needed. A baseline goes with its study only, and "
		   "a study that\n"
		   "another one confirms only together with that.",
	.min_words = 1,
	.max_words = ABL_ARGS_MAX,
	.options = options,
	.exec = exec,
};
