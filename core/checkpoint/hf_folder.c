/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_folder.h"

#include "checkpoint.h"
#include "files.h"
#include "hf_config.h"
#include "held_out.h"
#include "hf_tokenizer.h"
#include "hooks.h"
#include "safetensors.h"
#include "saved.h"
#include "task_types.h"
#include "trained_on.h"
#include "vocab.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTES_MOST ((size_t)1 << 30) /* bytes: held_out.txt has a line a document */
#define POSITIONS "bert.embeddings.position_embeddings.weight"
#define WORDS "bert.embeddings.word_embeddings.weight"
#define WORD_BIAS "cls.predictions.bias"
#define SEGMENTS "bert.embeddings.token_type_embeddings.weight"

/* What the format says of each slot; another component is refused, with some heads only. Slots that
 * are not here, and positions and segments (tables), can all be expressed. */
static const struct {
	enum abl_slot slot;
	const char *only, *why;
	enum { ANY_HEAD, READS_POOLED, PRETRAINED, NO_DECODER } with;
} said_by_format[] = {
	{ABL_SLOT_SPECIAL_TOKENS, "bert", "its tokenizer adds [CLS] and [SEP] to texts"},
	{ABL_SLOT_SPECIAL_TOKENS_FROM, "pretrain",
	 "its tokenizer adds [CLS] and [SEP], which this model did not see in pre-training",
	 PRETRAINED},
	{ABL_SLOT_EMBEDDING_NORM, "on", "it always normalises the embeddings"},
	{ABL_SLOT_ATTENTION, "bidirectional",
	 "of its decoders we know those for the next token, tags and spans", NO_DECODER},
	{ABL_SLOT_NORM, "layernorm", "it always uses layer normalisation"},
	{ABL_SLOT_NORM_POSITION, "post", "it normalises after each sub-layer"},
	{ABL_SLOT_RESIDUAL, "on", "it always has residual connections"},
	{ABL_SLOT_POOLER, "cls_tanh", "its heads read [CLS] through a dense layer and tanh",
	 READS_POOLED},
};

/* Tensors on their way into a file. */
struct load {
	struct abl_saved saved;
	struct abl_safetensors *file;
	struct abl_tensor *tensors;
	size_t count, capacity;
	json_t *names; /* those that are there; owns them */
	bool nsp;
};

static void load_finish(struct load *l)
{
	for (size_t i = 0; i < l->count; i++)
		free((void *)(uintptr_t)l->tensors[i].data);
	free(l->tensors);
	json_decref(l->names);
	abl_safetensors_close(l->file);
	abl_saved_finish(&l->saved);
}

static size_t count_labels(const char *labels)
{
	size_t n = labels != NULL;

	for (const char *p = labels; p && *p; p++)
		n += *p == '|';
	return n;
}

/* The heads of the checkpoint's type. */
static size_t find_heads(const struct load *l, struct abl_head_request *heads)
{
	const struct abl_task_facts *type = abl_task_facts_find(l->saved.type);
	size_t n = 0;

	if (type)
		heads[n++] = (struct abl_head_request){
			.name = type->head,
			.classes = type->labels == ABL_LABELS_CLASSES
					   ? (int)count_labels(l->saved.labels)
					   : 0};
	if (l->nsp && type != &abl_facts_nsp)
		heads[n++] = (struct abl_head_request){.name = abl_facts_nsp.head};
	return n;
}

/* Every tensor that the model needs is there and fits. */
static int check_model(const struct load *l, struct abl_err *err)
{
	struct abl_compute *compute = NULL;
	struct abl_model_request r = {.config = &l->saved.config,
				      .vocab_size = abl_vocab_size(l->saved.vocab),
				      .undrawn = true,
				      .max_tokens = 16,
				      .max_sequences = 16};
	struct abl_model *m = NULL;
	int rc;

	r.head_count = find_heads(l, r.heads);
	rc = abl_compute_create(&compute, "fp32", 1, err);
	r.compute = compute;
	rc = rc ? rc : abl_model_create(&m, &r, err);
	rc = rc ? rc : abl_checkpoint_load_all(m, l->saved.folder, err);
	abl_model_destroy(m);
	abl_compute_destroy(compute);
	return rc;
}

