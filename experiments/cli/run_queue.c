/* SPDX-License-Identifier: Apache-2.0 */
#include "run_queue.h"

#include "argv.h"
#include "files.h"
#include "head_file.h"
#include "listener.h"
#include "machine.h"
#include "slurm_control.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT 1.0 /* seconds from one count of what is left to the next */

struct abl_run_queue {
	struct abl_run_queue_setup setup;
	struct abl_executor *control;
	struct abl_argv words; /* that start a worker */
	char *logs;
	double counted; /* when `left` was, by abl_clock_now() */
	size_t left;
};

/* Stages that are not done and not given up. */
static size_t count_left(void *data)
{
	struct abl_run_queue *q = data;
	const struct abl_run *run = &q->setup.run->supervisor.run;

	if (abl_clock_now() - q->counted < COUNT)
		return q->left;
	q->counted = abl_clock_now();
	q->left = 0;
	for (size_t i = 0; i < run->node_count; i++)
		q->left += run->nodes[i].state == ABL_WAITING || run->nodes[i].state == ABL_RUNNING;
	return q->left;
}

static void says(void *data, const char *text)
{
	const struct abl_run_queue *q = data;

	q->setup.says(q->setup.data_of_hooks, text);
}

static void add_words(struct abl_run_queue *q)
{
	const struct abl_run_queue_setup *s = &q->setup;
	struct abl_argv *w = &q->words;
	char *head = abl_path_join(s->store, ABL_HEAD_FILE), number[32];

	abl_argv_add(w, s->program);
	abl_argv_add(w, "worker");
	abl_argv_add(w, "--connect");
	abl_argv_add(w, head);
	abl_argv_add(w, "--store");
	abl_argv_add(w, s->store);
	if (s->data) {
		abl_argv_add(w, "--data");
		abl_argv_add(w, s->data);
	}
	if (s->place->slots > 0) {
		snprintf(number, sizeof number, "%lld", (long long)s->place->slots);
		abl_argv_add(w, "--workers");
		abl_argv_add(w, number);
	}
	free(head);
}

int abl_run_queue_create(struct abl_run_queue **out, const struct abl_run_queue_setup *setup,
			 struct abl_executor *executors, struct abl_err *err)
{
	const struct abl_cluster *c = &setup->run->study->cluster;
	struct abl_run_queue *q = abl_calloc(1, sizeof *q);
	const struct abl_listener_setup port = {.store = setup->store,
						.port = (int)c->ports,
						.last = (int)c->last_port,
						.data = setup->data_of_hooks,
						.joined = setup->add,
						.say = setup->says};
	struct abl_slurm_setup control = {.study = setup->run->study->name,
					  .options = (const char *const *)c->slurm,
					  .workers = c->workers > 0 ? c->workers : 1,
					  .grace = setup->grace,
					  .data = q,
					  .left = count_left};
	int rc;

	*out = NULL;
	q->setup = *setup;
	q->logs = abl_strdup(setup->logs);
	add_words(q);
	control.folder = q->logs;
	control.words = (const char *const *)q->words.word;
	control.says = says;
	rc = abl_listener_open(&executors[0], &port, err);
	if (!rc) {
		rc = abl_slurm_control_init(&executors[1], &control, err);
		if (rc)
			abl_executor_finish(&executors[0]);
	}
	if (rc) {
		abl_run_queue_destroy(q);
		return rc;
	}
	q->control = &executors[1];
	*out = q;
	return 0;
}

void abl_run_queue_destroy(struct abl_run_queue *q)
{
	if (!q)
		return;
	abl_argv_finish(&q->words);
	free(q->logs);
	free(q);
}

void abl_run_queue_joined(struct abl_run_queue *q, int64_t number, const struct abl_hello *hello)
{
	if (q)
		(void)abl_slurm_control_joined(q->control, number, hello->job, hello->array,
					       hello->node);
}

void abl_run_queue_gone(struct abl_run_queue *q, int64_t number, enum abl_remote_how how)
{
	if (q)
		abl_slurm_control_gone(q->control, number, how == ABL_REMOTE_LOST);
}

bool abl_run_queue_may_come(const struct abl_run_queue *q)
{
	return q && abl_slurm_control_may_come(q->control);
}

int abl_run_queue_failure(const struct abl_run_queue *q, struct abl_err *err)
{
	return q && !abl_run_queue_may_come(q) ? abl_slurm_control_failure(q->control, err) : 0;
}
