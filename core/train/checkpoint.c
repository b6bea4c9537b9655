/* SPDX-License-Identifier: Apache-2.0 */
#include "checkpoint.h"

#include "files.h"
#include "hooks.h"
#include "safetensors.h"
#include "str.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MOST ((size_t)1 << 30)

static char *in_folder(const char *folder, const char *name)
{
	return abl_path_join(folder, name);
}

static json_t *options_json(const struct abl_config *c)
{
	json_t *o = json_object();

	for (size_t i = 0; i < abl_key_count(); i++) {
		const struct abl_key *key = abl_key_at(i);
		struct abl_value v;

		if (!abl_config_active(c, key))
			continue;
		abl_config_get(c, key, &v);
		json_object_set_new(o, key->name,
				    v.type == ABL_CHOICE ? json_string(v.choice)
				    : v.type == ABL_REAL ? json_real(v.r)
				    : v.type == ABL_BOOL ? json_boolean(v.i)
							 : json_integer(v.i));
	}
	return o;
}

static void add_labels(json_t *o, const char *labels)
{
	json_t *by_id = json_object();
	struct abl_str id = {0};
	int n = 0;

	for (const char *p = labels; p && *p; n++) {
		size_t length = strcspn(p, "\n");

		abl_str_clear(&id);
		abl_str_printf(&id, "%d", n);
		json_object_set_new(by_id, id.text, json_stringn(p, length));
		p += length + (p[length] == '\n');
	}
	json_object_set_new(o, "num_labels", json_integer(n));
	json_object_set_new(o, "id2label", by_id);
	abl_str_finish(&id);
}

/* transformers' name of the model with that head. */
static const char *architecture_of(const char *type)
{
	static const char *const names[][2] = {
		{"classify", "BertForSequenceClassification"},
		{"regress", "BertForSequenceClassification"},
		{"story", "BertForSequenceClassification"},
		{"tag", "BertForTokenClassification"},
		{"span", "BertForQuestionAnswering"},
		{"choice", "BertForMultipleChoice"},
	};

	for (size_t i = 0; type && i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i][0], type))
			return names[i][1];
	return "BertForPreTraining";
}

static json_t *config_json(struct abl_model *m, size_t vocab_size, const char *type,
			   const char *labels)
{
	const struct abl_config *c = abl_model_config(m);
	const struct abl_activation_hooks *act = ABL_HOOKS(c, ABL_SLOT_ACTIVATION, activation);
	json_t *o = json_pack(
		"{s:s,s:[s],s:I,s:I,s:I,s:I,s:I,s:I,s:i,s:s,s:f,s:f,s:f,s:f,s:i,s:b,s:s}",
		"model_type", "bert", "architectures", architecture_of(type), "vocab_size",
		(json_int_t)vocab_size, "hidden_size", (json_int_t)c->hidden, "num_hidden_layers",
		(json_int_t)c->layers, "num_attention_heads", (json_int_t)c->heads,
		"intermediate_size", (json_int_t)c->ffn_size, "max_position_embeddings",
		(json_int_t)c->max_length, "type_vocab_size", 2, "hidden_act",
		act->hf_name ? act->hf_name : "linear", "hidden_dropout_prob", c->finetune.dropout,
		"attention_probs_dropout_prob", c->finetune.attention_dropout, "initializer_range",
		c->init_range, "layer_norm_eps", 1e-12, "pad_token_id", 0, "do_lower_case",
		!c->cased, "torch_dtype", "float32");

	assert(o);
	if (labels)
		add_labels(o, labels);
	json_object_set_new(o, "ablate", options_json(c));
	if (type)
		json_object_set_new(o, "ablate_task", json_string(type));
	return o;
}