/* The name as our files have it; NULL: not to be taken. Appends to out. */
static const char *our_name(const struct abl_tensor *t, struct abl_str *out)
{
	static const char *const parts[] = {"embeddings.", "encoder.", "pooler."};
	static const char *const old[][2] = {{".gamma", ".weight"}, {".beta", ".bias"}};
	const size_t n = strlen(t->name);

	/* positions' numbers; the output table, which is that of the words */
	if (t->dtype == ABL_NO_REAL || !strncmp(t->name, "cls.predictions.decoder.", 24))
		return NULL;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (!strncmp(t->name, parts[i], strlen(parts[i])))
			abl_str_puts(out, "bert.");
	abl_str_puts(out, t->name);
	for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
		const size_t end = strlen(old[i][0]);

		if (n > end && !strcmp(t->name + n - end, old[i][0])) {
			out->text[out->length -= end] = '\0';
			abl_str_puts(out, old[i][1]);
		}
	}
	return out->text;
}

/* Adds a tensor whose data the load owns from now on. Its name must be new. */
static int add(struct load *l, const char *name, struct abl_tensor t, struct abl_err *err)
{
	if (json_object_get(l->names, name)) {
		free((void *)(uintptr_t)t.data);
		return abl_err_set(err, ABL_EINPUT, "%s: the tensor '%.200s' appears twice",
				   l->saved.folder, name);
	}
	json_object_set_new(l->names, name, json_string(name));
	t.name = json_string_value(json_object_get(l->names, name));
	t.dtype = ABL_F32;
	abl_grow(&l->tensors, &l->capacity, l->count + 1, sizeof *l->tensors);
	l->tensors[l->count++] = t;
	return 0;
}

/* Without the rows of a table that no sequence reaches, or no token has. */
static void leave_rows(const struct load *l, const char *name, struct abl_tensor *t)
{
	const struct {
		const char *name;
		size_t rows;
	} tables[] = {{POSITIONS, (size_t)l->saved.config.max_length},
		      {WORDS, abl_vocab_size(l->saved.vocab)},
		      {WORD_BIAS, abl_vocab_size(l->saved.vocab)}};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		if (!strcmp(name, tables[i].name) && t->dims && t->shape[0] > tables[i].rows) {
			t->count = t->count / t->shape[0] * tables[i].rows;
			t->shape[0] = tables[i].rows;
		}
}

static int add_from_file(struct load *l, const struct abl_tensor *from, struct abl_err *err)
{
	struct abl_str name = {0};
	struct abl_tensor t = *from;
	float *data;
	int rc = 0;

	if (!our_name(from, &name)) {
		abl_str_finish(&name);
		return 0;
	}
	leave_rows(l, name.text, &t);
	t.data = data = abl_malloc((t.count ? t.count : 1) * sizeof *data);
	abl_tensor_read(from, 0, t.count, data);
	for (size_t i = 0; !rc && i < t.count; i++)
		if (!isfinite(data[i]))
			rc = abl_err_set(err, ABL_EINPUT,
					 "%s: value %zu of the tensor '%.200s' is not finite",
					 l->saved.folder, i, from->name);
	if (rc)
		free(data);
	else
		rc = add(l, name.text, t, err);
	abl_str_finish(&name);
	return rc;
}

/* Opens the folder, checks it, and takes its tensors. */
static int load_init(struct load *l, const char *from, struct abl_err *err)
{
	char *path = abl_path_join(from, "model.safetensors");
	int rc;

	*l = (struct load){.names = json_object()};
	rc = abl_saved_open(&l->saved, from, err);
	rc = rc ? rc : abl_safetensors_open(&l->file, path, err);
	free(path);
	if (rc)
		return rc;
	l->nsp = abl_safetensors_find(l->file, "cls.seq_relationship.weight") != NULL;
	rc = check_model(l, err);
	for (size_t i = 0; !rc && i < abl_safetensors_count(l->file); i++)
		rc = add_from_file(l, abl_safetensors_at(l->file, i), err);
	return rc;
}

/* Writing. */

static bool is_empty(const char *folder)
{
	DIR *d = opendir(folder);
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return d && n <= 2;
}

static int write_text(const char *folder, const char *name, const struct abl_str *text,
		      struct abl_err *err)
{
	char *path = abl_path_join(folder, name);
	int rc = abl_file_write(path, text->text, text->length, err);

	free(path);
	return rc;
}

