/* SPDX-License-Identifier: Apache-2.0 */
#include "config_json.h"
#include "hf_config.h"
#include "hooks.h"
#include "json.h"
#include "str.h"
#include "task_types.h"

#include <math.h>
#include <string.h>

static void add_labels(struct abl_json *j, const char *labels)
{
	json_t *by_id = abl_json_object(j, j->root, "id2label");
	json_t *ids = abl_json_object(j, j->root, "label2id");
	struct abl_str id = {0}, name = {0};

	for (const char *p = labels; p && *p; p += strcspn(p, "\n"), p += *p == '\n') {
		size_t n = json_object_size(by_id);

		abl_str_clear(&id), abl_str_clear(&name);
		abl_str_printf(&id, "%zu", n);
		abl_str_add(&name, p, strcspn(p, "\n"));
		abl_json_text(j, by_id, id.text, name.text);
		abl_json_int(j, ids, name.text, (int64_t)n);
	}
	abl_str_finish(&id), abl_str_finish(&name);
}

int abl_hf_config_write(const struct abl_hf_config_text *t, struct abl_str *out,
			struct abl_err *err)
{
	const struct abl_config *c = t->config;
	const struct abl_component *activation = abl_chosen(c, ABL_SLOT_ACTIVATION);
	const struct abl_activation_hooks *act = activation->hooks;
	const struct abl_norm_options *norm = (const void *)c->slot[ABL_SLOT_NORM].options;
	const struct abl_task_facts *type = abl_task_facts_find(t->type);
	struct abl_json j = {0};
	bool one_output = type && type->labels == ABL_LABELS_NUMBERS;
	int rc;

	j.root = json_pack(
		"{s:s,s:[s],s:I,s:I,s:I,s:I,s:I,s:I,s:i,s:s,s:f,s:f,s:f,s:f,s:i,s:b,s:s}",
		"model_type", "bert", "architectures",
		t->architecture ? t->architecture
		: type          ? type->architecture
				: ABL_HF_ENCODER,
		"vocab_size", (json_int_t)t->vocab_size, "hidden_size", (json_int_t)c->hidden,
		"num_hidden_layers", (json_int_t)c->layers, "num_attention_heads",
		(json_int_t)c->heads, "intermediate_size", (json_int_t)c->ffn_size,
		"max_position_embeddings", (json_int_t)c->max_length, "type_vocab_size", 2,
		"hidden_act", act->hf_name ? act->hf_name : activation->name, "hidden_dropout_prob",
		c->finetune.dropout, "attention_probs_dropout_prob", c->finetune.attention_dropout,
		"initializer_range", c->init_range, "layer_norm_eps", norm->eps, "pad_token_id", 0,
		"do_lower_case", !c->cased, "torch_dtype", "float32");
	if (ABL_HOOKS(c, ABL_SLOT_ATTENTION, attention)->causal)
		abl_json_put(&j, j.root, "is_decoder", json_true());
	if (one_output)
		abl_json_text(&j, j.root, "problem_type", "regression");
	if (one_output)
		add_labels(&j, "LABEL_0");
	else if (t->labels && *t->labels)
		add_labels(&j, t->labels);
	if (!t->theirs) {
		abl_json_put(&j, j.root, "ablate", abl_config_json(c));
		abl_json_put(&j, j.root, "ablate_task",
			     t->type ? json_string(t->type) : json_null());
		if (t->decided && isfinite(*t->decided))
			abl_json_put(&j, j.root, "ablate_decided", json_real(*t->decided));
	}
	rc = abl_json_end(&j, JSON_INDENT(2) | JSON_REAL_PRECISION(17), "config.json", out, err);
	abl_str_puts(out, "\n");
	return rc;
}
