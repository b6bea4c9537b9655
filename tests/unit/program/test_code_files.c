/* SPDX-License-Identifier: Apache-2.0 */
/* test_code_files.c - which files are a program's code and inputs, what changes their hashes, and
 * which words of its command are to be read otherwise. */
#include "code_files.h"

#include "files.h"
#include "run_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/ablate-code-XXXXXX";
static char directory[300];

static const char *at(const char *name)
{
	static char path[4][600];
	static int next;
	char *out = path[next++ % 4];

	snprintf(out, sizeof path[0], "%s/%s", directory, name);
	return out;
}

static void make(const char *name, const char *text)
{
	struct abl_err err = {0};
	char *folder = abl_path_dir(at(name));

	ck_assert_msg(!abl_mkdir_all(folder, &err), "%s", err.text);
	ck_assert_msg(!abl_file_write(at(name), text, strlen(text), &err), "%s", err.text);
	free(folder);
}

static void make_tree(void)
{
	static const char *const files[] = {
		"train.py",       "src/a.py",         "src/deep/b.py",    "src/.hidden.py",
		"data/train.csv", "data/.more/x",     "data/ours.py",     "run.sh",
		"a b\nc.py",      "{x}.py",           "img.sif",          "conf/a.yaml",
		"[1].py",         "env/bin/python",   "env/pyvenv.cfg",   "../beside/lib.py",
		"~/tilde.py",     "../other/big.csv", "requirements.txt", "../beside/tool",
	};

	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(directory, sizeof directory, "%s/project", root);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		make(files[i], files[i]);
	make("../beside/tool", "\177ELF\2");
	ck_assert_int_eq(mkfifo(at("src/fifo.py"), 0600), 0);
	ck_assert_int_eq(symlink("..", at("data/up")), 0);
	ck_assert_int_eq(symlink("../../other", at("data/other")), 0);
	ck_assert_int_eq(symlink("absent", at("src/broken.py")), 0);
	ck_assert_int_eq(symlink("../beside", at("linked")), 0);
	ck_assert_int_eq(symlink("project", at("../alias")), 0);
	ck_assert_int_eq(symlink("../run.sh", at("src/link.py")), 0);
	ck_assert_int_eq(chmod(at("run.sh"), 0755), 0);
}

/* Words and patterns of a case, by blanks; '@' is the directory, '_' a blank, '$' a line end. */
static char **split(const char *words)
{
	static char *list[32][16];
	static int next;
	char **out = list[next++ % 32], *copy = abl_strdup(words), *rest = NULL;
	size_t n = 0;

	for (char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
		struct abl_str word = {0};

		abl_str_puts(&word, "");
		for (; *w; w++)
			if (*w == '@')
				abl_str_puts(&word, directory);
			else
				abl_str_add(&word, *w == '_' ? " " : *w == '$' ? "\n" : w, 1);
		out[n++] = (char *)abl_intern(word.text);
		abl_str_finish(&word);
	}
	out[n] = NULL;
	free(copy);
	return out;
}

struct made {
	const char *command, *wrap, *files, *inputs;
};

static int find(struct abl_code_set *out, const struct made *m, struct abl_err *err)
{
	const struct abl_code_spec spec = {
		.directory = directory,
		.command = (const char *const *)split(m->command ? m->command : "python"),
		.wrap = m->wrap ? (const char *const *)split(m->wrap) : NULL,
		.files = {m->files ? (const char *const *)split(m->files) : NULL},
		.inputs = {NULL, m->inputs ? (const char *const *)split(m->inputs) : NULL},
	};

	return abl_code_find(out, &spec, err);
}

/* Undoes what split() does: one text for all of it. */
static void show(const struct abl_code_set *c, const char *what, struct abl_str *out)
{
	const struct abl_code_list *list = *what == 'c' ? &c->code : &c->inputs;

	abl_str_clear(out);
	abl_str_puts(out, "");
	for (size_t i = 0; *what != 'l' && *what != 'w' && i < list->count; i++)
		abl_str_printf(out, "%s%s", i ? " " : "", list->file[i].path);
	for (size_t i = 0; *what == 'l' && i < c->link_count; i++)
		abl_str_printf(out, "%s%s", i ? " " : "", c->link[i].path);
	for (size_t i = 0; *what == 'w' && i < c->word_count; i++)
		abl_str_printf(out, "%s%s%zu:%s", i ? " " : "", c->word[i].of_wrap ? "w" : "",
			       c->word[i].at, c->word[i].text);
	for (char *p; (p = strstr(out->text, root));) {
		memmove(p + 1, p + strlen(root), strlen(p + strlen(root)) + 1);
		*p = '^';
	}
}

