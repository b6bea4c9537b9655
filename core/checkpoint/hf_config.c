/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_config.h"

#include "config_json.h"
#include "files.h"
#include "hooks.h"
#include "str.h"
#include "task_types.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_MOST ((size_t)4 << 20) /* bytes of a config.json */
#define POSITIONS_MOST 512            /* the longest sequence of a configuration */
#define LABELS_MOST 10000
#define COUNT(rows) (sizeof rows / sizeof *rows)

/* Their name of a number, and the key that it becomes. */
static const struct {
	const char *name, *key;
	bool needed;
} numbers[] = {
	{"num_hidden_layers", "layers", true},
	{"hidden_size", "hidden", true},
	{"num_attention_heads", "heads", true},
	{"intermediate_size", "ffn_size", true},
	{"layer_norm_eps", "norm_eps", false},
	{"initializer_range", "init_range", false},
	{"hidden_dropout_prob", "dropout", false},
	{"attention_probs_dropout_prob", "attention_dropout", false},
};

/* Other names of activations; the first names are the components' own (hooks.h, hf_name). */
static const char *const activations[][2] = {
	{"gelu_python", "gelu"},
	{"gelu_new", "gelu_tanh"},
	{"gelu_pytorch_tanh", "gelu_tanh"},
	{"gelu_fast", "gelu_tanh"},
};

/* What a value must be where it is given, and why another one is refused. */
static const struct {
	const char *name, *value, *why;
} fixed[] = {
	{"model_type", "\"bert\"", "only BERT models are supported"},
	{"position_embedding_type", "\"absolute\"", "relative positions are not supported"},
	{"type_vocab_size", "2", "two segment embeddings are needed"},
	{"add_cross_attention", "false", "cross-attention is not supported"},
	{"tie_word_embeddings", "true",
	 "output embeddings that are not tied to the word embeddings are not supported"},
};

static int set_text(struct abl_config *c, const char *key, const char *text, struct abl_err *err)
{
	const struct abl_value v = {.type = ABL_CHOICE, .choice = text};

	return abl_config_set(c, abl_config_key(key), &v, err);
}

static int read_numbers(struct abl_config *c, const json_t *o, struct abl_err *err)
{
	int rc;

	for (size_t i = 0; i < COUNT(numbers); i++) {
		const json_t *n = json_object_get(o, numbers[i].name);
		struct abl_value v = {.type = ABL_INT, .i = json_integer_value(n)};

		if (!n && !numbers[i].needed)
			continue;
		if (!json_is_number(n))
			return abl_err_set(err, ABL_EINPUT, "'%s' is %s", numbers[i].name,
					   n ? "not a number" : "missing");
		if (json_is_real(n))
			v = (struct abl_value){.type = ABL_REAL, .r = json_real_value(n)};
		if (numbers[i].needed && v.type == ABL_INT && !v.i)
			return abl_err_set(err, ABL_EINPUT, "'%s' is not a positive integer",
					   numbers[i].name);
		if ((rc = abl_config_set(c, abl_config_key(numbers[i].key), &v, err)))
			return abl_err_prefix(err, rc, "'%s'", numbers[i].name);
	}
	return 0;
}

/* 0 where it is not given. */
static int read_count(const json_t *o, const char *name, int64_t *out, struct abl_err *err)
{
	const json_t *n = json_object_get(o, name);

	if (!json_is_integer(n) || json_integer_value(n) < 1)
		return abl_err_set(err, ABL_EINPUT, "'%s' is %s", name,
				   n ? "not a positive integer" : "missing");
	*out = json_integer_value(n);
	return 0;
}

static int read_positions(struct abl_config *c, const json_t *o, struct abl_err *err)
{
	struct abl_value v = {.type = ABL_INT};
	int rc = read_count(o, "max_position_embeddings", &v.i, err);

	if (rc)
		return rc;
	v.i = v.i < POSITIONS_MOST ? v.i : POSITIONS_MOST;
	rc = abl_config_set(c, abl_config_key("max_length"), &v, err);
	return rc ? abl_err_prefix(err, rc, "'max_position_embeddings'") : 0;
}

