/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "gemm.h"
#include "stage_run.h"

#include <string.h>

static const struct {
	const char *name;
	int (*run)(const struct abl_stage_request *r, const struct abl_events *e,
		   struct abl_err *err);
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

int abl_stage_run(const struct abl_stage_request *request, const struct abl_events *events,
		  struct abl_err *err)
{
	int rc;

	abl_gemm_threads(request->threads > 0 ? request->threads : 1);
	rc = abl_gemm_precision(request->config->precision, err);
	return rc ? rc : stages[request->kind].run(request, events, err);
}