static const struct {
	struct made made;
	const char *code, *inputs, *links, *words;
} cases[] = {
	{{"python train.py --x {lr}"}, "train.py", "", "", ""},
	{{"python @/train.py"}, "train.py", "", "", "1:./train.py"},
	{{"python {directory}/src/a.py"}, "src/a.py", "", "", "1:src/a.py"},
	{{"python --c={directory}/conf/a.yaml"}, "conf/a.yaml", "", "", "1:--c=conf/a.yaml"},
	{{"python --config=conf/a.yaml"}, "conf/a.yaml", "", "", ""},
	{{"python {{x}}.py"}, "{x}.py", "", "", ""},
	{{"python @/{{x}}.py"}, "{x}.py", "", "", "1:./{{x}}.py"},
	{{"python {out}/train.py {lr} src/fifo.py src absent"}, "", "", "", ""},
	{{"python a_b$c.py"}, "a b\nc.py", "", "", ""},
	{{"python ./train.py src/../train.py"}, "train.py", "", "", "2:./train.py"},
	{{"python ../beside/lib.py"}, "^/beside/lib.py", "", "", "1:^/beside/lib.py"},
	{{"python @/../alias/train.py"}, "^/alias/train.py", "", "", ""},
	{{"train.py"}, "", "", "", ""},
	{{"./run.sh"}, "run.sh", "", "", ""},
	{{"{directory}/run.sh"}, "run.sh", "", "", "0:./run.sh"},
	{{"/bin/sh run.sh /bin/ls"}, "run.sh", "", "", ""},
	{{"env/bin/python train.py"}, "train.py", "", "", "0:^/project/env/bin/python"},
	{{"nice env/bin/python"}, "", "", "", "1:^/project/env/bin/python"},
	{{"python ../beside/tool"}, "", "", "", "1:^/beside/tool"},
	{{"python linked/lib.py"}, "linked/lib.py", "", "", ""},
	{{"run.sh", "sh"}, "run.sh", "", "", ""},
	{{"python", "apptainer exec img.sif"}, "", "", "img.sif", ""},
	{{"python", "sh run.sh"}, "run.sh", "", "", ""},
	{{"python train.py", NULL, "src/*.py src/**/*.py"},
	 "src/a.py src/deep/b.py src/link.py train.py",
	 "",
	 "",
	 ""},
	{{NULL, NULL, "[1].py [[]1].p? ~*/*.py"}, "[1].py ~/tilde.py", "", "", ""},
	{{NULL, NULL, "@/src/a.py @/../beside/*.py"}, "^/beside/lib.py src/a.py", "", "", ""},
	{{NULL, NULL, "linked/*.py"}, "linked/lib.py", "", "", ""},
	{{NULL, NULL, "**/*.py", "data"},
	 "[1].py a b\nc.py src/a.py src/deep/b.py src/link.py train.py {x}.py ~/tilde.py",
	 "data/.more/x data/other/big.csv data/ours.py data/train.csv",
	 "data",
	 ""},
	{{"python data/ours.py --d data/train.csv", NULL, NULL, "data/*.csv data/train.csv"},
	 "data/ours.py",
	 "data/train.csv",
	 "data/train.csv",
	 ""},
	{{"python --d data/train.csv", NULL, NULL, "data/ data/train.csv"},
	 "",
	 "data/.more/x data/other/big.csv data/ours.py data/train.csv",
	 "data",
	 ""},
	{{"python --d ../other/big.csv", NULL, NULL, "../other/*.csv"},
	 "",
	 "^/other/big.csv",
	 "",
	 "2:^/other/big.csv"},
	{{"python --d ../other", NULL, NULL, NULL}, "", "", "", "2:^/other"},
};

START_TEST(test_code__words_and_patterns_name_files)
{
	struct abl_str text = {0};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *const expected[] = {cases[i].code, cases[i].inputs, cases[i].links,
						cases[i].words};
		struct abl_code_set c;
		struct abl_err err = {0};

		ck_assert_msg(!find(&c, &cases[i].made, &err), "case %zu: %s", i, err.text);
		for (size_t k = 0; k < 4; k++) {
			show(&c, &"c\0i\0l\0w"[2 * k], &text);
			ck_assert_msg(!strcmp(text.text, expected[k]),
				      "case %zu, %zu: '%s' is not '%s'", i, k, text.text,
				      expected[k]);
		}
		abl_code_finish(&c);
	}
	abl_str_finish(&text);
}
END_TEST

