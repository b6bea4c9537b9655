/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_worker.c - runs stages on this machine for a run elsewhere. Whatever carries it (ssh, srun,
 * docker exec) is started by `ablate run --on`; nobody types it. */
#include "cards.h"
#include "command.h"
#include "compute.h"
#include "dial.h"
#include "files.h"
#include "link_process.h"
#include "machine.h"
#include "native_space.h"
#include "store.h"
#include "str.h"
#include "worker.h"
#include "worker_site.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct abl_command_option options[] = {
	ABL_OPTION_STORE,
	ABL_OPTION_DATA,
	{.name = "stdio",
	 .type = ABL_ARG_FLAG,
	 .help = "talk to the run by standard input and output"},
	{.name = "connect",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "call the run, whose STORE/head.json this is, and call it again when it is gone"},
	{.name = "workers",
	 .letter = 'j',
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "stages at a time (default: as many as its cores take)"},
	{.name = "threads",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "threads of each (default: its cores, shared among --workers; else 1)"},
	{.name = "name",
	 .type = ABL_ARG_TEXT,
	 .value = "NAME",
	 .help = "what its messages, and the run that it calls, call it"},
	{0},
};

/* What is known of this machine, and memory for what hello only points to. */
struct facts {
	struct abl_provenance made_by;
	struct abl_site site;
	struct abl_cards cards;
	char keys[ABL_HASH_TEXT];
	char kernels[64];
};

static const char *or_none(const char *text)
{
	return *text ? text : NULL;
}

static void gather(struct facts *f, struct abl_hello *out)
{
	const int cores = abl_machine_cores();

	abl_provenance_gather(&f->made_by);
	abl_site_read(&f->site);
	abl_cards_init(&f->cards, 1);
	abl_compute_kernel_sets("fp32", f->kernels, sizeof f->kernels);
	*out = (struct abl_hello){
		.version = ABL_VERSION,
		.keys = abl_space_hash(abl_native_space(), f->keys),
		.host = f->made_by.host,
		.cpu = f->made_by.cpu,
		.engine = ABL_VERSION,
		.compiler = f->made_by.compiler,
		.kernels = f->kernels,
		.cores = f->site.cores > 0 && f->site.cores < cores ? f->site.cores : cores,
		.memory = fmin(abl_machine_memory(), f->site.memory),
		.cards = {(const char *const *)f->cards.name, f->cards.count},
		.job = or_none(f->site.job),
		.array = or_none(f->site.array),
		.node = or_none(f->site.node),
	};
}

/* As many stages as cores, or as many threads for each as cores are there for it. */
static void share_cores(const struct abl_args *args, struct abl_hello *h)
{
	h->threads = abl_args_int(args, "threads", 0);
	h->slots = abl_args_int(args, "workers", 0);
	if (h->slots < 1)
		h->slots = h->cores / (h->threads > 1 ? h->threads : 1);
	if (h->slots < 1)
		h->slots = 1;
	if (h->threads < 1)
		h->threads = h->cores > h->slots ? h->cores / h->slots : 1;
}

static double seconds_left(void *data)
{
	return abl_site_seconds_left(&((const struct facts *)data)->site);
}

static const char *own_name = "";

static void say(void *data, const char *text)
{
	char now[16];

	fprintf(stderr, "%s  worker%s%s: %s\n", abl_clock_day(0, now), *own_name ? " " : "",
		own_name, text);
}

/* Absolute, and without links where there is such a folder. The caller's. */
static char *root_of(const char *path)
{
	char *there = abl_real_path(path), *here;

	if (there)
		return there;
	here = abl_real_path(".");
	there = abl_path_join(here, path);
	free(here);
	return there;
}

static int check(const struct abl_args *args, struct abl_err *err)
{
	const bool stdio = abl_args_flag(args, "stdio");

	if (stdio == (abl_args_text(args, "connect") != NULL))
		return abl_err_set(err, ABL_EINPUT,
				   "'worker' is started by 'ablate run --on', with --stdio or with "
				   "--connect STORE/head.json");
	/* standard output can be one: srun --unbuffered makes one of it */
	if (stdio && isatty(STDIN_FILENO))
		return abl_err_set(err, ABL_EINPUT,
				   "'worker' talks to 'ablate run --on' by its standard input, "
				   "and here is a terminal; leave out '-t' of what starts it");
	return 0;
}

/* The store, beside whose database the head's file lies, where none is named. The caller's. */
static char *store_of(const struct abl_args *args)
{
	const char *head = abl_args_text(args, "connect");
	char *folder, *store;

	if (!head || abl_args_text(args, "store"))
		return root_of(abl_args_store(args));
	folder = abl_path_dir(head);
	store = root_of(folder);
	free(folder);
	return store;
}

static int find_head(const struct abl_args *args, struct abl_link *link, struct abl_dial **dial,
		     struct abl_err *err)
{
	const char *head = abl_args_text(args, "connect");

	return head ? abl_dial_create(dial, head, ABL_DIAL_PAUSE, err)
		    : abl_link_streams(link, err);
}

static int exec_worker(const struct abl_args *args, struct abl_err *err)
{
	struct facts facts;
	struct abl_worker_setup setup = {
		.hooks = {.data = &facts, .seconds_left = seconds_left, .says = say}};
	struct abl_link link = {0};
	const char *data = abl_args_text(args, "data");
	char *store, *own_data;
	int rc = check(args, err);

	if (rc)
		return ABL_EXIT_USAGE;
	abl_worker_guard();
	if (abl_args_text(args, "name"))
		own_name = abl_args_text(args, "name");
	if (!data)
		data = getenv("ABLATE_DATA");
	setup.store = store = store_of(args);
	setup.data = own_data = data && *data ? root_of(data) : NULL;
	if (own_data) /* programs of the user's find it by that */
		setenv("ABLATE_DATA", own_data, 1);
	gather(&facts, &setup.hello);
	setup.hello.name = abl_args_text(args, "name");
	share_cores(args, &setup.hello);
	rc = find_head(args, &link, &setup.dial, err);
	rc = rc ? rc : abl_worker_run(&setup, &link, err);
	abl_dial_destroy(setup.dial);
	abl_cards_finish(&facts.cards);
	free(store), free(own_data);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_worker = {
	.name = "worker",
	.usage = "--stdio|--connect FILE --store DIR [--data DIR] [--workers N] [--threads N] "
		 "[--name NAME]",
	.summary = "run stages here for a run elsewhere; 'ablate run --on' starts it",
	.details = "Says what machine this is, and runs the stages that the run gives it, until "
		   "none is left. It never\n"
		   "opens the database. What it runs when the run is gone may end for a while, "
		   "and then saves its state;\n"
		   "SIGTERM or SIGUSR1 lets it save at once and end. Exit code 3: the run does not "
		   "want it, and says why.",
	.options = options,
	.hidden = true,
	.exec = exec_worker,
};
