/* SPDX-License-Identifier: Apache-2.0 */
/* program_kinds.c - the stages of a user's program, as rows: the last step, whose numbers are the
 * trial's, and those before it. */
#include "kind.h"

#include "run_order.h"
#include "trial_file.h"

static double cost(const struct abl_plan_stage *stage, const struct abl_task_spec *task,
		   double text_bytes)
{
	(void)stage, (void)task, (void)text_bytes;
	return 1; /* nobody knows before one has run */
}

static double not_known(const struct abl_values *config)
{
	(void)config;
	return 0;
}

static int run(const struct abl_trial *t, const struct abl_events *events, struct abl_err *err)
{
	struct abl_order_read read = {0};
	int rc = t->order ? abl_order_read(&read, t->order, err)
			  : abl_err_set(err, ABL_EINPUT, "'order' is missing");

	rc = rc ? rc : abl_order_run(&read.order, t->output, t->path, t->resume, events, err);
	abl_order_read_finish(&read);
	return rc;
}

const struct abl_kind abl_kind_program = {
	.name = "program",
	.verb = "run",
	.one = "run",
	.many = "runs",
	.trains = true,
	.scores = true,
	.foreign = true,
	.cost = cost,
	.memory = not_known,
	.disk = not_known,
	.run = run,
};

const struct abl_kind abl_kind_program_step = {
	.name = "program_step",
	.verb = "step",
	.one = "step before",
	.many = "steps before",
	.trains = true,
	.foreign = true,
	.cost = cost,
	.memory = not_known,
	.disk = not_known,
	.run = run,
};
