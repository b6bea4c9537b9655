/* SPDX-License-Identifier: Apache-2.0 */
#include "study_keys.h"

#include "task_fields.h"

static struct abl_table *begin(bool of)
{
	static const char *const names[] = {"key", "takes", "default", "help", "studies", NULL};
	struct abl_table *t = abl_table_create();

	for (size_t i = 0; names[i + !of]; i++)
		abl_table_column(t, names[i], false);
	return t;
}

void abl_study_keys_table(enum abl_table_format format, struct abl_str *out)
{
	struct abl_table *t = begin(true);

	for (const struct abl_study_field *f = abl_study_fields; f->name; f++) {
		struct abl_str takes = {0};

		abl_study_field_type(f, &takes);
		abl_table_text(t, f->name);
		abl_table_text(t, takes.text);
		abl_table_text(t, *f->def ? f->def : NULL);
		abl_table_text(t, f->help);
		abl_table_text(t, abl_field_of_name(f->of));
		abl_str_finish(&takes);
	}
	abl_table_render(t, format, out);
	abl_table_destroy(t);
}

void abl_task_fields_table(enum abl_table_format format, struct abl_str *out)
{
	struct abl_table *t = begin(false);
	const struct abl_task_field *f;

	for (size_t i = 0; (f = abl_task_field_at(i)); i++) {
		abl_table_text(t, f->name);
		abl_table_text(t, f->takes);
		abl_table_text(t, *f->def ? f->def : NULL);
		abl_table_text(t, f->help);
	}
	abl_table_render(t, format, out);
	abl_table_destroy(t);
}
