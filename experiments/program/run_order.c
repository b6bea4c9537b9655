/* SPDX-License-Identifier: Apache-2.0 */
#include "run_order.h"

#include "collector.h"
#include "earlier_lines.h"
#include "files.h"
#include "json.h"
#include "machine.h"
#include "order_environment.h"
#include "order_keep.h"
#include "order_reason.h"
#include "process.h"
#include "saved_work.h"
#include "seal.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define OPTIONS "options.json"
#define TIMES_MAY_DIFFER 2. /* seconds, between our clock and that of the files */

struct running {
	const struct abl_order *o;
	const struct abl_events *events;
	const char *output;
	char *work;           /* the folder of {out}, by whose name its processes are marked */
	char *told, *options; /* the files of $ABLATE_EVENTS and $ABLATE_OPTIONS */
	char *printed;        /* the file of `earlier` */
	char *crashes;
	struct abl_earlier_lines earlier;
	bool resumes;
	double began;   /* seconds since 1970; 0: files can be older */
	double started; /* the same on the clock that nobody sets */
	struct abl_collector *collector;
	struct abl_process_end end;
};

static void say(const struct running *r, const char *text)
{
	if (r->events->message)
		r->events->message(r->events->data, text);
}

/* Before. */

static bool is_own_folder(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode);
}

/* What an earlier attempt has left running would write into the same folder. */
static void kill_earlier(const struct running *r)
{
	struct abl_str mark = {0}, text = {0};
	size_t n;

	abl_str_printf(&mark, "ABLATE_STAGE=%s", r->work);
	n = abl_process_kill_marked(mark.text);
	if (n) {
		abl_str_printf(&text, "%zu process%s of an earlier attempt: killed", n,
			       n == 1 ? "" : "es");
		say(r, text.text);
	}
	abl_str_finish(&mark);
	abl_str_finish(&text);
}

static int prepare(struct running *r, bool resume, struct abl_err *err)
{
	const struct abl_order *o = r->o;
	int rc = 0;

	if (abl_file_exists(r->o->out) || resume)
		kill_earlier(r);
	if (resume)
		rc = abl_saved_work_is_there(o, &r->resumes, err);
	if (!rc && !r->resumes)
		rc = abl_remove_tree(o->out, err);
	if (!rc && !r->resumes)
		rc = abl_remove_tree(r->crashes, err);
	rc = rc ? rc : abl_mkdir_all(o->out, err);
	/* who was killed while it put things there */
	rc = rc ? rc : abl_remove_tree(r->output, err);
	return rc ? rc : abl_mkdir_all(r->output, err);
}

/* Its path is a word of the command, and the same for every attempt, as {out} is. */
static int write_options(const struct running *r, struct abl_err *err)
{
	struct abl_json j = {.root = abl_words_options(r->o)};
	struct abl_str text = {0};
	int rc = j.root ? abl_json_end(&j, JSON_INDENT(2) | JSON_ENSURE_ASCII, "the options", &text,
				       err)
			: abl_err_set(err, ABL_EINPUT, "a value of an option is not UTF-8");

	abl_str_puts(&text, "\n");
	rc = rc ? rc : abl_file_write_passing(r->options, text.text, text.length, err);
	abl_str_finish(&text);
	return rc;
}

/* While it runs. */

static void hear_line(void *data, const char *line, size_t length)
{
	struct running *r = data;

	if (abl_collector_line(r->collector, line, length))
		abl_earlier_lines_add(&r->earlier, line, length);
}

static void hear_earlier_line(void *data, const char *line, size_t length)
{
	(void)abl_collector_line(((const struct running *)data)->collector, line, length);
}

/* What it has said so far is a part of what it will have said: a program that goes on from its last
 * checkpoint may have nothing more to say. */
