/* SPDX-License-Identifier: Apache-2.0 */
/* program_kinds.c - the stages of a user's program, as rows: the last step, whose numbers are the
 * trial's, and those before it. */
#include "kind.h"

#include "run_order.h"
#include "secret_name.h"
#include "str.h"
#include "trial_file.h"

#include <stdlib.h>

static double cost(const struct abl_plan_stage *stage, const struct abl_cost_base *base)
{
	(void)stage, (void)base;
	return 1; /* nobody knows before one has run */
}

static double not_known(const struct abl_values *config)
{
	(void)config;
	return 0;
}

/* The settings, with the values that no file has. */
static struct abl_order_setting *with_secrets(const struct abl_order_setting *s, size_t count)
{
	struct abl_order_setting *all = abl_calloc(count + 1, sizeof *all);
	struct abl_str name = {0};

	for (size_t i = 0; i < count; i++) {
		all[i] = s[i];
		abl_str_clear(&name);
		abl_str_printf(&name, ABL_SECRET_VARIABLE "%s", s[i].name);
		if (!all[i].value)
			all[i].value = getenv(name.text);
		if (!all[i].value)
			all[i].value = "";
	}
	abl_str_finish(&name);
	return all;
}

static int run(const struct abl_trial *t, const struct abl_events *events, struct abl_err *err)
{
	struct abl_order_setting *own = NULL, *passed = NULL;
	struct abl_order_read read = {0};
	int rc = t->order ? abl_order_read(&read, t->order, err)
			  : abl_err_set(err, ABL_EINPUT, "'order' is missing");

	if (!rc) {
		own = with_secrets(read.order.environment, read.order.environment_count);
		passed = with_secrets(read.order.pass, read.order.pass_count);
		read.order.environment = own;
		read.order.pass = passed;
	}
	rc = rc ? rc : abl_order_run(&read.order, t->output, t->path, t->resume, events, err);
	abl_order_read_finish(&read);
	free(own), free(passed);
	return rc;
}

static void tidy(const struct abl_trial *t)
{
	struct abl_order_read read = {0};

	if (!abl_order_read(&read, t->order, NULL))
		abl_order_tidy(&read.order);
	abl_order_read_finish(&read);
}

#define FOREIGN                                                                                \
	.trains = true, .foreign = true, .cost = cost, .memory = not_known, .disk = not_known, \
	.run = run, .tidy = tidy

const struct abl_kind abl_kind_program = {
	.name = "program",
	.verb = "run",
	.one = "run",
	.many = "runs",
	.scores = true,
	FOREIGN,
};

const struct abl_kind abl_kind_program_step = {
	.name = "program_step",
	.verb = "step",
	.one = "step before",
	.many = "steps before",
	FOREIGN,
};
