/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_logs.c - what the stages of a trial wrote, attempt by attempt, and what they write now. */
#include "advice.h"
#include "args_trial.h"
#include "attempts.h"
#include "command.h"
#include "files.h"
#include "hint.h"
#include "log_tail.h"
#include "machine.h"
#include "terminal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK .3    /* seconds: at the files */
#define ASK 1.0    /* the same: the store, for what has ended or begun */
#define AGAIN 20.0 /* the same: what failed from outside may be tried again */

static const struct abl_command_option options[] = {
	{.name = "follow",
	 .letter = 'f',
	 .type = ABL_ARG_FLAG,
	 .help = "go on until the trial has ended"},
	{.name = "stage",
	 .type = ABL_ARG_TEXT,
	 .value = "STAGE",
	 .help = "this stage alone: 'pretrain', 'finetune', a step of a program"},
	ABL_OPTION_STORE,
	{0},
};

struct log { /* of an attempt */
	char *key;
	int64_t number;
	struct abl_str heading;
	struct abl_log_tail tail;
	bool shown; /* its heading was */
};

struct logs {
	const struct abl_trial_arg *what;
	const char *folder, *stage; /* stage NULL: all */
	struct log *items;
	size_t count, capacity, last; /* last: whose heading stands above what is printed next */
	bool terminal;
	/* as of the last question */
	const char **stages; /* [stage_count] names that there are, interned */
	size_t stage_count, stage_capacity;
	size_t open, running; /* stages that have not ended; of them */
	bool may_again;       /* one failed by something from outside */
	const char *ended;    /* how one did that stops the trial, interned; NULL: none */
};

/* ---- what there is ---- */

static const char *clock_of(double when, char out[32])
{
	const time_t at = (time_t)when, now = time(NULL);
	struct tm then, today;

	if (!localtime_r(&at, &then) || !localtime_r(&now, &today))
		return "?";
	strftime(out, 32,
		 then.tm_yday == today.tm_yday && then.tm_year == today.tm_year ? "%H:%M:%S"
										: "%Y-%m-%d %H:%M",
		 &then);
	return out;
}

static void add_outcome(struct abl_str *out, const struct abl_trial_attempt *a)
{
	char text[32];

	if (!a->number)
		abl_str_printf(out, ": %s", a->stage_state == ABL_DONE ? "done" : "not begun");
	else if (isnan(a->ended) && a->stage_state == ABL_RUNNING && a->number == a->of)
		abl_str_printf(out, ": running since %s", clock_of(a->started, text));
	else if (isnan(a->ended))
		abl_str_printf(out, ": begun at %s, its end was not seen",
			       clock_of(a->started, text));
	else if (a->reason && !strcmp(a->state, "waiting"))
		abl_str_printf(out, ": %s", a->reason);
	else
		abl_str_printf(out, ": %s%s%s", a->state, a->reason ? ": " : "",
			       a->reason ? a->reason : "");
	if (!isnan(a->seconds))
		abl_str_printf(out, " after %s", abl_format_duration(a->seconds, text));
}

static void describe(struct log *log, const struct abl_trial_attempt *a)
{
	abl_str_clear(&log->heading);
	abl_str_printf(&log->heading, "==> %s", a->stage);
	if (!strcmp(a->role, "test") || !strncmp(a->role, "repeat", 6))
		abl_str_printf(&log->heading, " (%s)", a->role);
	if (a->number)
		abl_str_printf(&log->heading, ", attempt %lld", (long long)a->number);
	if (a->of > 1)
		abl_str_printf(&log->heading, " of %lld", (long long)a->of);
	add_outcome(&log->heading, a);
	abl_str_puts(&log->heading, "\n");
	if (a->log)
		abl_str_printf(&log->heading, "    %s\n", log->tail.path);
}

static struct log *find(struct logs *l, const struct abl_trial_attempt *a)
{
	struct log *log;

	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->items[i].key, a->key) &&
		    (l->items[i].number == a->number || !l->items[i].number)) {
			l->items[i].number = a->number;
			return &l->items[i];
		}
	abl_grow(&l->items, &l->capacity, l->count + 1, sizeof *l->items);
	log = &l->items[l->count++];
	*log = (struct log){.key = abl_strdup(a->key), .number = a->number};
	return log;
}

static void note_stage(struct logs *l, const char *name)
{
	const char *own = abl_intern(name);

	for (size_t i = 0; i < l->stage_count; i++)
		if (l->stages[i] == own)
			return;
	abl_grow(&l->stages, &l->stage_capacity, l->stage_count + 1, sizeof *l->stages);
	l->stages[l->stage_count++] = own;
}

static bool is_wanted(const struct logs *l, const struct abl_trial_attempt *a)
{
	return !l->stage || abl_same_word(l->stage, a->stage) || abl_same_word(l->stage, a->role);
}

/* Failed by something that a run tries again. */
static bool is_from_outside(const struct abl_trial_attempt *a)
{
	return a->cause && abl_is_one_of("memory|crash|disk|killed|lost|not started", a->cause);
}

