/* SPDX-License-Identifier: Apache-2.0 */
#include "checkpoint.h"

#include "files.h"
#include "hf_config.h"
#include "hf_tokenizer.h"
#include "safetensors.h"
#include "str.h"
#include "vocab.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *in_folder(const char *folder, const char *name)
{
	return abl_path_join(folder, name);
}

static int save_config(struct abl_model *m, const char *folder,
		       const struct abl_checkpoint_task *task, struct abl_err *err)
{
	long word = abl_params_find(abl_model_params(m), "bert.embeddings.word_embeddings.weight");
	char *path = in_folder(folder, "config.json");
	struct abl_str out = {0};
	int rc = abl_hf_config_write(
		&(struct abl_hf_config_text){.config = abl_model_config(m),
					     .vocab_size = abl_model_params(m)->items[word].rows,
					     .type = task->type,
					     .labels = task->labels,
					     .decided = &task->decided},
		&out, err);

	rc = rc ? rc : abl_file_write(path, out.text, out.length, err);
	abl_str_finish(&out);
	free(path);
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
			const struct abl_checkpoint_task *task, struct abl_err *err)
{
	char *path = in_folder(folder, "vocab.txt");
	struct abl_vocab *v = NULL;
	int rc = abl_hf_vocab_load(&v, vocab, err);

	if (!rc)
		rc = abl_vocab_save(v, path, err);
	if (!rc)
		rc = save_config(m, folder, task, err);
	if (!rc)
		rc = save_weights(m, folder, err);
	free(path);
	abl_vocab_destroy(v);
	return rc;
}

int abl_checkpoint_decided(const char *folder, double *out, struct abl_err *err)
{
	struct abl_hf_config c;
	int rc = abl_hf_config_open(&c, folder, err);

	if (rc)
		return rc;
	*out = c.decided;
	abl_hf_config_finish(&c);
	return 0;
}

static void put_shape(struct abl_str *out, const size_t *side, int dims)
{
	for (int i = 0; i < dims; i++)
		abl_str_printf(out, "%s%zu", i ? ", " : "[", side[i]);
	abl_str_puts(out, dims ? "]" : "a single number");
}

static int other_shape(const struct abl_param *item, const struct abl_tensor *t, const char *path,
		       struct abl_err *err)
{
	struct abl_str there = {0}, made = {0};

	put_shape(&there, t->shape, t->dims);
	put_shape(&made, (const size_t[]){item->rows, item->cols}, item->cols ? 2 : 1);
	abl_err_set(err, ABL_EINPUT, "%s: '%s' is %s in the file, but %s in the configuration",
		    path, t->name, there.text, made.text);
	abl_str_finish(&there), abl_str_finish(&made);
	return ABL_EINPUT;
}

/* Tables whose first rows alone may be read: positions, and tokens that no text has (saved.h). */
static bool may_be_longer(const char *name)
{
	static const char *const tables[] = {"position_embeddings", "word_embeddings",
					     "cls.predictions.bias"};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		if (strstr(name, tables[i]))
			return true;
	return false;
}

/* The table whose first rows alone may be there. */
static bool may_be_shorter(const char *name)
{
	return strstr(name, "position_embeddings") != NULL;
}

static int take(struct abl_params *p, size_t i, const struct abl_tensor *t, bool fewer,
		const char *path, struct abl_err *err)
{
	const struct abl_param *item = &p->items[i];
	size_t cols = t->dims == 2 ? t->shape[1] : 0, count = item->count;
	bool longer = may_be_longer(item->name) && t->dims && t->shape[0] > item->rows;
	bool shorter = fewer && may_be_shorter(item->name) && t->dims && t->shape[0] &&
		       t->shape[0] < item->rows;
	real *w = abl_weight(p, i);

	if (t->dtype == ABL_NO_REAL)
		return abl_err_set(err, ABL_EINPUT, "%s: '%s' is not of type F32, F16 or BF16",
				   path, t->name);
	if (t->dims != (item->cols ? 2 : 1) || cols != item->cols ||
	    (t->shape[0] != item->rows && !longer && !shorter))
		return other_shape(item, t, path, err);
	if (shorter)
		count = t->count;
	abl_tensor_read(t, 0, count, (float *)w);
	for (size_t k = 0; k < count; k++)
		if (!isfinite(w[k]))
			return abl_err_set(err, ABL_EINPUT, "%s: value %zu of '%s' is not finite",
					   path, k, t->name);
	for (size_t k = count; k < item->count; k++)
		w[k] = w[k - count]; /* over and over */
	return 0;
}

/* The tensor of a parameter, by its name, without "bert." (a BertModel's file), or with the names
 * that norms had in the first files (gamma, beta). */
