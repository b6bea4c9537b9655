/* SPDX-License-Identifier: Apache-2.0 */
#include "run_notify.h"

#include "answer_json.h"
#include "command.h"
#include "compare.h"
#include "figure.h"
#include "files.h"
#include "notify.h"
#include "trials.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HEADLINE = 8 }; /* rows in it */

/* "positions: removal hurts; segments: not resolved, could see .118"; empty: there are no scores.
 */
static void add_headline(const struct abl_study_run *r, struct abl_str *out)
{
	const struct abl_compare_request request = {0};
	struct abl_analysis *a = NULL;
	struct abl_err ignored = {0};
	char **tasks = NULL;

	if (!abl_read_tasks(&tasks, r->store, r->record.study, &ignored) && tasks[0] &&
	    !abl_analyse(&a, r->store, r->record.study, &request, &ignored))
		for (size_t i = 0; i < a->all->count && i < HEADLINE; i++) {
			const struct abl_effect *e = &a->all->effect[i];

			abl_str_puts(out, i ? "; " : "");
			abl_compare_name_as(e->arm.label, e, out);
			abl_str_puts(out, ": ");
			abl_verdict_text(a->all, e, out);
		}
	if (a && a->all->count > HEADLINE)
		abl_str_printf(out, "; and %zu more", a->all->count - HEADLINE);
	abl_analysis_destroy(a);
	abl_names_destroy(tasks);
}

static void add_counts(struct abl_json *j, const struct abl_run *run)
{
	json_t *counts = abl_json_object(j, j->root, "counts");
	const size_t all = abl_run_total(run);

	abl_json_int(j, counts, "trials", (int64_t)all);
	abl_json_int(j, counts, "done", (int64_t)run->done);
	abl_json_int(j, counts, "failed", (int64_t)run->failed);
	abl_json_int(j, counts, "left", (int64_t)(all - run->done - run->failed));
}

/* Caller's. */
static char *log_path(const struct abl_study_run *r)
{
	return abl_path_join(r->supervisor.run.folder, "logs/notify.log");
}

static void describe(const struct abl_study_run *r, const char *event, const char *message,
		     bool end, struct abl_str *out)
{
	const char *folder = r->supervisor.run.folder;
	char *plots = abl_figure_folder(folder, r->study->name),
	     *report = abl_path_join(plots, "report.html");
	struct abl_str headline = {0};
	struct abl_err ignored = {0};
	struct abl_json j;
	char host[128] = "";

	if (gethostname(host, sizeof host - 1))
		*host = '\0';
	if (end)
		add_headline(r, &headline);
	abl_json_begin(&j);
	abl_json_text(&j, j.root, "event", event);
	abl_json_words(&j, j.root, "study", r->study->name);
	abl_json_words(&j, j.root, "store", folder);
	abl_json_words(&j, j.root, "host", host);
	abl_json_int(&j, j.root, "pid", getpid());
	abl_json_int(&j, j.root, "at", (int64_t)time(NULL));
	add_counts(&j, &r->supervisor.run);
	abl_json_words(&j, j.root, "headline", headline.length ? headline.text : NULL);
	abl_json_words(&j, j.root, "report", abl_file_exists(report) ? report : NULL);
	abl_json_words(&j, j.root, "message", message);
	if (!abl_json_end(&j, JSON_INDENT(1), "the message", out, &ignored))
		abl_str_puts(out, "\n");
	abl_str_finish(&headline);
	free(plots), free(report);
}

void abl_run_notify_end(struct abl_study_run *r, int code, const struct abl_err *why, bool last)
{
	const struct abl_supervisor *s = &r->supervisor;
	const char *event = code == ABL_EXIT_OK ? "done" : s->run.failed ? "failures" : "error";
	struct abl_str words = {0}, text = {0};
	char *log;

	if (!r->study || !r->study->notify_count || !s->run.folder)
		return;
	if (code == ABL_EXIT_STOPPED)
		event = "stopped";
	if (s->deadline.is_over || (why->code == ABL_ESTOP && abl_deadline_was(s)) ||
	    (why->code && strstr(why->text, "paused")))
		event = "paused"; /* by itself: a limit, too many failures */
	if (why->code)
		abl_str_puts(&words, why->text);
	else if (s->run.failed)
		abl_str_printf(&words, "%zu of %zu trials failed", s->run.failed,
			       abl_run_total(&s->run));
	else
		abl_str_puts(&words, "all trials are done");
	log = log_path(r);
	describe(r, event, words.text, true, &text);
	if (last) {
		abl_store_close(r->store);
		r->store = NULL;
	}
	if (text.length)
		abl_notify(r->study, text.text, log, last);
	free(log);
	abl_str_finish(&words), abl_str_finish(&text);
}

void abl_run_notify_wait(const struct abl_study_run *r, const char *message)
{
	struct abl_str text = {0};
	char *log;

	if (!r->study || !r->study->notify_count || !r->supervisor.run.folder)
		return;
	log = log_path(r);
	describe(r, "waiting", message, false, &text);
	if (text.length)
		abl_notify(r->study, text.text, log, false);
	free(log);
	abl_str_finish(&text);
}