static int open_said(struct running *r, struct abl_err *err)
{
	int rc = r->resumes ? 0 : abl_file_write_passing(r->told, "", 0, err);

	if (r->resumes)
		abl_earlier_lines_mend(r->told);
	rc = rc ? rc : abl_collector_create(&r->collector, r->o, r->told, r->events, err);
	if (!rc && r->o->resume_if)
		rc = abl_earlier_lines_open(&r->earlier, r->printed, r->resumes, hear_earlier_line,
					    r, err);
	return rc;
}

static void tick(void *data)
{
	struct running *r = data;

	abl_collector_poll(r->collector);
	abl_earlier_lines_write(&r->earlier);
}

static bool is_stopping(void *data)
{
	const struct abl_events *events = ((const struct running *)data)->events;

	return events->stopping && events->stopping(events->data);
}

static int start(struct running *r, const char *trial, struct abl_err *err)
{
	const struct abl_order *o = r->o;
	const struct abl_words_now now = {
		.options_file = r->options, .port = abl_order_free_port(), .resumes = r->resumes};
	const struct abl_order_paths paths = {
		.trial = trial, .events = r->told, .options = r->options, .stage = r->work};
	struct abl_argv given = {0}, all = {0};
	int rc = abl_words_fill(&given, o, &now, err);

	rc = rc ? rc : abl_order_start_words(&all, o, &given, &paths, err);
	if (!rc) {
		const struct abl_process_spec spec = {
			.argv = (const char *const *)all.word,
			.environment = (const char *const *)all.environment,
			.directory = o->directory,
			.log = STDERR_FILENO,
			.stop_signal = o->stop_signal,
			.stop_grace = o->stop_grace,
			.data = r,
			.line = hear_line,
			.tick = tick,
			.stopping = is_stopping,
		};

		rc = abl_process_run(&spec, &r->end, err);
	}
	abl_argv_finish(&given);
	abl_argv_finish(&all);
	return rc;
}

/* After. */

static void tell_left_behind(const struct running *r)
{
	struct abl_str text = {0};

	if (r->end.left_behind) {
		abl_str_printf(&text, "%zu process%s that the program had left behind: killed",
			       r->end.left_behind, r->end.left_behind == 1 ? "" : "es");
		say(r, text.text);
	}
	abl_str_finish(&text);
}

static int stopped(struct running *r, struct abl_err *err)
{
	bool can;
	const int rc = abl_saved_work_is_there(r->o, &can, err);

	if (rc)
		return rc;
	if (can && r->events->paused)
		r->events->paused(r->events->data, 0);
	return abl_err_set(err, ABL_ESTOP, "asked to stop");
}

/* What it had saved is kept for the next attempt, where that may go on from it. */
static int gave_up(struct running *r, bool starved, struct abl_err *err)
{
	const int rc = abl_order_reason(r->o, &r->end, starved, err);

	if (rc != ABL_EFAIL)
		return rc;
	if (!abl_saved_work_crashed(r->o, r->resumes, r->crashes, abl_clock_now() - r->started)) {
		if (r->resumes)
			say(r, "what it had gone on from is given up: the next attempt begins "
			       "anew");
	} else if (r->events->paused) {
		r->events->paused(r->events->data, 0);
	}
	return rc;
}

/* Files from before that are not the program's own. A clock that was set back meanwhile gives them
 * earlier times than it had at the start. */
static double began(const struct running *r)
{
	const double by_now =
		(double)time(NULL) - TIMES_MAY_DIFFER - (abl_clock_now() - r->started);

	return by_now < r->began ? by_now : r->began;
}

/* Reads the numbers; what is missing is told with the last words of the program. */
static int collect(struct running *r, struct abl_err *err)
{
	struct abl_err own = {0};
	struct abl_str words = {0};
	int rc;

	if (!access(r->o->out, F_OK) && !is_own_folder(r->o->out))
		return abl_err_set(err, ABL_EINPUT,
				   "the program has put a link or a file in the place of {out}: "
				   "only what lies in that folder itself is read and kept");
	rc = abl_collector_finish(r->collector, began(r), &own);
	if (rc == ABL_EINPUT && abl_order_last_words(r->end.tail, &words))
		abl_err_set(err, ABL_EINPUT, "%s; the last it printed: %s", own.text, words.text);
	else if (rc == ABL_EINPUT)
		abl_err_set(err, ABL_EINPUT, "%s; it ended with code 0 and printed nothing",
			    own.text);
	else if (rc)
		abl_err_set(err, (enum abl_code)rc, "%s", own.text);
	abl_str_finish(&words);
	if (!rc && abl_collector_selected(r->collector) && r->events->result)
		r->events->result(r->events->data, ABL_RESULT_SELECTED, 1);
	return rc;
}