static const struct abl_tensor *find_tensor(const struct abl_safetensors *s, const char *name)
{
	static const char *const old[][2] = {{"", ""},
					     {"LayerNorm.weight", "LayerNorm.gamma"},
					     {"LayerNorm.bias", "LayerNorm.beta"}};
	const struct abl_tensor *t = NULL;
	struct abl_str other = {0};

	for (size_t i = 0; !t && i < sizeof old / sizeof *old; i++) {
		size_t cut = strlen(name) - strlen(old[i][0]);

		if (strlen(name) < strlen(old[i][0]) || strcmp(name + cut, old[i][0]))
			continue;
		abl_str_clear(&other);
		abl_str_printf(&other, "%.*s%s", (int)cut, name, old[i][1]);
		t = abl_safetensors_find(s, other.text);
		if (!t && !strncmp(other.text, "bert.", 5))
			t = abl_safetensors_find(s, other.text + 5);
	}
	abl_str_finish(&other);
	return t;
}

/* Weights that no variant of the same size lacks; norms may come and go. */
static bool is_layer_weight(const char *name)
{
	return !strncmp(name, "bert.encoder.layer.", 19) && !strstr(name, "LayerNorm");
}

/* What a load did. */
struct loaded {
	size_t taken, in_file;
	struct abl_str missing; /* names of parameters that are as their seed draws them */
};

/* A parameter that the file does not give. */
static void leave(struct abl_model *m, size_t i, struct abl_str *missing)
{
	if (!abl_model_is_drawn(m))
		abl_model_draw(m, i);
	abl_str_printf(missing, "%s%s", missing->length ? ", " : "",
		       abl_model_params(m)->items[i].name);
}

/* What of a file is taken. */
struct wanted {
	bool heads; /* too, not the encoder alone */
	bool fewer; /* positions than the model has will do */
};

static int load(struct abl_model *m, const char *folder, struct wanted wanted, struct loaded *out,
		struct abl_err *err)
{
	struct abl_params *p = abl_model_params(m);
	char *path = in_folder(folder, "model.safetensors");
	struct abl_safetensors *s = NULL;
	int rc = abl_safetensors_open(&s, path, err);

	*out = (struct loaded){0};
	for (size_t i = 0; !rc && i < p->count; i++) {
		const char *name = p->items[i].name;
		const struct abl_tensor *t =
			wanted.heads || !strncmp(name, "bert.", 5) ? find_tensor(s, name) : NULL;

		if (t)
			rc = take(p, i, t, wanted.fewer, path, err);
		else if (!i || is_layer_weight(name))
			rc = abl_err_set(err, ABL_EINPUT, "%s: has no tensor '%s'", path, name);
		else
			leave(m, i, &out->missing);
		out->taken += t != NULL;
	}
	if (!rc)
		out->in_file = abl_safetensors_count(s);
	else
		abl_err_plain(err);
	abl_safetensors_close(s);
	free(path);
	return rc;
}

int abl_checkpoint_load(struct abl_model *m, const char *folder, size_t *taken, struct abl_err *err)
{
	struct loaded l;
	int rc = load(m, folder, (struct wanted){.heads = true}, &l, err);

	*taken = l.taken;
	abl_str_finish(&l.missing);
	return rc;
}

static int load_whole(struct abl_model *m, const char *folder, struct wanted wanted,
		      struct abl_err *err)
{
	struct loaded l;
	int rc = load(m, folder, wanted, &l, err);

	if (!rc && l.missing.length)
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s/model.safetensors: tensors are missing: %.300s", folder,
				 l.missing.text);
	abl_str_finish(&l.missing);
	return rc;
}

int abl_checkpoint_load_all(struct abl_model *m, const char *folder, struct abl_err *err)
{
	return load_whole(m, folder, (struct wanted){.heads = true}, err);
}

int abl_checkpoint_go_on(struct abl_model *m, const char *folder, struct abl_err *err)
{
	return load_whole(m, folder, (struct wanted){.heads = true, .fewer = true}, err);
}

int abl_checkpoint_start(struct abl_model *m, const char *folder, struct abl_str *summary,
			 struct abl_err *err)
{
	struct loaded l;
	int rc = load(m, folder, (struct wanted){0}, &l, err);

	if (!rc)
		abl_str_printf(summary, "from %s: %zu tensors loaded; unused: %zu%s%s", folder,
			       l.taken, l.in_file - l.taken,
			       l.missing.length ? "; newly initialised: " : "",
			       l.missing.length ? l.missing.text : "");
	abl_str_finish(&l.missing);
	return rc;
}

int abl_checkpoint_open(struct abl_model **out, const struct abl_model_request *r,
			const char *folder, struct abl_err *err)
{
	struct abl_model_request request = *r;
	struct abl_model *m = NULL;
	size_t taken = 0, all;
	int rc;

	request.undrawn = true;
	rc = abl_model_create(&m, &request, err);

	if (!rc)
		rc = abl_checkpoint_load(m, folder, &taken, err);
	if (!rc && taken < (all = abl_model_params(m)->count))
		rc = abl_err_set(
			err, ABL_EINPUT,
			"%s: has only %zu of the %zu tensors of a model with a head '%s': %s",
			folder, taken, all, r->heads[0].name,
			r->pretraining ? "is it a pre-trained checkpoint?"
				       : "fine-tune it on the task first");
	if (rc)
		abl_model_destroy(m);
	else
		*out = m;
	return rc;
}
