/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "compute.h"
#include "files.h"
#include "seal.h"
#include "stage_run.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int (*run)(const struct abl_stage_request *r, const struct abl_compute *compute,
		   const struct abl_events *e, struct abl_err *err);
} stages[ABL_STAGES] = {
	[ABL_STAGE_VOCAB] = {"vocab", stage_vocab},
	[ABL_STAGE_TOKENIZE] = {"tokenize", stage_tokenize},
	[ABL_STAGE_PRETRAIN] = {"pretrain", stage_pretrain},
	[ABL_STAGE_FINETUNE] = {"finetune", stage_finetune},
	[ABL_STAGE_EVALUATE] = {"evaluate", stage_evaluate},
};

const char *abl_stage_name(enum abl_stage_kind kind)
{
	return stages[kind].name;
}

int abl_stage_find(const char *name)
{
	for (int i = 0; i < ABL_STAGES; i++)
		if (!strcmp(stages[i].name, name))
			return i;
	return -1;
}

/* Files of other stages: are they what those had made? A folder of the user's has no seal. */
static int check_inputs(const struct abl_stage_request *r, struct abl_err *err)
{
	char *vocab = r->vocab ? abl_path_dir(r->vocab) : NULL;
	const char *folders[] = {vocab, r->corpus, r->parent};
	int rc = 0;

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (folders[i] && !rc)
			rc = abl_made_check(folders[i], NULL, ABL_LOOK_ALL, err);
	free(vocab);
	return rc;
}

int abl_stage_run(const struct abl_stage_request *request, const struct abl_events *events,
		  struct abl_err *err)
{
	char seal[ABL_HASH_TEXT];
	struct abl_made made = {0};
	struct abl_compute *compute = NULL;
	int rc = check_inputs(request, err);

	rc = rc ? rc
		: abl_compute_create(&compute, request->config->precision, request->threads, err);
	abl_made_begin(&made);
	rc = rc ? rc : stages[request->kind].run(request, compute, events, err);
	abl_made_begin(NULL);
	rc = rc ? rc : abl_made_write_seal(&made, request->output, seal, err);
	if (!rc && events->sealed)
		events->sealed(events->data, seal);
	abl_made_finish(&made);
	abl_compute_destroy(compute);
	return rc;
}
