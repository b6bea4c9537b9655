/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_stop.c - asks the run of a study, in another terminal or on another machine, to stop. */
#include "advice.h"
#include "args_study.h"
#include "command.h"
#include "going.h"
#include "machine.h"
#include "request.h"
#include "shell.h"
#include "standing.h"

#include <stdlib.h>
#include <time.h>

#define LOOK .2     /* seconds */
#define ANSWERS 8.0 /* seconds until the run has taken the request */

static const struct abl_command_option options[] = {
	{.name = "now",
	 .type = ABL_ARG_FLAG,
	 .help = "kill the running trials: they go on from what they have saved before"},
	{.name = "wait", .type = ABL_ARG_FLAG, .help = "return when the run has ended"},
	ABL_OPTION_STORE,
	{0},
};

struct going {
	int64_t run, study_id, pid;
	struct abl_str study, host;
};

static void take_going(void *data, const struct abl_going *g)
{
	struct going *out = data;

	out->run = g->run;
	out->study_id = g->study_id;
	out->pid = g->pid;
	abl_str_clear(&out->study), abl_str_clear(&out->host);
	abl_str_puts(&out->study, g->study);
	abl_str_puts(&out->host, g->host ? g->host : "?");
}

static int no_run(const struct abl_store *store, const char *name, const struct going *g,
		  struct abl_err *err)
{
	if (g->run)
		return abl_err_set(err, ABL_EFAIL,
				   "study '%s' is not running: '%s' is, in this store (pid %lld on "
				   "%s)",
				   name, g->study.text, (long long)g->pid, g->host.text);
	if (abl_store_is_alive(store))
		return abl_err_set(err, ABL_EFAIL,
				   "study '%s' is not running yet: the program that uses the store "
				   "'%s' has not begun a study, or does something else",
				   name, abl_store_folder(store));
	return abl_err_set(err, ABL_EFAIL,
			   "study '%s' is not running: no ablate run uses the store '%s'", name,
			   abl_store_folder(store));
}

/* Is that start of the program still going? Opens the store anew, as it may be a copy. */
static int is_going(const struct abl_args *args, int64_t run, bool *on, struct abl_err *err)
{
	struct abl_store *store;
	struct going now = {0};
	int rc = abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, err);

	if (rc)
		return rc;
	rc = abl_read_going(store, take_going, &now, err);
	*on = rc == 1 && now.run == run;
	abl_store_close(store);
	abl_str_finish(&now.study), abl_str_finish(&now.host);
	return rc < 0 ? rc : 0;
}

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = (long)(1e9 * LOOK)}, NULL);
}

/* Until the run has taken the request, or with --wait has ended. */
static int wait_for(const struct abl_args *args, const struct going *g, bool *taken,
		    struct abl_err *err)
{
	const char *folder = abl_args_store(args);
	const double began = abl_clock_now();
	bool on = true;
	int rc = 0;

	*taken = false;
	while (!rc && !*taken && abl_clock_now() - began < ANSWERS) {
		nap();
		*taken = !abl_request_is_there(folder, g->study.text);
	}
	while (!rc && *taken && on && abl_args_flag(args, "wait")) {
		nap();
		rc = is_going(args, g->run, &on, err);
	}
	return rc;
}

static void take_path(void *data, const struct abl_standing *s)
{
	if (s->path)
		abl_str_puts(data, s->path);
}

static int ask(const struct abl_args *args, const struct going *g, const char *path,
	       struct abl_err *err)
{
	const bool now = abl_args_flag(args, "now"), wait = abl_args_flag(args, "wait");
	bool taken = false;
	int rc = abl_request_put(abl_args_store(args), g->study.text, now, err);

	rc = rc ? rc : wait_for(args, g, &taken, err);
	if (rc)
		return rc;
	if (!taken)
		return abl_err_set(err, ABL_EFAIL,
				   "the run of '%s' (pid %lld on %s) has been asked to stop, but "
				   "has not answered: it takes the request when it goes on",
				   g->study.text, (long long)g->pid, g->host.text);
	abl_advice_print(stdout, "%s: %s; 'ablate run %s' goes on\n", g->study.text,
			 wait  ? "stopped"
			 : now ? "stopping: its running trials are killed"
			       : "stopping: its running trials save their state",
			 path ? abl_shell_quoted(path) : "FILE");
	return 0;
}

static int exec_stop(const struct abl_args *args, struct abl_err *err)
{
	struct abl_str name = {0}, path = {0};
	struct abl_store *store = NULL;
	struct going g = {0};
	int64_t study = 0;
	int rc = abl_study_arg_named(args, args->word[0], &store, &study, &name, err);

	if (!rc) {
		rc = abl_read_going(store, take_going, &g, err);
		rc = rc == 1 && g.study_id == study ? 0
		     : rc < 0                       ? rc
						    : no_run(store, name.text, &g, err);
	}
	rc = rc ? rc : abl_read_standing(store, study, take_path, &path, err);
	abl_store_close(store);
	rc = rc ? rc : ask(args, &g, path.text, err);
	abl_str_finish(&name), abl_str_finish(&path);
	abl_str_finish(&g.study), abl_str_finish(&g.host);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_stop = {
	.name = "stop",
	.usage = "STUDY [--now] [--wait] [--store DIR]",
	.summary = "ask the run of a study to stop",
	.details = "The run takes the request within a second or two, wherever it was started: "
		   "running trials save\n"
		   "their state, as with Ctrl-C, and 'ablate run' ends with exit code 3. The same "
		   "command goes on. Where it runs several studies, the next one begins.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec_stop,
};
