/* SPDX-License-Identifier: Apache-2.0 */
#include "task_check.h"

#include "str.h"
#include "task.h"

#include <string.h>

enum { MAX_LENGTH = 512 };

static struct abl_vocab *bare_vocab(struct abl_err *err)
{
	struct abl_vocab *v = abl_vocab_create();

	for (enum abl_special s = ABL_PAD; s <= ABL_MASK; s++) {
		const char *piece = abl_special_text(s);

		if (abl_vocab_add(v, piece, strlen(piece), err))
			goto fail;
	}
	if (!abl_vocab_complete(v, err))
		return v;
fail:
	abl_vocab_destroy(v);
	return NULL;
}

int abl_task_check(const struct abl_task_spec *spec, const char *split, struct abl_err *err)
{
	const struct abl_task_type *type = abl_task_type_find(spec->type);
	struct abl_vocab *v = type ? bare_vocab(err) : NULL;
	struct abl_tokenizer *tokenizer;
	struct abl_task *train = NULL, *scored = NULL;
	struct abl_layout layout;
	int rc;

	if (!type)
		return abl_err_set(err, ABL_EINPUT, "task '%s' has unknown type '%s'", spec->name,
				   spec->type);
	if (!v)
		return ABL_EINPUT;
	layout = (struct abl_layout){.first = abl_vocab_special(v, ABL_CLS),
				     .between = abl_vocab_special(v, ABL_SEP),
				     .last = abl_vocab_special(v, ABL_SEP),
				     .read_first = true,
				     .max_length = MAX_LENGTH};
	tokenizer = abl_tokenizer_create(v, false);
	rc = type->load(&train, spec, "train", NULL, &(struct abl_task_tools){tokenizer, &layout},
			err);
	if (!rc && strcmp(split, "train") != 0)
		rc = type->load(&scored, spec, split, train,
				&(struct abl_task_tools){tokenizer, &layout}, err);
	type->destroy(train);
	type->destroy(scored);
	abl_tokenizer_destroy(tokenizer);
	abl_vocab_destroy(v);
	return rc;
}

int abl_task_check_metric(const struct abl_task_spec *spec, struct abl_err *err)
{
	const struct abl_task_type *type = abl_task_type_find(spec->type);
	struct abl_str names = {0};
	size_t i = 0;

	if (!type || !spec->metric)
		return 0;
	for (; type->metrics[i]; i++) {
		if (!strcmp(type->metrics[i], spec->metric))
			break;
		abl_str_printf(&names, "%s'%s'", i ? ", " : "", type->metrics[i]);
	}
	if (!type->metrics[i])
		abl_err_set(err, ABL_EINPUT, "task '%s' has metric '%s'; type '%s' has %s",
			    spec->name, spec->metric, type->facts->name, names.text);
	abl_str_finish(&names);
	return type->metrics[i] ? 0 : ABL_EINPUT;
}