static int read_activation(struct abl_config *c, const json_t *o, struct abl_err *err)
{
	const char *name = json_string_value(json_object_get(o, "hidden_act"));
	struct abl_str known = {0};

	for (size_t i = 0; name && i < COUNT(activations); i++)
		if (!strcmp(name, activations[i][0]))
			return set_text(c, "activation", activations[i][1], err);
	for (size_t i = 0; i < abl_component_count(); i++) {
		const struct abl_component *a = abl_component_at(i);
		const char *theirs =
			a->slot == ABL_SLOT_ACTIVATION
				? ((const struct abl_activation_hooks *)a->hooks)->hf_name
				: NULL;

		if (theirs && name && !strcmp(theirs, name)) {
			abl_str_finish(&known);
			return set_text(c, "activation", a->name, err);
		}
		if (theirs)
			abl_str_printf(&known, "%s%s", known.length ? ", " : "", theirs);
	}
	if (name)
		abl_err_set(err, ABL_EINPUT, "activation '%.40s' is not supported; choose from %s",
			    name, known.text);
	else
		abl_err_set(err, ABL_EINPUT, "'hidden_act' names no activation; choose from %s",
			    known.text);
	abl_str_finish(&known);
	return ABL_EINPUT;
}

static int check_fixed(const json_t *o, struct abl_err *err)
{
	const json_t *pruned = json_object_get(o, "pruned_heads");

	if (!json_object_get(o, "model_type"))
		return abl_err_set(err, ABL_EINPUT, "'model_type' is missing");
	for (size_t i = 0; i < COUNT(fixed); i++) {
		const json_t *v = json_object_get(o, fixed[i].name);
		char *text = v ? json_dumps(v, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;
		bool fits = !v || json_is_null(v) || (text && !strcmp(text, fixed[i].value));

		if (!fits)
			abl_err_set(err, ABL_EINPUT, "'%s' is %.60s, not %s: %s", fixed[i].name,
				    text ? text : "?", fixed[i].value, fixed[i].why);
		free(text);
		if (!fits)
			return ABL_EINPUT;
	}
	if (json_object_size(pruned))
		return abl_err_set(err, ABL_EINPUT,
				   "'pruned_heads' is not empty: pruned heads are not supported");
	return 0;
}

/* A class's name by its id; NULL: there is none. */
static const char *label_at(const json_t *names, size_t id)
{
	char text[24];

	snprintf(text, sizeof text, "%zu", id);
	return json_string_value(json_object_get(names, text));
}

static bool has_control(const char *text)
{
	while (*text && (unsigned char)*text >= 0x20 && *text != 0x7f)
		text++;
	return *text != '\0';
}

/* Answers are told, and written to files of columns, by these names: each is a text of its own. */
static int check_labels(const json_t *names, struct abl_err *err)
{
	json_t *seen = json_object();
	int rc = 0;

	if (!json_object_size(names))
		rc = abl_err_set(err, ABL_EINPUT, "'id2label' has no labels");
	for (size_t i = 0; !rc && i < json_object_size(names); i++) {
		const char *name = label_at(names, i);

		if (!name || !*name)
			rc = abl_err_set(err, ABL_EINPUT, "'id2label' has no text for label %zu",
					 i);
		else if (strchr(name, '|') || has_control(name))
			rc = abl_err_set(err, ABL_EINPUT,
					 "'id2label': label %zu contains a '|' or a control "
					 "character: rename it",
					 i);
		else if (json_object_get(seen, name))
			rc = abl_err_set(err, ABL_EINPUT,
					 "'id2label': label %zu repeats the name '%.60s': labels "
					 "must be unique",
					 i, name);
		else
			json_object_set_new(seen, name, json_true());
	}
	json_decref(seen);
	return rc;
}

/* Class names by id: "0", "1" ... without a gap; the names of transformers where there are none. */
static int read_labels(struct abl_hf_config *out, const json_t *o, size_t *count,
		       struct abl_err *err)
{
	const json_t *names = json_object_get(o, "id2label"), *n = json_object_get(o, "num_labels");
	bool named = json_is_object(names);
	struct abl_str text = {0};

	*count = named                                             ? json_object_size(names)
		 : json_is_integer(n) && json_integer_value(n) > 0 ? (size_t)json_integer_value(n)
								   : 2;
	if (*count > LABELS_MOST)
		return abl_err_set(err, ABL_EINPUT,
				   "there are %zu labels; at most %d are supported", *count,
				   LABELS_MOST);
	if (named && check_labels(names, err))
		return ABL_EINPUT;
	for (size_t i = 0; i < *count; i++) {
		abl_str_puts(&text, i ? "|" : "");
		if (named)
			abl_str_puts(&text, label_at(names, i));
		else
			abl_str_printf(&text, "LABEL_%zu", i);
	}
	out->labels = text.text;
	return 0;
}

/* The first type whose class that is; NULL: there is none. */
static const struct abl_task_facts *type_of(const char *architecture)
{
	const struct abl_task_facts *type;

	for (size_t i = 0; (type = abl_task_facts_at(i)); i++)
		if (!strcmp(type->architecture, architecture) ||
		    (type->architecture_alone && !strcmp(type->architecture_alone, architecture)))
			break;
	return type;
}

/* The type of that class whose labels are numbers. */
static const struct abl_task_facts *regression_of(const struct abl_task_facts *type)
{
	const struct abl_task_facts *t;

	for (size_t i = 0; (t = abl_task_facts_at(i)); i++)
		if (t->labels == ABL_LABELS_NUMBERS && !strcmp(t->architecture, type->architecture))
			break;
	return t;
}

/* The task type of their class; a classifier with one output is a regression. */
static int read_type(struct abl_hf_config *out, const json_t *o, struct abl_err *err)
{
	const char *name =
		json_string_value(json_array_get(json_object_get(o, "architectures"), 0));
	const char *problem = json_string_value(json_object_get(o, "problem_type"));
	const struct abl_task_facts *type = name ? type_of(name) : NULL, *regression;
	size_t labels = 0;

	if (!name)
		return 0;
	if (!type && strcmp(name, ABL_HF_ENCODER) != 0)
		return abl_err_set(err, ABL_EINPUT,
				   "'architectures' is '%.60s', a model that is not supported",
				   name);
	if (problem && !strcmp(problem, "multi_label_classification"))
		return abl_err_set(err, ABL_EINPUT,
				   "'problem_type' is '%s', which is not supported", problem);
	if (!type)
		return 0;
	out->type = type->name;
	if (type->labels == ABL_LABELS_CLASSES && read_labels(out, o, &labels, err))
		return ABL_EINPUT;
	regression = regression_of(type);
	if (regression && (labels == 1 || (problem && !strcmp(problem, "regression")))) {
		if (labels != 1)
			return abl_err_set(err, ABL_EINPUT,
					   "regression with %zu output%s is not supported", labels,
					   abl_plural(labels));
		free(out->labels);
		out->labels = NULL;
		out->type = regression->name;
	}
	return 0;
}

/* A checkpoint that was pre-trained elsewhere does not say by what: its head does. */
static int set_objectives(struct abl_config *c, const struct abl_task_facts *type,
			  struct abl_err *err)
{
	static const char *const of_lm[][2] = {{"mlm", "none"}, {"nsp", "none"}, {"lm", "on"}};
	int rc = 0;

	for (size_t i = 0; !rc && type == &abl_facts_lm && i < COUNT(of_lm); i++)
		rc = set_text(c, of_lm[i][0], of_lm[i][1], err);
	return rc;
}

/* A decoder reads from left to right; a language model is one. */
static int read_direction(struct abl_hf_config *out, const json_t *o, struct abl_err *err)
{
	const json_t *decoder = json_object_get(o, "is_decoder");
	const char *name =
		json_string_value(json_array_get(json_object_get(o, "architectures"), 0));
	const struct abl_task_facts *type = abl_task_facts_find(out->type);
	int rc = 0;

	if (decoder && !json_is_boolean(decoder) && !json_is_null(decoder))
		return abl_err_set(err, ABL_EINPUT, "'is_decoder' is not true or false");
	if (json_is_true(decoder) && type && !type->decodes)
		return abl_err_set(err, ABL_EINPUT,
				   "'is_decoder' is true: %.60s as a decoder is not supported",
				   name);
	if (!json_is_true(decoder) && type == &abl_facts_lm)
		return abl_err_set(err, ABL_EINPUT,
				   "'is_decoder' is not true: such a language model sees the "
				   "token that it predicts");
	if (json_is_true(decoder))
		rc = set_text(&out->config, "attention", "causal", err);
	return rc ? rc : set_objectives(&out->config, type, err);
}

static int read_theirs(struct abl_hf_config *out, const json_t *o, struct abl_err *err)
{
	struct abl_config *c = &out->config;
	int rc;

	abl_config_init(c);
	rc = check_fixed(o, err);
	rc = rc ? rc : read_numbers(c, o, err);
	rc = rc ? rc : read_positions(c, o, err);
	rc = rc ? rc : read_activation(c, o, err);
	rc = rc ? rc : read_type(out, o, err);
	rc = rc ? rc : read_direction(out, o, err);
	rc = rc ? rc : abl_config_resolve(c, NULL, err);
	c->cased = json_is_false(json_object_get(o, "do_lower_case"));
	return rc;
}

/* What a stage wrote: every option, and the type of the task (null: an encoder alone, or a language
 * model of before it had a type; none: a pre-trained model of a store made before 0.1.0). */
static int read_ours(struct abl_hf_config *out, const json_t *o, struct abl_err *err)
{
	const json_t *task = json_object_get(o, "ablate_task");
	const char *name = json_string_value(task);
	const struct abl_task_facts *type = abl_task_facts_find(name);
	const struct abl_config *c = &out->config;
	size_t labels;
	int rc;

	out->ours = true;
	rc = abl_config_from_json(&out->config, json_object_get(o, "ablate"), err);
	if (rc)
		return abl_err_prefix(err, rc, "'ablate'");
	if (name && !type)
		return abl_err_set(err, ABL_EINPUT,
				   "'ablate_task' is '%.40s', which is not a task type", name);
	if (!name && abl_config_is(c, ABL_SLOT_PRETRAINING, "on"))
		type = ABL_HOOKS(c, ABL_SLOT_LM, objective)->head             ? &abl_facts_lm
		       : !task && ABL_HOOKS(c, ABL_SLOT_MLM, objective)->head ? &abl_facts_mlm
									      : NULL;
	out->type = type ? type->name : NULL;
	if (abl_config_is(c, ABL_SLOT_PRETRAINING, "init") &&
	    (rc = set_objectives(&out->config, type, err)))
		return rc;
	if (json_is_number(json_object_get(o, "ablate_decided")))
		out->decided = json_number_value(json_object_get(o, "ablate_decided"));
	/* choices are called something only where the task has names for them */
	if (type && (type->labels == ABL_LABELS_CLASSES ||
		     (type->labels == ABL_LABELS_CHOICES && json_object_get(o, "id2label"))))
		return read_labels(out, o, &labels, err);
	return 0;
}

int abl_hf_config_read(struct abl_hf_config *out, const char *text, size_t length, const char *path,
		       struct abl_err *err)
{
	struct abl_err inner = {0};
	json_error_t where;
	json_t *o = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
	int rc;

	*out = (struct abl_hf_config){.decided = NAN};
	if (!o)
		return abl_err_set(err, ABL_EINPUT, "%s:%d:%d: not JSON: %s", path, where.line,
				   where.column, where.text);
	if (!json_is_object(o))
		rc = abl_err_set(&inner, ABL_EINPUT, "not a JSON object");
	else if (json_object_get(o, "ablate"))
		rc = read_ours(out, o, &inner);
	else
		rc = read_theirs(out, o, &inner);
	rc = rc ? rc : read_count(o, "vocab_size", &out->vocab_size, &inner);
	json_decref(o);
	if (!rc)
		return 0;
	abl_hf_config_finish(out);
	return abl_err_set(err, ABL_EINPUT, "%s: %s", path, inner.text);
}

int abl_hf_config_open(struct abl_hf_config *out, const char *folder, struct abl_err *err)
{
	char *path = abl_path_join(folder, "config.json");
	struct abl_str text = {0};
	int rc = abl_file_read(path, &text, CONFIG_MOST, err);

	if (!rc)
		rc = abl_hf_config_read(out, text.text, text.length, path, err);
	abl_str_finish(&text);
	free(path);
	return rc;
}

void abl_hf_config_finish(struct abl_hf_config *c)
{
	if (!c)
		return;
	free(c->labels);
	c->labels = NULL;
}
