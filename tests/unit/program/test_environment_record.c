/* SPDX-License-Identifier: Apache-2.0 */
/* test_environment_record.c - what a program runs with is recorded, and no secret. */
#include "environment_record.h"
#include "secret_name.h"

#include "files.h"
#include "run_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/ablate-environment-XXXXXX";

static const char *at(const char *name)
{
	static char path[4][300];
	static int next;
	char *out = path[next++ % 4];

	snprintf(out, sizeof path[0], "%s/%s", root, name);
	return out;
}

static void make(const char *name, const char *text)
{
	char *folder = abl_path_dir(at(name));

	ck_assert_int_eq(abl_mkdir_all(folder, NULL), 0);
	ck_assert_int_eq(abl_file_write_passing(at(name), text, strlen(text), NULL), 0);
	ck_assert_int_eq(chmod(at(name), 0755), 0);
	free(folder);
}

static void begin(void)
{
	ck_assert_ptr_nonnull(mkdtemp(root));
	make("nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat\n"
			       "GCC version: 12\n");
	make("nvidia/gpus/0000:01:00.0/information", "Model: \t\t NVIDIA X1\nIRQ: 1\n");
	make("nvidia/gpus/0000:02:00.0/information", "Model: \t\t NVIDIA X1\nIRQ: 2\n");
	make("img.sif", "image");
	/* interpreters of our own: what a python says, whatever it is asked */
	make("bin/python",
	     "#!/bin/sh\necho \"$NOISE\"; echo 'ablate: python'; echo 3.9.1; echo \"$0\"; "
	     "echo numpy==1.2\"$MORE\"; echo torch==2.0\n");
	make("bin/launch", "#!/usr/bin/env python\n");
	make("bin/hangs", "#!/bin/sh\necho hello\n");
	make("bin/apptainer", "#!/bin/sh\n[ \"$1$2\" = execimg.sif ] && shift 2 && exec \"$@\"\n");
}

static json_t *record(const struct abl_environment_spec *spec, const char *const *command)
{
	struct abl_environment_spec s = *spec;
	json_t *out;

	s.directory = root;
	s.command = command;
	s.nvidia = s.nvidia ? s.nvidia : "/absent";
	out = abl_environment_record(&s);
	ck_assert_ptr_nonnull(out);
	return out;
}

static const char *text(const json_t *r, const char *name)
{
	const char *value = json_string_value(json_object_get(r, name));

	return value ? value : "";
}

static const char *const by_path[] = {"python", "train.py", NULL};

START_TEST(test_environment__interpreter_image_and_cards)
{
	const char *const wrap[] = {"apptainer", "exec", "img.sif", NULL};
	const char *const setup[] = {"NOISE=loud; export MORE=.5", "true", NULL};
	const struct abl_environment_spec all = {
		.wrap = wrap, .setup = setup, .nvidia = at("nvidia")};
	const struct abl_environment_spec nothing = {.wrap = NULL};
	char *path = abl_strdup(getenv("PATH")), both[2000];
	json_t *r, *plain;

	snprintf(both, sizeof both, "%s:%s", at("bin"), path);
	setenv("PATH", both, 1);
	plain = record(&nothing, by_path);
	ck_assert_str_eq(text(plain, "program"), at("bin/python"));
	ck_assert_str_eq(text(json_object_get(plain, "python"), "version"), "3.9.1");
	ck_assert_uint_eq(
		json_array_size(json_object_get(json_object_get(plain, "python"), "packages")), 2);
	ck_assert_ptr_null(json_object_get(plain, "gpus"));
	r = record(&all, by_path);
	ck_assert_msg(strstr(text(r, "summary"), "python 3.9.1, 2 packages ("), "%s",
		      text(r, "summary"));
	ck_assert_msg(strstr(text(r, "summary"), "), image "), "%s", text(r, "summary"));
	ck_assert_msg(strstr(text(r, "summary"), ", NVIDIA X1, driver 535.104.05"), "%s",
		      text(r, "summary"));
	ck_assert_uint_eq(json_array_size(json_object_get(r, "gpus")), 2);
	ck_assert_str_eq(text(json_object_get(r, "image"), "hash"),
			 abl_hash_bytes("image", 5, (char[ABL_HASH_TEXT]){0}));
	ck_assert_str_ne(text(r, "hash"), text(plain, "hash"));
	ck_assert_str_ne(text(json_object_get(r, "python"), "packages_hash"),
			 text(json_object_get(plain, "python"), "packages_hash"));
	json_decref(r);
	r = record(&nothing, (const char *const[]){"launch", "x.py", NULL}); /* as torchrun does */
	ck_assert_str_eq(text(r, "summary"), text(plain, "summary"));
	json_decref(r);
	r = record(&nothing, (const char *const[]){"mpirun", "-n", "4", "python", "x.py", NULL});
	ck_assert_str_eq(text(r, "summary"), "");
	json_decref(r);
	r = record(&nothing, (const char *const[]){"bin/hangs", "{flags}", NULL});
	ck_assert_str_eq(text(r, "program"), at("bin/hangs"));
	ck_assert_str_eq(text(r, "summary"), "");
	json_decref(r);
	json_decref(plain);
	setenv("PATH", path, 1);
	free(path);
}
END_TEST

