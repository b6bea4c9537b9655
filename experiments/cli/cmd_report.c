/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include "advice.h"
#include "args_study.h"
#include "counts.h"
#include "going.h"
#include "machine.h"
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOOK 2.0 /* seconds from one look at the results to the next */
#define SHARE 10 /* writing takes a tenth of the time at most */

struct watched {
	struct abl_str counts, before; /* what the page depends on, and of the last one */
	int64_t going;                 /* the study that is running; 0: none */
	double took;                   /* seconds to write the page */
};

static void add_count(void *data, const struct abl_count *c)
{
	abl_str_printf(data, "%s %s %lld\n", c->state, c->cause ? c->cause : "",
		       (long long)c->trials);
}

static void take_going(void *data, const struct abl_going *g)
{
	*(int64_t *)data = g->study_id;
}

/* Writes the page where there is something new, or the study has ended. */
static int look(struct watched *w, const struct abl_args *args, const char *name, bool *on,
		struct abl_str *path, struct abl_err *err)
{
	struct abl_store *store;
	int64_t study;
	int rc = abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, err);
	const double began = abl_clock_now();
	bool is_new;

	if (rc)
		return rc;
	w->going = 0;
	abl_str_clear(&w->counts);
	rc = abl_store_find_study(store, name, &study, err);
	rc = rc ? rc : abl_read_going(store, take_going, &w->going, err);
	rc = rc < 0 ? rc : abl_read_counts(store, study, add_count, &w->counts, err);
	*on = !rc && w->going == study;
	is_new = !w->before.text || strcmp(w->before.text, w->counts.text ? w->counts.text : "");
	abl_str_clear(path);
	if (!rc && (is_new || !*on))
		rc = (*on ? abl_report_write_live : abl_report_write)(
			store, name, abl_args_text(args, "out"), abl_advice_complete, path, err);
	w->took = abl_clock_now() - began;
	abl_str_clear(&w->before);
	abl_str_puts(&w->before, w->counts.text ? w->counts.text : "");
	abl_store_close(store);
	return rc;
}

/* Until the study has ended; nothing is written where nothing is new. */
static int watch(const struct abl_args *args, const char *name, struct abl_err *err)
{
	struct watched w = {.going = 0};
	struct abl_str path = {0};
	bool on = true;
	int rc = 0;

	while (!rc && on && !(rc = look(&w, args, name, &on, &path, err))) {
		const double pause = fmax(LOOK, SHARE * w.took);

		if (path.length)
			printf("%s\n", path.text);
		fflush(stdout);
		for (double slept = 0; on && slept < pause; slept += 1)
			sleep(1);
	}
	abl_str_finish(&w.counts), abl_str_finish(&w.before), abl_str_finish(&path);
	return rc;
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	struct abl_store *store;
	struct abl_str path = {0}, name = {0};
	int64_t study;

	if (!abl_study_arg_named(args, args->word[0], &store, &study, &name, err)) {
		if (abl_args_flag(args, "watch")) {
			abl_store_close(store), store = NULL;
			(void)watch(args, name.text, err);
		} else if (!abl_report_write(store, name.text, abl_args_text(args, "out"),
					     abl_advice_complete, &path, err))
			printf("%s\n", path.text);
		abl_store_close(store);
	}
	abl_str_finish(&name);
	abl_str_finish(&path);
	return ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {
	{.name = "out",
	 .letter = 'o',
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "output file (default: plots/STUDY/report.html in the store)"},
	{.name = "watch",
	 .type = ABL_ARG_FLAG,
	 .help = "write it again as results come, until the study has ended"},
	ABL_OPTION_STORE,
	{0},
};

const struct abl_command abl_cmd_report = {
	.name = "report",
	.usage = "STUDY [--out FILE] [--watch] [--store DIR]",
	.summary = "write one HTML page about a study",
	.details = "STUDY is a study's name or file. The page shows effects and verdicts, figures, "
		   "scores, failures with their "
		   "logs, the\n"
		   "configuration, the provenance of the numbers, and how to run the study again. "
		   "It is one\n"
		   "self-contained file without scripts.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
