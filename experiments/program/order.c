/* SPDX-License-Identifier: Apache-2.0 */
#include "order.h"

#include "json.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* One table says what an order consists of; it is written and read by the same rows. */

enum kind { TEXT, WORDS, INTEGER, SMALL, REAL, TRUTH, VALUE, ITEMS };

struct item;
struct field {
	const char *name;
	enum kind kind;
	size_t offset;
	bool optional;           /* TEXT, WORDS: may be NULL, and is left out then */
	const struct item *item; /* ITEMS: what each of them consists of, and
				  * where their number is */
	size_t count_offset;
};

struct item {
	size_t bytes, count;
	const struct field *fields;
};

#define FIELD(of, kind, member)                            \
	{                                                  \
#member, kind, offsetof(struct of, member) \
	}
#define OPTIONAL(of, kind, member)                               \
	{                                                        \
#member, kind, offsetof(struct of, member), true \
	}
#define LIST(member, number, item)                                               \
	{                                                                        \
#member, ITEMS, offsetof(struct abl_order, member), false, item, \
			offsetof(struct abl_order, number)                       \
	}
#define ITEM(type, rows)                                                 \
	{                                                                \
		sizeof(struct type), sizeof(rows) / sizeof *(rows), rows \
	}

static const struct field option_fields[] = {
	FIELD(abl_order_option, TEXT, name),    FIELD(abl_order_option, VALUE, value),
	OPTIONAL(abl_order_option, TEXT, flag), OPTIONAL(abl_order_option, WORDS, on),
	OPTIONAL(abl_order_option, WORDS, off),
};
static const struct field setting_fields[] = {
	FIELD(abl_order_setting, TEXT, name),
	OPTIONAL(abl_order_setting, TEXT, value),
};
static const struct field metric_fields[] = {
	FIELD(abl_order_metric, TEXT, name),    FIELD(abl_order_metric, TRUTH, lower_is_better),
	FIELD(abl_order_metric, TRUTH, main),   FIELD(abl_order_metric, TRUTH, series),
	FIELD(abl_order_metric, TRUTH, best),   OPTIONAL(abl_order_metric, TEXT, split),
	OPTIONAL(abl_order_metric, TEXT, from), OPTIONAL(abl_order_metric, TEXT, step),
};
static const struct field folder_fields[] = {
	FIELD(abl_order_folder, TEXT, step),
	FIELD(abl_order_folder, TEXT, path),
};
static const struct item option_item = ITEM(abl_order_option, option_fields),
			 setting_item = ITEM(abl_order_setting, setting_fields),
			 metric_item = ITEM(abl_order_metric, metric_fields),
			 folder_item = ITEM(abl_order_folder, folder_fields);

static const struct field order_fields[] = {
	OPTIONAL(abl_order, TEXT, study),
	OPTIONAL(abl_order, TEXT, variant),
	OPTIONAL(abl_order, TEXT, task),
	OPTIONAL(abl_order, TEXT, step),
	FIELD(abl_order, INTEGER, seed),
	FIELD(abl_order, WORDS, command),
	FIELD(abl_order, WORDS, setup),
	FIELD(abl_order, WORDS, wrap),
	FIELD(abl_order, WORDS, task_flags),
	FIELD(abl_order, TEXT, directory),
	OPTIONAL(abl_order, TEXT, home),
	LIST(environment, environment_count, &setting_item),
	LIST(pass, pass_count, &setting_item),
	FIELD(abl_order, TEXT, flags),
	LIST(options, option_count, &option_item),
	OPTIONAL(abl_order, TEXT, seed_flag),
	OPTIONAL(abl_order, TEXT, seed_variable),
	LIST(folders, folder_count, &folder_item),
	FIELD(abl_order, TEXT, out),
	LIST(metrics, metric_count, &metric_item),
	OPTIONAL(abl_order, TEXT, predictions),
	OPTIONAL(abl_order, TEXT, predictions_id),
	OPTIONAL(abl_order, TEXT, predictions_correct),
	OPTIONAL(abl_order, TEXT, resume_if),
	FIELD(abl_order, WORDS, resume_flags),
	FIELD(abl_order, SMALL, stop_signal),
	FIELD(abl_order, REAL, stop_grace),
	FIELD(abl_order, INTEGER, gpus),
	FIELD(abl_order, WORDS, cards),
	FIELD(abl_order, WORDS, keep),
	FIELD(abl_order, TRUTH, keep_all),
	FIELD(abl_order, SMALL, threads),
};
static const struct item order_item = ITEM(abl_order, order_fields);