START_TEST(test_environment__a_real_python_says_what_it_is)
{
	const struct abl_environment_spec nothing = {.wrap = NULL};
	json_t *r = record(&nothing, (const char *const[]){"python3", "x.py", NULL});

	if (*text(r, "program"))
		ck_assert_msg(!strncmp(text(r, "summary"), "python 3.", 9), "%s",
			      text(r, "summary"));
	else
		puts("# SKIP there is no python3 on this machine");
	json_decref(r);
}
END_TEST

START_TEST(test_environment__secrets_are_names_only)
{
	const struct abl_order_setting set[] = {
		{"WANDB_API_KEY", "s3cr3t-1"},         {"hf_token", "s3cr3t-2"},
		{"DB_PASSWORD", "s3cr3t-3"},           {"MY_SECRET_X", "s3cr3t-4"},
		{"PROXY", "http://me:s3cr3t-5@host/"}, {"PLAIN", "seen \xff\n"},
	};
	const struct abl_environment_spec spec = {
		.environment = set,
		.environment_count = 3,
		.pass = set + 3,
		.pass_count = 3,
	};
	json_t *r, *variables;
	char *all;

	setenv("HF_TOKEN", "s3cr3t-6", 1);
	setenv("CUDA_VISIBLE_DEVICES", "3", 1);
	r = record(&spec, (const char *const[]){"absent-program", NULL});
	all = json_dumps(r, JSON_COMPACT);
	ck_assert_ptr_nonnull(all);
	ck_assert_msg(!strstr(all, "s3cr3t"), "%s", all);
	variables = json_object_get(r, "variables");
	ck_assert(json_is_null(json_object_get(variables, "WANDB_API_KEY")));
	ck_assert(json_is_null(json_object_get(variables, "HF_TOKEN")));
	ck_assert_str_eq(text(variables, "PLAIN"), "seen \\xff\n");
	ck_assert_str_eq(text(variables, "CUDA_VISIBLE_DEVICES"), "3");
	ck_assert(abl_is_secret_name("monkeys") && !abl_is_secret_name("LR"));
	unsetenv("HF_TOKEN");
	unsetenv("CUDA_VISIBLE_DEVICES");
	free(all);
	json_decref(r);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("environment_record");
	int rc;

	tcase_add_unchecked_fixture(c, begin, NULL);
	tcase_add_test(c, test_environment__interpreter_image_and_cards);
	tcase_add_test(c, test_environment__a_real_python_says_what_it_is);
	tcase_add_test(c, test_environment__secrets_are_names_only);
	rc = run_case(c, "environment_record");
	return abl_remove_tree(root, NULL) ? 1 : rc;
}
