/* SPDX-License-Identifier: Apache-2.0 */
#include "answer_json.h"

#include "utf8.h"

#include <math.h>
#include <string.h>

void abl_json_words(struct abl_json *j, json_t *object, const char *name, const char *text)
{
	json_t *value = text ? json_string(text) : json_null();
	struct abl_str shown = {0};

	if (!value) {
		abl_utf8_visible(&shown, text, strlen(text));
		value = json_string(shown.text);
		abl_str_finish(&shown);
	}
	abl_json_put(j, object, name, value);
}

void abl_json_number(struct abl_json *j, json_t *object, const char *name, double value)
{
	abl_json_put(j, object, name, isfinite(value) ? json_real(value) : json_null());
}

static void add_cell(struct abl_json *j, json_t *row, const struct abl_cell *c)
{
	json_t *nested = c->type == ABL_CELL_TEXT && !strcmp(c->name, "environment")
				 ? json_loads(c->text, 0, NULL)
				 : NULL;

	if (nested)
		abl_json_put(j, row, c->name, nested);
	else if (c->type == ABL_CELL_INT)
		abl_json_int(j, row, c->name, c->i);
	else if (c->type == ABL_CELL_REAL)
		abl_json_number(j, row, c->name, c->r);
	else
		abl_json_words(j, row, c->name, c->type == ABL_CELL_TEXT ? c->text : NULL);
}

static void no_head(void *data, const struct abl_cell *cells, size_t count)
{
	(void)data, (void)cells, (void)count;
}

static void add_row(void *data, const struct abl_cell *cells, size_t count)
{
	const struct abl_json_rows *to = data;
	json_t *row = json_object();

	for (size_t i = 0; i < count; i++)
		add_cell(to->j, row, &cells[i]);
	abl_json_add(to->j, to->rows, row);
}

struct abl_listener abl_json_listener(struct abl_json_rows *to)
{
	return (struct abl_listener){.data = to, .head = no_head, .row = add_row};
}