static const struct {
	struct made made;
	const char *said;
} refused[] = {
	{{NULL, NULL, "trian.py"},
	 "files: 'trian.py' matches no file in '^/project': did you mean "
	 "'train.py'?"},
	{{NULL, NULL, "scr/**/*.py"},
	 "'scr/**/*.py' matches no file in '^/project': did you mean "
	 "'src'?"},
	{{NULL, NULL, NULL, "data/*.tsv"},
	 "inputs: 'data/*.tsv' matches no file in '^/project/data'; "
	 "there are"},
	{{NULL, NULL, "src"}, "files: 'src' is a folder: write 'src/**/*.py'"},
	{{NULL, NULL, "src/fifo.py"}, "files: 'src/fifo.py' is not a regular file"},
	{{NULL, NULL, "src/broken.py"}, "files: 'src/broken.py' matches no file"},
	{{NULL, NULL, NULL, "."}, "inputs: '.' is where the program's code is"},
	{{NULL, NULL, NULL, ".."}, "inputs: '..' is where the program's code is"},
	{{NULL, NULL, NULL, "/absent/x.csv"}, "matches no file in '/'"},
};

START_TEST(test_code__what_matches_nothing_is_refused)
{
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct abl_code_set c;
		struct abl_err err = {0};

		ck_assert_int_eq(find(&c, &refused[i].made, &err), ABL_EINPUT);
		for (char *p; (p = strstr(err.text, root));) {
			memmove(p + 1, p + strlen(root), strlen(p + strlen(root)) + 1);
			*p = '^';
		}
		ck_assert_msg(strstr(err.text, refused[i].said), "%zu: %s", i, err.text);
		abl_code_finish(&c);
	}
}
END_TEST

static void hashes(char code[ABL_HASH_TEXT], char inputs[ABL_HASH_TEXT])
{
	const struct made m = {"python train.py run.sh", NULL, "src/**/*.py", "data"};
	struct abl_code_set c;
	struct abl_err err = {0};

	ck_assert_msg(!find(&c, &m, &err), "%s", err.text);
	snprintf(code, ABL_HASH_TEXT, "%s", c.code.hash);
	snprintf(inputs, ABL_HASH_TEXT, "%s", c.inputs.hash);
	abl_code_finish(&c);
}

START_TEST(test_code__only_content_names_and_the_executable_bit_are_hashed)
{
	char before[2][ABL_HASH_TEXT], now[2][ABL_HASH_TEXT];

	hashes(before[0], before[1]);
	make("train.py", "train.py"); /* another file of the same content */
	ck_assert_int_eq(chmod(at("src/a.py"), 0600), 0);
	make("notes.txt", "no code");
	hashes(now[0], now[1]);
	ck_assert_str_eq(before[0], now[0]);
	ck_assert_str_eq(before[1], now[1]);
	make("train.py", "trajn.py"); /* as long */
	hashes(now[0], now[1]);
	ck_assert_str_ne(before[0], now[0]);
	ck_assert_str_eq(before[1], now[1]);
	make("train.py", "train.py");
	ck_assert_int_eq(chmod(at("run.sh"), 0644), 0);
	hashes(now[0], now[1]);
	ck_assert_str_ne(before[0], now[0]);
	ck_assert_int_eq(chmod(at("run.sh"), 0755), 0);
	ck_assert_int_eq(rename(at("data/train.csv"), at("data/test.csv")), 0);
	hashes(now[0], now[1]);
	ck_assert_str_eq(before[0], now[0]);
	ck_assert_str_ne(before[1], now[1]);
	ck_assert_int_eq(rename(at("data/test.csv"), at("data/train.csv")), 0);
	hashes(now[0], now[1]);
	ck_assert_str_eq(before[1], now[1]);
}
END_TEST

START_TEST(test_code__what_is_imported_and_forgotten_is_named)
{
	const struct made m = {"python go/main.py", NULL, "go/pkg/*.py"};
	struct abl_code_set c;
	struct abl_err err = {0};

	make("go/main.py",
	     "import os, helper as h\n  from pkg.sub import x\r\nfrom .near import y\n"
	     "import other.deep\n# import unused\nimport helper\nimported = 1\n");
	make("go/helper.py", "");
	make("go/near.py", "");
	make("go/unused.py", "");
	make("go/pkg/__init__.py", "from . import x\n");
	make("go/other/__init__.py", "");
	ck_assert_msg(!find(&c, &m, &err), "%s", err.text);
	ck_assert_ptr_nonnull(strstr(c.notes.text, "'go/helper.py', which 'go/main.py' imports"));
	ck_assert_ptr_nonnull(strstr(c.notes.text, "'go/near.py', which"));
	ck_assert_ptr_nonnull(strstr(c.notes.text, "'go/other/__init__.py', which"));
	ck_assert_msg(
		!strstr(strstr(strstr(strstr(c.notes.text, "\n") + 1, "\n") + 1, "\n") + 1, "\n"),
		"%s", c.notes.text);
	abl_code_finish(&c);
	ck_assert_int_eq(abl_remove_tree(at("go"), NULL), 0);
}
END_TEST