static int keep(struct running *r, struct abl_err *err)
{
	const char *const *used = NULL;
	const int made = abl_collector_predictions(r->collector, r->output, err);
	size_t count;
	int rc;

	if (made < 0)
		return made;
	if (made && r->events->predictions)
		r->events->predictions(r->events->data, "predictions.tsv");
	count = abl_collector_used(r->collector, &used);
	rc = abl_order_keep(r->o, r->output, used, count, r->events, err);
	return rc;
}

/* The artefact: `output` with what stays, sealed, unless whoever called does that. */
static int seal(struct running *r, struct abl_err *err)
{
	const bool own = !abl_made_is_open();
	char hash[ABL_HASH_TEXT];
	struct abl_made made = {0};
	int rc;

	if (!is_own_folder(r->output))
		return abl_err_set(err, ABL_EINPUT,
				   "the program has removed or replaced '%s': it may write to "
				   "{out}, and not beside it",
				   r->output);
	if (own)
		abl_made_begin(&made);
	rc = keep(r, err);
	if (own) {
		abl_made_begin(NULL);
		rc = rc ? rc : abl_made_seal(&made, r->output, hash, err);
		if (!rc && r->events->sealed)
			r->events->sealed(r->events->data, hash);
	}
	abl_made_finish(&made);
	return rc;
}

static int run(struct running *r, const char *trial, bool resume, struct abl_err *err)
{
	const double kills = abl_machine_memory_kills();
	int rc = prepare(r, resume, err);

	rc = rc ? rc : write_options(r, err);
	rc = rc ? rc : open_said(r, err);
	if (rc)
		return rc;
	r->began = r->resumes ? 0 : (double)time(NULL) - TIMES_MAY_DIFFER;
	r->started = abl_clock_now();
	rc = start(r, trial, err);
	if (rc)
		return rc;
	tell_left_behind(r);
	if (r->end.asked)
		return stopped(r, err);
	if (r->end.signal || r->end.exit_code)
		return gave_up(r, abl_machine_memory_kills() > kills, err);
	rc = collect(r, err);
	return rc ? rc : seal(r, err);
}

int abl_order_run(const struct abl_order *o, const char *output, const char *trial, bool resume,
		  const struct abl_events *events, struct abl_err *err)
{
	struct running r = {.o = o,
			    .events = events,
			    .output = output,
			    .work = abl_path_dir(o->out),
			    .earlier = {.fd = -1}};
	int rc;

	r.options = abl_path_join(r.work, OPTIONS);
	r.told = abl_path_join(r.work, ABL_ORDER_EVENTS);
	r.printed = abl_path_join(r.work, ABL_ORDER_PRINTED);
	r.crashes = abl_path_join(r.work, ABL_ORDER_CRASHES);
	rc = run(&r, trial, resume, err);
	abl_collector_destroy(r.collector);
	abl_earlier_lines_close(&r.earlier);
	free(r.work);
	free(r.told);
	free(r.printed);
	free(r.crashes);
	free(r.options);
	return rc;
}

void abl_order_tidy(const struct abl_order *o)
{
	static const char *const beside[] = {OPTIONS, ABL_ORDER_EVENTS, ABL_ORDER_PRINTED,
					     ABL_ORDER_CRASHES};
	char *work = abl_path_dir(o->out);

	for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
		char *path = abl_path_join(work, beside[i]);

		unlink(path);
		free(path);
	}
	(void)!abl_remove_tree(o->out, NULL);
	free(work);
}