/* What a checkpoint says of its training data, besides: nothing that transformers reads. */
static int copy_notes(const char *from, const char *to, struct abl_err *err)
{
	static const char *const names[] = {ABL_HELD_OUT, ABL_TRAINED_ON};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof names / sizeof *names; i++) {
		char *path = abl_path_join(from, names[i]);
		struct abl_str text = {0};

		if (abl_file_exists(path)) {
			abl_str_puts(&text, "");
			rc = abl_file_read(path, &text, NOTES_MOST, err);
			rc = rc ? rc : write_text(to, names[i], &text, err);
		}
		abl_str_finish(&text);
		free(path);
	}
	return rc;
}

static int write_files(const struct load *l, const char *to, const struct abl_hf_config_text *c,
		       struct abl_err *err)
{
	const char *metadata[] = {"format", "pt", NULL};
	char *weights = abl_path_join(to, "model.safetensors"),
	     *vocab = abl_path_join(to, "vocab.txt");
	struct abl_str config = {0}, tokenizer = {0};
	int rc;

	rc = abl_hf_config_write(c, &config, err);
	rc = rc ? rc
		: abl_hf_tokenizer_write(c->config->cased, (size_t)c->config->max_length,
					 &tokenizer, err);
	rc = rc ? rc : abl_vocab_save(l->saved.vocab, vocab, err);
	rc = rc ? rc : write_text(to, "config.json", &config, err);
	rc = rc ? rc : write_text(to, "tokenizer_config.json", &tokenizer, err);
	rc = rc ? rc : copy_notes(l->saved.folder, to, err);
	rc = rc ? rc : abl_safetensors_write(weights, l->tensors, l->count, metadata, err);
	abl_str_finish(&config), abl_str_finish(&tokenizer);
	free(weights), free(vocab);
	return rc;
}

/* All files or none: a new folder beside it, renamed at the end. */
static int write_folder(const struct load *l, const char *to, const struct abl_hf_config_text *c,
			struct abl_err *err)
{
	struct abl_str part = {0};
	char *parent;
	int rc;

	if (abl_file_exists(to) && !(abl_is_dir(to) && is_empty(to)))
		return abl_err_set(err, ABL_EINPUT,
				   "'%s' already exists: name a new or an empty folder", to);
	abl_str_puts(&part, to);
	while (part.length > 1 && part.text[part.length - 1] == '/')
		part.text[--part.length] = '\0';
	parent = abl_path_dir(part.text);
	abl_str_printf(&part, ".part-%ld", (long)getpid());
	rc = abl_mkdir_all(parent, err);
	if (!rc && mkdir(part.text, 0777)) {
		rc = abl_err_set(err, ABL_EIO, "cannot create '%s': %s", part.text,
				 strerror(errno));
	} else if (!rc) {
		rc = write_files(l, part.text, c, err);
		if (!rc && rename(part.text, to))
			rc = abl_err_set(err, ABL_EIO, "cannot create '%s': %s", to,
					 strerror(errno));
		rc = rc ? rc : abl_sync_path(to, err);
		rc = rc ? rc : abl_sync_path(parent, err);
		if (rc)
			(void)!abl_remove_tree(part.text, NULL);
	}
	free(parent);
	abl_str_finish(&part);
	return rc;
}

static int write_checkpoint(const struct load *l, const char *to, bool theirs,
			    struct abl_str *summary, struct abl_err *err)
{
	const struct abl_task_facts *type = abl_task_facts_find(l->saved.type);
	char *labels = l->saved.labels ? abl_strdup(l->saved.labels) : NULL;
	struct abl_hf_config_text c = {.config = &l->saved.config,
				       .vocab_size = abl_vocab_size(l->saved.vocab),
				       .type = l->saved.type,
				       .labels = labels,
				       .decided = &l->saved.decided,
				       .theirs = theirs};
	int rc;

	for (char *p = labels; p && *p; p++)
		*p = *p == '|' ? '\n' : *p;
	if (type && !l->nsp)
		c.architecture = type->architecture_alone;
	rc = write_folder(l, to, &c, err);
	if (!rc)
		abl_str_printf(summary, "%s: %zu tensors, %lld layer%s of %lld, %zu tokens, %s, %s",
			       to, l->count, (long long)c.config->layers,
			       abl_plural(c.config->layers), (long long)c.config->hidden,
			       c.vocab_size, c.config->cased ? "cased" : "uncased",
			       c.type ? c.type : "encoder only");
	if (!rc && *l->saved.notes) /* lines end between, not behind */
		abl_str_printf(summary, "\n%.*s", (int)strlen(l->saved.notes) - 1, l->saved.notes);
	free(labels);
	return rc;
}

