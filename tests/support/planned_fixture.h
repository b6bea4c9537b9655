/* SPDX-License-Identifier: Apache-2.0 */
/* planned_fixture.h - small studies on the built-in world, planned in a folder that main() makes.
 */
#ifndef ABL_PLANNED_FIXTURE_H
#define ABL_PLANNED_FIXTURE_H

#include "files.h"
#include "native_config.h"
#include "engine.h"
#include "plan.h"
#include "str.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-plan-XXXXXX";

struct planned {
	struct abl_study *study;
	struct abl_plan *plan;
};

/* A study of this text, planned. */
static struct planned plan(const char *text)
{
	char *path = abl_path_join(folder, "study.yaml");
	struct planned p = {0};
	struct abl_err err = {0};

	ck_assert_int_eq(abl_file_write(path, text, strlen(text), &err), 0);
	ck_assert_msg(!abl_study_load(&p.study, path, NULL, &err), "%s", err.text);
	ck_assert_msg(!abl_plan_create(&p.plan, p.study, NULL, &err), "%s", err.text);
	free(path);
	return p;
}

static void finish(struct planned *p)
{
	abl_plan_destroy(p->plan);
	abl_study_destroy(p->study);
}

static inline size_t count(const struct abl_plan *p, const char *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < p->stage_count; i++)
		n += !strcmp(p->stages[i].kind->name, kind);
	return n;
}

#define HEAD "data: world\nvocab: 512\n"
#define BODY "pretraining: {texts: world}\ntasks: [sentiment]\nbaseline: {layers: 1, hidden: 64}\n"

#endif