/* What lies at a field. */
#define AT(type, from) (*(type const *)(const void *)(from))

/* Writing. */

static void put_words(struct abl_json *j, json_t *object, const struct field *f,
		      const char *const *words)
{
	json_t *list;

	if (!words && f->optional)
		return;
	list = abl_json_array(j, object, f->name);
	for (; words && *words; words++)
		abl_json_add(j, list, json_string(*words));
}

/* With its type: a name and a text, a whole number and a real one, look alike in JSON. */
static void put_value(struct abl_json *j, json_t *object, const struct field *f,
		      const struct abl_value *v)
{
	json_t *pair = abl_json_object(j, object, f->name);

	abl_json_text(j, pair, "type", abl_type_name(v->type));
	if (v->type == ABL_INT)
		abl_json_int(j, pair, "is", v->i);
	else if (v->type == ABL_REAL)
		abl_json_real(j, pair, "is", v->r);
	else if (v->type == ABL_BOOL)
		abl_json_bool(j, pair, "is", v->i != 0);
	else
		abl_json_text(j, pair, "is", v->choice);
}

static void put_item(struct abl_json *j, json_t *object, const struct item *item, const char *base);

static void put_items(struct abl_json *j, json_t *object, const struct field *f, const char *base)
{
	const char *first = AT(const char *, base + f->offset);
	const size_t count = AT(size_t, base + f->count_offset);
	json_t *list = abl_json_array(j, object, f->name);

	for (size_t i = 0; i < count; i++) {
		json_t *one = json_object();

		abl_json_add(j, list, one);
		put_item(j, one, f->item, first + i * f->item->bytes);
	}
}

static void put_item(struct abl_json *j, json_t *object, const struct item *item, const char *base)
{
	for (const struct field *f = item->fields; f < item->fields + item->count; f++) {
		const char *at = base + f->offset;

		switch (f->kind) {
		case TEXT:
			abl_json_text(j, object, f->name, AT(const char *, at));
			break;
		case WORDS:
			put_words(j, object, f, AT(const char *const *, at));
			break;
		case INTEGER:
			abl_json_int(j, object, f->name, AT(int64_t, at));
			break;
		case SMALL:
			abl_json_int(j, object, f->name, AT(int, at));
			break;
		case REAL:
			abl_json_real(j, object, f->name, AT(double, at));
			break;
		case TRUTH:
			abl_json_bool(j, object, f->name, AT(bool, at));
			break;
		case VALUE:
			put_value(j, object, f, (const struct abl_value *)(const void *)at);
			break;
		case ITEMS:
			put_items(j, object, f, base);
			break;
		}
	}
}

json_t *abl_order_json(const struct abl_order *o)
{
	struct abl_json j;

	abl_json_begin(&j);
	put_item(&j, j.root, &order_item, (const char *)o);
	return abl_json_take(&j);
}

/* Reading. */

struct abl_order_memory {
	void **block;
	size_t count, capacity;
};

static void *take(struct abl_order_memory *m, size_t count, size_t width)
{
	abl_grow(&m->block, &m->capacity, m->count + 1, sizeof *m->block);
	return m->block[m->count++] = abl_calloc(count, width);
}

static bool get_text(char *at, const json_t *v)
{
	const char *text = json_string_value(v);

	memcpy(at, &text, sizeof text);
	return text;
}

static bool get_words(struct abl_order_memory *m, char *at, const json_t *v)
{
	const size_t n = json_array_size(v);
	const char **words = take(m, n + 1, sizeof *words);

	memcpy(at, &words, sizeof words);
	for (size_t i = 0; i < n; i++)
		if (!(words[i] = json_string_value(json_array_get(v, i))))
			return false;
	return json_is_array(v);
}

