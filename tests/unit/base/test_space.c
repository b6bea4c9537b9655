/* SPDX-License-Identifier: Apache-2.0 */
/* test_space.c - an option space that is not the native engine's: a model name, a size, a switch.
 */
#include "space.h"
#include "space_json.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct program {
	const char *model;
	int64_t size;
	bool extra;
};

#define FIELD(x) .offset = offsetof(struct program, x)
static const struct abl_option rows[] = {
	{.name = "model", .type = ABL_TEXT, FIELD(model), .def_choice = "small"},
	{.name = "size", .type = ABL_INT, FIELD(size), .def = 8, .min = 1, .max = 64},
	{.name = "extra", .type = ABL_BOOL, FIELD(extra), .def = 1},
};
static const struct abl_key model = {.name = "model",
				     .option = &rows[0],
				     .def = {.type = ABL_TEXT, .choice = "small"},
				     .stages = ABL_AT_FINETUNE},
			    size = {.name = "size",
				    .option = &rows[1],
				    .def = {.type = ABL_INT, .i = 8},
				    .stages = ABL_AT_FINETUNE},
			    extra = {.name = "extra",
				     .option = &rows[2],
				     .role = ABL_KEY_PRETRAINING,
				     .def = {.type = ABL_BOOL, .i = 1},
				     .stages = ABL_AT_PRETRAIN,
				     .can_remove = true,
				     .none = {.type = ABL_BOOL}};
static const struct abl_key *const keys[] = {&model, &size, &extra};

static void init(const struct abl_space *self, void *config)
{
	*(struct program *)config = (struct program){.model = "small", .size = 8, .extra = true};
}

static void get(const void *config, const struct abl_key *key, struct abl_value *out)
{
	abl_option_get(key->option, config, out);
}

static int set(void *config, const struct abl_key *key, const struct abl_value *value,
	       struct abl_err *err)
{
	return abl_option_set(key->option, config, key->name, value, err);
}

static bool active(const struct abl_space *self, const void *config, const struct abl_key *key)
{
	return key != &size || ((const struct program *)config)->extra;
}

static int resolve(const struct abl_space *self, void *config, struct abl_resolving *r,
		   struct abl_err *err)
{
	if (((struct program *)config)->size != 13)
		return 0;
	abl_resolving_blame(r, &size);
	return abl_err_set(err, ABL_EINPUT, "13 brings bad luck");
}

static const struct abl_space space = {.name = "program",
				       .keys = keys,
				       .key_count = 3,
				       .bytes = sizeof(struct program),
				       .init = init,
				       .get = get,
				       .set = set,
				       .active = active,
				       .resolve = resolve};

static struct abl_values *with(const char *text, int64_t number)
{
	const struct abl_value name = {.type = ABL_CHOICE, .choice = text},
			       n = {.type = ABL_INT, .i = number};
	struct abl_values *v = abl_values_create(&space);

	ck_assert_int_eq(abl_values_set(v, &model, &name, NULL), 0);
	ck_assert_int_eq(abl_values_set(v, &size, &n, NULL), 0);
	return v;
}

START_TEST(test_space__finds_its_own_keys)
{
	ck_assert_ptr_eq(abl_space_key(&space, "size"), &size);
	ck_assert_ptr_null(abl_space_key(&space, "layers"));
	ck_assert_ptr_eq(abl_space_role(&space, ABL_KEY_PRETRAINING), &extra);
	ck_assert_ptr_null(abl_space_role(&space, ABL_KEY_PLACEBO));
	ck_assert_str_eq(abl_space_nearest(&space, "modle"), "model");
}
END_TEST

/* One line for each key that differs from its default, whatever a text holds. */
START_TEST(test_space__canonical_text)
{
	struct abl_values *v = with("a\nsize=9\\", 8), *other = abl_values_copy(v);
	struct abl_str out = {0};
	const struct abl_value nine = {.type = ABL_INT, .i = 9}, no = {.type = ABL_BOOL};

	abl_values_canonical(v, ~0u, &out);
	ck_assert_str_eq(out.text, "model=a\\nsize=9\\\\\n");
	ck_assert_int_eq(abl_values_set(other, &size, &nine, NULL), 0);
	abl_str_clear(&out);
	abl_values_canonical(other, ABL_AT_FINETUNE, &out);
	ck_assert_str_eq(out.text, "model=a\\nsize=9\\\\\nsize=9\n");
	ck_assert(!abl_values_lacks(other, ABL_KEY_PRETRAINING));
	ck_assert_int_eq(abl_values_set(other, &extra, &no, NULL), 0);
	ck_assert(abl_values_lacks(other, ABL_KEY_PRETRAINING));
	abl_str_clear(&out);
	abl_values_canonical(other, ~0u, &out); /* size is not active any more */
	ck_assert_str_eq(out.text, "extra=false\nmodel=a\\nsize=9\\\\\n");
	abl_str_finish(&out);
	abl_value_text(&(struct abl_value){.type = ABL_TEXT, .choice = ""}, &out);
	ck_assert_str_eq(out.text, "");
	abl_str_finish(&out);
	abl_values_destroy(v), abl_values_destroy(other);
}
END_TEST

START_TEST(test_space__refusal_names_the_key)
{
	struct abl_values *v = with("large", 13);
	struct abl_resolving r = {0};

	ck_assert_int_eq(abl_values_resolve(v, &r, NULL), ABL_EINPUT);
	ck_assert_uint_eq(r.blamed_count, 1);
	ck_assert_ptr_eq(r.blamed[0], &size);
	abl_values_destroy(v);
}
END_TEST

START_TEST(test_space__json)
{
	struct abl_values *v = with("caf\xc3\xa9 1e-3", 21), *back = abl_values_create(&space);
	json_t *o = abl_values_json(v);
	struct abl_value value;

	ck_assert_int_eq(abl_space_from_json(&space, abl_values_config_mut(back), o, NULL), 0);
	abl_values_get(back, &model, &value);
	ck_assert_str_eq(value.choice, "caf\xc3\xa9 1e-3");
	abl_values_get(back, &size, &value);
	ck_assert_int_eq(value.i, 21);
	json_decref(o);
	abl_values_destroy(v), abl_values_destroy(back);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("space");

	tcase_add_test(c, test_space__finds_its_own_keys);
	tcase_add_test(c, test_space__canonical_text);
	tcase_add_test(c, test_space__refusal_names_the_key);
	tcase_add_test(c, test_space__json);
	return run_case(c, "space");
}