START_TEST(test_code__stores_and_environments_are_no_code)
{
	const struct made m = {NULL, NULL, "**/*.py"};
	struct abl_code_set c;
	struct abl_err err = {0};
	char before[ABL_HASH_TEXT];

	ck_assert_msg(!find(&c, &m, &err), "%s", err.text);
	snprintf(before, sizeof before, "%s", c.code.hash);
	abl_code_finish(&c);
	make("ablate-store/results.db", "");
	make("ablate-store/artifacts/x.py", "");
	make("ablate-store/code/0123/train.py", "");
	make("env/lib/python3/site-packages/torch/nn/a.py", "");
	ck_assert_msg(!find(&c, &m, &err), "%s", err.text);
	ck_assert_str_eq(c.code.hash, before);
	abl_code_finish(&c);
}
END_TEST

START_TEST(test_code__what_is_used_where_it_lies_is_watched)
{
	const struct made m = {"python train.py ../beside/lib.py", NULL, NULL, "data/*.csv"};
	struct abl_hash_cache *cache = abl_hash_cache_open(NULL);
	struct abl_code_set c;
	struct abl_err err = {0};

	ck_assert_msg(!find(&c, &m, &err), "%s", err.text);
	ck_assert_int_eq(abl_code_check(&c, cache, false, &err), 0);
	make("train.py", "other"); /* which runs in a copy */
	ck_assert_int_eq(abl_code_check(&c, cache, false, &err), 0);
	ck_assert_int_eq(abl_code_check(&c, cache, true, NULL), ABL_EINPUT);
	make("train.py", "train.py");
	ck_assert_int_eq(abl_code_check(&c, cache, true, &err), 0);
	make("../beside/lib.py", "other");
	ck_assert_int_eq(abl_code_check(&c, cache, false, NULL), ABL_EINPUT);
	make("../beside/lib.py", "../beside/lib.py");
	make("data/train.csv", "data/trajn.csv");
	ck_assert_int_eq(abl_code_check(&c, cache, false, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "data/train.csv' has changed since the plan"), "%s",
		      err.text);
	make("data/train.csv", "data/train.csv");
	abl_hash_cache_close(cache);
	abl_code_finish(&c);
}
END_TEST

START_TEST(test_code__the_directory_may_be_a_link)
{
	const struct made m = {"python train.py @/../project/src/a.py", NULL, "src/*.py", "data"};
	struct abl_code_set c;
	struct abl_err err = {0};
	struct abl_str text = {0};

	snprintf(directory, sizeof directory, "%s/alias", root);
	ck_assert_msg(!find(&c, &m, &err), "%s", err.text);
	show(&c, "c", &text);
	ck_assert_str_eq(text.text, "src/a.py src/link.py train.py");
	show(&c, "w", &text);
	ck_assert_str_eq(text.text, "2:src/a.py");
	snprintf(directory, sizeof directory, "%s/project", root);
	abl_code_finish(&c);
	abl_str_finish(&text);
}
END_TEST

START_TEST(test_code__what_is_no_code_is_not_read)
{
	const struct made m = {NULL, NULL, "huge.bin"};
	struct abl_code_set c;
	struct abl_err err = {0};

	make("huge.bin", "");
	ck_assert_int_eq(truncate(at("huge.bin"), (off_t)600 << 20), 0);
	ck_assert_int_eq(find(&c, &m, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "600 MiB") && strstr(err.text, "huge.bin") &&
			      strstr(err.text, "'inputs:'"),
		      "%s", err.text);
	abl_code_finish(&c);
	ck_assert_int_eq(unlink(at("huge.bin")), 0);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("code_files");
	int rc;

	tcase_add_unchecked_fixture(c, make_tree, NULL);
	tcase_add_test(c, test_code__words_and_patterns_name_files);
	tcase_add_test(c, test_code__what_matches_nothing_is_refused);
	tcase_add_test(c, test_code__only_content_names_and_the_executable_bit_are_hashed);
	tcase_add_test(c, test_code__what_is_imported_and_forgotten_is_named);
	tcase_add_test(c, test_code__stores_and_environments_are_no_code);
	tcase_add_test(c, test_code__what_is_used_where_it_lies_is_watched);
	tcase_add_test(c, test_code__the_directory_may_be_a_link);
	tcase_add_test(c, test_code__what_is_no_code_is_not_read);
	rc = run_case(c, "code_files");
	return abl_remove_tree(root, NULL) ? 1 : rc;
}