static bool get_real(double *out, const json_t *v)
{
	*out = json_number_value(v);
	return json_is_number(v) ||
	       (json_is_string(v) &&
		abl_parse_real(!strcmp(json_string_value(v), "NaN")         ? ".nan"
			       : !strcmp(json_string_value(v), "Infinity")  ? ".inf"
			       : !strcmp(json_string_value(v), "-Infinity") ? "-.inf"
									    : "",
			       out));
}

static bool get_value(char *at, const json_t *pair)
{
	const json_t *is = json_object_get(pair, "is");
	const char *type = json_string_value(json_object_get(pair, "type"));
	struct abl_value v = {.type = ABL_INT};
	bool ok;

	while (type && v.type < ABL_TEXT && strcmp(type, abl_type_name(v.type)))
		v.type++;
	if (!type || strcmp(type, abl_type_name(v.type)))
		return false;
	if (v.type == ABL_REAL) {
		ok = get_real(&v.r, is);
	} else if (v.type == ABL_CHOICE || v.type == ABL_TEXT) {
		ok = json_is_string(is);
		v.choice = json_string_value(is);
	} else {
		ok = v.type == ABL_INT ? json_is_integer(is) : json_is_boolean(is);
		v.i = v.type == ABL_INT ? json_integer_value(is) : json_is_true(is);
	}
	memcpy(at, &v, sizeof v);
	return ok;
}

static int get_item(struct abl_order_memory *m, char *base, const struct item *item,
		    const json_t *object, struct abl_err *err);

static int get_items(struct abl_order_memory *m, char *base, const struct field *f,
		     const json_t *list, struct abl_err *err)
{
	const size_t n = json_array_size(list);
	char *items = take(m, n + 1, f->item->bytes);
	int rc = 0;

	memcpy(base + f->offset, &items, sizeof items);
	memcpy(base + f->count_offset, &n, sizeof n);
	for (size_t i = 0; i < n && !rc; i++)
		rc = get_item(m, items + i * f->item->bytes, f->item, json_array_get(list, i), err);
	return rc;
}

/* One that is no list of items; false: it is not what the row says. */
static bool get_plain(struct abl_order_memory *m, char *at, const struct field *f, const json_t *v)
{
	const json_int_t number = json_integer_value(v);

	switch (f->kind) {
	case TEXT:
		return get_text(at, v);
	case WORDS:
		return get_words(m, at, v);
	case INTEGER:
		memcpy(at, &(int64_t){number}, sizeof(int64_t));
		return json_is_integer(v);
	case SMALL:
		memcpy(at, &(int){(int)number}, sizeof(int));
		return json_is_integer(v) && number >= INT_MIN && number <= INT_MAX;
	case REAL:
		return get_real((double *)(void *)at, v);
	case TRUTH:
		memcpy(at, &(bool){json_is_true(v)}, sizeof(bool));
		return json_is_boolean(v);
	case VALUE:
		return get_value(at, v);
	case ITEMS:
		break;
	}
	return false;
}

static int get_item(struct abl_order_memory *m, char *base, const struct item *item,
		    const json_t *object, struct abl_err *err)
{
	int rc = 0;

	for (const struct field *f = item->fields; f < item->fields + item->count && !rc; f++) {
		const json_t *v = json_object_get(object, f->name);

		if (!v && f->optional)
			continue;
		if (f->kind == ITEMS && json_is_array(v))
			rc = get_items(m, base, f, v, err);
		else if (!get_plain(m, base + f->offset, f, v))
			rc = abl_err_set(err, ABL_EINPUT, "not an order: '%s' is %s", f->name,
					 v ? "of another type" : "missing");
	}
	return rc;
}

int abl_order_read(struct abl_order_read *out, const json_t *json, struct abl_err *err)
{
	int rc;

	*out = (struct abl_order_read){.memory = abl_calloc(1, sizeof *out->memory)};
	rc = get_item(out->memory, (char *)&out->order, &order_item, json, err);
	if (rc)
		abl_order_read_finish(out);
	return rc;
}

void abl_order_read_finish(struct abl_order_read *r)
{
	if (!r || !r->memory)
		return;
	for (size_t i = 0; i < r->memory->count; i++)
		free(r->memory->block[i]);
	free(r->memory->block);
	free(r->memory);
	*r = (struct abl_order_read){0};
}