/* Names for the classes in the place of those that are there. */
static int name_classes(struct abl_saved *s, const char *labels, struct abl_err *err)
{
	const struct abl_task_facts *type = abl_task_facts_find(s->type);

	if (!type || type->labels != ABL_LABELS_CLASSES)
		return abl_err_set(err, ABL_EINPUT, "%s: has no classes that could be named",
				   s->folder);
	if (count_labels(labels) != count_labels(s->labels))
		return abl_err_set(err, ABL_EINPUT, "%s: has %zu classes, but %zu are named",
				   s->folder, count_labels(s->labels), count_labels(labels));
	free(s->labels);
	s->labels = abl_strdup(labels);
	return 0;
}

int abl_hf_import(const char *from, const char *to, const char *labels, struct abl_str *summary,
		  struct abl_err *err)
{
	const struct abl_value init = {.type = ABL_CHOICE, .choice = "init"};
	struct load l;
	int rc = load_init(&l, from, err);

	if (!rc && labels)
		rc = name_classes(&l.saved, labels, err);
	if (!rc) /* how it was pre-trained is not known */
		rc = abl_config_set(&l.saved.config, abl_config_key("pretraining"), &init, err);
	rc = rc ? rc : write_checkpoint(&l, to, false, summary, err);
	load_finish(&l);
	return rc;
}

static int check_said(const struct load *l, struct abl_err *err)
{
	const struct abl_saved *s = &l->saved;
	const struct abl_component *activation = abl_chosen(&s->config, ABL_SLOT_ACTIVATION);
	const struct abl_task_facts *type = abl_task_facts_find(s->type);
	bool has[] = {[ANY_HEAD] = true,
		      [PRETRAINED] = abl_saved_is_pretrained(s),
		      [NO_DECODER] = l->nsp || (type && !type->decodes)};
	struct abl_head_request heads[ABL_HEADS_MAX];

	if (!((const struct abl_activation_hooks *)activation->hooks)->hf_name)
		return abl_err_set(err, ABL_EINPUT,
				   "%s: Hugging Face format has no name for 'activation: %s'",
				   s->folder, activation->name);
	for (size_t i = find_heads(l, heads); i > 0; i--)
		has[READS_POOLED] |= abl_head_reads_pooled(&heads[i - 1]);
	for (size_t i = 0; i < sizeof said_by_format / sizeof *said_by_format; i++) {
		const struct abl_component *x = abl_chosen(&s->config, said_by_format[i].slot);

		if (strcmp(x->name, said_by_format[i].only) && has[said_by_format[i].with])
			return abl_err_set(err, ABL_EINPUT,
					   "%s: Hugging Face format cannot express '%s: %s': %s",
					   s->folder, abl_slot_info(x->slot)->name, x->name,
					   said_by_format[i].why);
	}
	return 0;
}

/* Tables that the format always has: fixed positions as rows, zeros for what was removed. */
static int add_tables(struct load *l, struct abl_err *err)
{
	const struct abl_config *c = &l->saved.config;
	const struct abl_positions_hooks *h = ABL_HOOKS(c, ABL_SLOT_POSITIONS, positions);
	const size_t width = (size_t)c->hidden;
	const struct {
		const char *name;
		size_t rows;
	} tables[] = {{POSITIONS, (size_t)c->max_length}, {SEGMENTS, 2}};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		struct abl_tensor t = {.shape = {tables[i].rows, width},
				       .dims = 2,
				       .count = tables[i].rows * width};
		float *data;

		if (json_object_get(l->names, tables[i].name))
			continue;
		t.data = data = abl_calloc(t.count, sizeof *data);
		for (size_t p = 0; !i && h->fixed_row && p < tables[i].rows; p++)
			abl_fixed_position(c, (int64_t)p, data + p * width);
		if (add(l, tables[i].name, t, err))
			return ABL_EINPUT;
	}
	return 0;
}

int abl_hf_export(const char *from, const char *to, struct abl_str *summary, struct abl_err *err)
{
	struct load l;
	int rc = load_init(&l, from, err);

	rc = rc ? rc : check_said(&l, err);
	rc = rc ? rc : add_tables(&l, err);
	rc = rc ? rc : write_checkpoint(&l, to, true, summary, err);
	load_finish(&l);
	return rc;
}
