/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Before anything is parsed or built: what Jansson allocates is there, or the program ends. */
__attribute__((constructor)) static void own_allocator(void)
{
	json_set_alloc_funcs(abl_malloc, free);
}

void abl_json_begin(struct abl_json *j)
{
	*j = (struct abl_json){.root = json_object()};
}

static void fail(struct abl_json *j, const char *name)
{
	if (!*j->failed)
		snprintf(j->failed, sizeof j->failed, "%s", name);
}

void abl_json_put(struct abl_json *j, json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value))
		fail(j, name);
}

void abl_json_add(struct abl_json *j, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		fail(j, "an item of a list");
}

void abl_json_text(struct abl_json *j, json_t *object, const char *name, const char *text)
{
	if (text)
		abl_json_put(j, object, name, json_string(text));
}

void abl_json_int(struct abl_json *j, json_t *object, const char *name, int64_t value)
{
	abl_json_put(j, object, name, json_integer((json_int_t)value));
}

void abl_json_bool(struct abl_json *j, json_t *object, const char *name, bool value)
{
	abl_json_put(j, object, name, json_boolean(value));
}

void abl_json_real(struct abl_json *j, json_t *object, const char *name, double value)
{
	const char *text = isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";

	abl_json_put(j, object, name, isfinite(value) ? json_real(value) : json_string(text));
}

json_t *abl_json_object(struct abl_json *j, json_t *object, const char *name)
{
	json_t *part = json_object();

	abl_json_put(j, object, name, part);
	return part;
}

json_t *abl_json_array(struct abl_json *j, json_t *object, const char *name)
{
	json_t *part = json_array();

	abl_json_put(j, object, name, part);
	return part;
}

int abl_json_end(struct abl_json *j, size_t flags, const char *what, struct abl_str *out,
		 struct abl_err *err)
{
	char *text = *j->failed ? NULL : json_dumps(j->root, flags);
	int rc = 0;

	if (text)
		abl_str_puts(out, text);
	else
		rc = abl_err_set(err, ABL_EINPUT, "cannot write %s: '%s' is not UTF-8", what,
				 *j->failed ? j->failed : "a text in it");
	free(text);
	abl_json_finish(j);
	return rc;
}

json_t *abl_json_take(struct abl_json *j)
{
	json_t *root = *j->failed ? NULL : j->root;

	if (root)
		j->root = NULL;
	abl_json_finish(j);
	return root;
}

void abl_json_finish(struct abl_json *j)
{
	if (!j)
		return;
	json_decref(j->root);
	*j = (struct abl_json){0};
}