static void hear(void *data, const struct abl_trial_attempt *a)
{
	struct logs *l = data;
	struct log *log;

	note_stage(l, a->stage);
	if (!is_wanted(l, a))
		return;
	if (a->number == a->of) {
		l->open += a->stage_state == ABL_WAITING || a->stage_state == ABL_RUNNING;
		l->running += a->stage_state == ABL_RUNNING;
		if (a->stage_state != ABL_WAITING && a->stage_state != ABL_RUNNING &&
		    a->stage_state != ABL_DONE) {
			l->ended = abl_intern(abl_state_name(a->stage_state));
			l->may_again |= is_from_outside(a);
		}
	}
	log = find(l, a);
	if (a->log && !log->tail.path)
		log->tail.path = abl_path_join(l->folder, a->log);
	describe(log, a);
}

static int ask(struct logs *l, struct abl_store *store, struct abl_err *err)
{
	l->open = l->running = l->stage_count = 0;
	l->ended = NULL;
	l->may_again = false;
	return l->what->trial ? abl_read_attempts(store, l->what->trial, hear, l, err)
			      : abl_read_stage_attempts(store, l->what->key, hear, l, err);
}

/* ---- printing ---- */

/* What is new, each part under its heading. */
static void show(struct logs *l, bool last)
{
	for (size_t i = 0; i < l->count; i++) {
		struct log *log = &l->items[i];
		const enum abl_log_news news =
			log->tail.path ? abl_log_tail_look(&log->tail) : ABL_LOG_MISSING;

		if (!log->number && !last)
			continue; /* it may begin yet */
		if (!log->shown || (news == ABL_LOG_MORE && l->last != i)) {
			printf("%s%s", log->shown || i ? "\n" : "", log->heading.text);
			if (!log->shown && news == ABL_LOG_MISSING && log->tail.path)
				printf("    this file is not there any more\n");
			log->shown = true;
			l->last = i;
		}
		if (log->tail.path)
			abl_log_tail_print(&log->tail, stdout, l->terminal, last);
	}
	fflush(stdout);
}

static const char *stage_at(size_t i, const void *data)
{
	return ((const struct logs *)data)->stages[i];
}

static int check(const struct logs *l, const char *word, struct abl_err *err)
{
	struct abl_str names = {0};
	int rc = 0;

	if (!l->count && l->stage) {
		abl_hint_names(&names, l->stage_count, stage_at, l);
		rc = abl_err_set(err, ABL_EINPUT, "trial '%s' has no stage '%s': it has %s", word,
				 l->stage, names.text);
	} else if (!l->count) {
		rc = abl_err_set(
			err, ABL_EINPUT,
			"trial '%s' has no stages: it was loaded, or waits for a value that "
			"is being tuned",
			word);
	}
	abl_str_finish(&names);
	return rc;
}

/* ---- following ---- */

static void nap(double seconds)
{
	nanosleep(&(struct timespec){.tv_nsec = (long)(1e9 * seconds)}, NULL);
}

/* Until nothing more will come: the trial has ended, or nobody runs it. */
static int follow(struct logs *l, const struct abl_args *args, struct abl_err *err)
{
	double asked = 0, failed_at = 0;

	for (;;) {
		struct abl_store *store;
		bool alive;
		int rc;

		show(l, false);
		if (ferror(stdout))
			return 0;
		if (abl_clock_now() - asked < ASK) {
			nap(LOOK);
			continue;
		}
		asked = abl_clock_now();
		rc = abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, err);
		if (rc)
			return rc;
		alive = abl_store_is_alive(store);
		rc = ask(l, store, err);
		abl_store_close(store);
		if (rc)
			return rc;
		if (!l->ended)
			failed_at = 0;
		else if (failed_at <= 0)
			failed_at = asked;
		if (!alive || (!l->open && !l->ended) ||
		    (l->ended && !l->running && (!l->may_again || asked - failed_at > AGAIN)))
			break;
	}
	show(l, true);
	if (l->ended)
		printf("\n==> %s\n", l->ended);
	else if (!l->open)
		printf("\n==> done\n");
	else
		abl_advice_print(stdout, "\n==> not done, and no ablate run is alive\n");
	return 0;
}

static void finish(struct logs *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->items[i].key);
		abl_str_finish(&l->items[i].heading);
		abl_log_tail_finish(&l->items[i].tail);
	}
	free(l->items), free(l->stages);
}

static int exec_logs(const struct abl_args *args, struct abl_err *err)
{
	struct abl_trial_arg what;
	struct logs l = {.what = &what,
			 .folder = abl_args_store(args),
			 .stage = abl_args_text(args, "stage"),
			 .terminal = isatty(STDOUT_FILENO)};
	struct abl_store *store;
	int rc = abl_trial_arg_open(args, args->word[0], &store, &what, err);

	if (rc)
		return ABL_EXIT_FAILED;
	rc = ask(&l, store, err);
	abl_store_close(store);
	rc = rc ? rc : check(&l, args->word[0], err);
	if (!rc && abl_args_flag(args, "follow"))
		rc = follow(&l, args, err);
	else if (!rc)
		show(&l, true);
	finish(&l);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_logs = {
	.name = "logs",
	.usage = "TRIAL [-f] [--stage STAGE] [--store DIR]",
	.summary = "show what a trial wrote, attempt by attempt",
	.details = "TRIAL is its number ('failed:' lines and 'ablate results STUDY --trials' have "
		   "it), or\n"
		   "STUDY/VARIANT/TASK/SEED with parts left out where one trial is meant; a stage "
		   "by the beginning\n"
		   "of its key will do, too. With -f it goes on until the trial has ended.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec_logs,
};
