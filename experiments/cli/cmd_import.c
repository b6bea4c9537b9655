/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_import.c - a Hugging Face folder as a checkpoint of ours. */
#include "class_labels.h"
#include "class_names.h"
#include "command.h"
#include "hf_folder.h"

#include <stdio.h>

/* Names that a folder of ours could not hold. */
static int check_labels(const char *labels, struct abl_err *err)
{
	struct abl_class_labels names = {0};
	int rc = 0;

	if (labels)
		abl_class_labels_split(&names, labels);
	for (size_t i = 0; !rc && i < names.count; i++)
		if (!*names.name[i] || abl_class_labels_find(&names, names.name[i]) < (int32_t)i)
			rc = abl_err_set(err, ABL_EINPUT,
					 "--labels: '%s': give different names, joined by '|'",
					 labels);
	abl_class_labels_finish(&names);
	return rc;
}

/* The classes in their order: whoever predicts with them relies on it. */
static int print_classes(const char *folder, struct abl_err *err)
{
	struct abl_saved saved;
	int rc = abl_saved_open(&saved, folder, err);

	if (rc)
		return rc;
	if (abl_class_names_missing(saved.labels))
		printf("classes: without names (%s); --labels 'A|B|...' gives them\n",
		       saved.labels);
	else if (saved.labels)
		printf("classes: %s\n", saved.labels);
	abl_saved_finish(&saved);
	return 0;
}

static int exec(const struct abl_args *a, struct abl_err *err)
{
	const char *out = abl_args_text(a, "out"), *labels = abl_args_text(a, "labels");
	struct abl_str summary = {0};

	if (!out)
		return abl_err_set(err, ABL_EINPUT,
				   "--out CHECKPOINT is missing: name the folder to write");
	if (!check_labels(labels, err) && !abl_hf_import(a->word[0], out, labels, &summary, err)) {
		printf("%s\n", summary.text);
		(void)print_classes(out, err);
	}
	abl_str_finish(&summary);
	return ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {
	{.name = "out",
	 .type = ABL_ARG_TEXT,
	 .value = "CHECKPOINT",
	 .help = "the folder to write: new or empty"},
	{.name = "labels",
	 .type = ABL_ARG_TEXT,
	 .value = "A|B|...",
	 .help = "names for its classes, in their order"},
	{.name = NULL},
};

const struct abl_command abl_cmd_import = {
	.name = "import",
	.usage = "DIR --out CHECKPOINT",
	.summary = "import a BERT model in Hugging Face format",
	.details = "DIR has config.json, model.safetensors and vocab.txt or tokenizer.json. "
		   "Everything is checked\n"
		   "before anything is written. Studies ('init:'), encode and predict also open "
		   "such a folder\n"
		   "directly; import makes a normalised copy (float32, tensor names starting with "
		   "'bert.').",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