static int save_config(struct abl_model *m, const char *folder, const char *type,
		       const char *labels, struct abl_err *err)
{
	long word = abl_params_find(abl_model_params(m), "bert.embeddings.word_embeddings.weight");
	json_t *o = config_json(m, abl_model_params(m)->items[word].rows, type, labels);
	char *path = in_folder(folder, "config.json"),
	     *text = json_dumps(o, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
	struct abl_str out = {0};
	int rc;

	abl_str_printf(&out, "%s\n", text);
	rc = abl_file_write(path, out.text, out.length, err);
	abl_str_finish(&out);
	free(text), free(path);
	json_decref(o);
	return rc;
}

static int save_weights(struct abl_model *m, const char *folder, struct abl_err *err)
{
	const struct abl_params *p = abl_model_params(m);
	struct abl_tensor *t = abl_calloc(p->count, sizeof *t);
	const char *metadata[] = {"format", "pt", NULL};
	char *path = in_folder(folder, "model.safetensors");
	int rc;

	for (size_t i = 0; i < p->count; i++)
		t[i] = (struct abl_tensor){.name = p->items[i].name,
					   .shape = {p->items[i].rows, p->items[i].cols},
					   .dims = p->items[i].cols ? 2 : 1,
					   .count = p->items[i].count,
					   .data = abl_weight(p, i)};
	rc = abl_safetensors_write(path, t, p->count, metadata, err);
	free(path), free(t);
	return rc;
}

int abl_checkpoint_save(struct abl_model *m, const char *folder, const char *vocab,
			const char *type, const char *labels, struct abl_err *err)
{
	struct abl_str text = {0};
	char *path = in_folder(folder, "vocab.txt");
	int rc = abl_file_read(vocab, &text, FILE_MOST, err);

	if (!rc)
		rc = abl_file_write(path, text.text, text.length, err);
	if (!rc)
		rc = save_config(m, folder, type, labels, err);
	if (!rc)
		rc = save_weights(m, folder, err);
	free(path);
	abl_str_finish(&text);
	return rc;
}

static int take(struct abl_params *p, size_t i, const struct abl_tensor *t, const char *folder,
		struct abl_err *err)
{
	const struct abl_param *item = &p->items[i];
	size_t cols = t->dims == 2 ? t->shape[1] : 0;
	bool longer =
		strstr(item->name, "position_embeddings") && t->dims && t->shape[0] > item->rows;

	if (t->dims < 1 || t->dims > 2 || cols != item->cols ||
	    (t->shape[0] != item->rows && !longer))
		return abl_err_set(
			err, ABL_EINPUT,
			"%s: '%s' is [%zu, %zu] there, the configuration makes it [%zu, %zu]",
			folder, item->name, t->dims ? t->shape[0] : 0, cols, item->rows,
			item->cols);
	abl_tensor_read(t, 0, item->count, (float *)abl_weight(p, i));
	return 0;
}

int abl_checkpoint_load(struct abl_model *m, const char *folder, size_t *taken, struct abl_err *err)
{
	struct abl_params *p = abl_model_params(m);
	char *path = in_folder(folder, "model.safetensors");
	struct abl_safetensors *s;
	int rc = abl_safetensors_open(&s, path, err);

	*taken = 0;
	free(path);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < p->count; i++) {
		const struct abl_tensor *t = abl_safetensors_find(s, p->items[i].name);

		if (t) {
			rc = take(p, i, t, folder, err);
			++*taken;
		} else if (!i) {
			rc = abl_err_set(err, ABL_EINPUT, "%s: has no tensor '%s'", folder,
					 p->items[i].name);
		}
	}
	abl_safetensors_close(s);
	return rc;
}

#define STATE "state.safetensors"

int abl_state_save(struct abl_model *m, const char *folder, const struct abl_place *place,
		   struct abl_err *err)
{
	const struct abl_params *p = abl_model_params(m);
	const real *blocks[] = {p->w, p->m, p->v};
	const char *const names[] = {"w", "m", "v"};
	struct abl_tensor t[3];
	struct abl_str text = {0};
	char *path = in_folder(folder, STATE);
	const char *metadata[] = {"place", NULL, NULL};
	size_t n = 0;
	int rc;

	for (int i = 0; i < 3; i++)
		if (blocks[i])
			t[n++] = (struct abl_tensor){.name = names[i],
						     .shape = {p->values},
						     .dims = 1,
						     .count = p->values,
						     .data = blocks[i]};
	abl_str_printf(&text, "%lld %llu %llu", (long long)place->step,
		       (unsigned long long)place->epoch, (unsigned long long)place->position);
	metadata[1] = text.text;
	rc = abl_safetensors_write(path, t, n, metadata, err);
	abl_str_finish(&text);
	free(path);
	return rc;
}

int abl_state_load(struct abl_model *m, const char *folder, struct abl_place *place,
		   struct abl_err *err)
{
	struct abl_params *p = abl_model_params(m);
	real *blocks[] = {p->w, p->m, p->v};
	const char *const names[] = {"w", "m", "v"}, *text;
	char *path = in_folder(folder, STATE);
	struct abl_safetensors *s = NULL;
	long long step;
	unsigned long long epoch, position;
	int rc = 0;

	if (abl_file_exists(path))
		rc = abl_safetensors_open(&s, path, err);
	free(path);
	if (rc || !s)
		return rc;
	text = abl_safetensors_metadata(s, "place");
	if (!text || sscanf(text, "%lld %llu %llu", &step, &epoch, &position) != 3)
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: the saved state does not say where it stands", folder);
	for (int i = 0; !rc && i < 3; i++) {
		const struct abl_tensor *t = blocks[i] ? abl_safetensors_find(s, names[i]) : NULL;

		if (blocks[i] && (!t || t->count != p->values))
			rc = abl_err_set(err, ABL_EINPUT, "%s: the saved state is of another model",
					 folder);
		else if (t)
			abl_tensor_read(t, 0, t->count, (float *)blocks[i]);
	}
	if (!rc)
		*place = (struct abl_place){.step = step, .epoch = epoch, .position = position};
	abl_safetensors_close(s);
	return rc ? rc : 1;
}

void abl_state_remove(const char *folder)
{
	char *path = in_folder(folder, STATE);

	unlink(path);
	free(path);
}
