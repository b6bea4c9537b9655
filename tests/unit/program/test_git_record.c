/* SPDX-License-Identifier: Apache-2.0 */
/* test_git_record.c - what git says of a program's code, and that a repository can make it run
 * nothing. */
#include "git_record.h"

#include "ask_program.h"
#include "files.h"
#include "run_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/ablate-git-XXXXXX";

/* A line of sh in the folder; its words are ours. */
static void sh(const char *line)
{
	struct abl_str text = {0};

	abl_str_printf(&text, "cd '%s' && { %s; } >>'%s/log' 2>&1", root, line, root);
	ck_assert_msg(!system(text.text), "%s", line);
	abl_str_finish(&text);
}

static bool exists(const char *name)
{
	char path[300];

	snprintf(path, sizeof path, "%s/%s", root, name);
	return abl_file_exists(path);
}

static void begin(void)
{
	ck_assert_ptr_nonnull(mkdtemp(root));
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_AUTHOR_NAME", "a", 1);
	setenv("GIT_AUTHOR_EMAIL", "a@example.org", 1);
	setenv("GIT_COMMITTER_NAME", "a", 1);
	setenv("GIT_COMMITTER_EMAIL", "a@example.org", 1);
	sh("mkdir repo repo/sub plain && git -c init.defaultBranch=main init -q repo && cd repo && "
	   "echo 1 >train.py && echo 2 >sub/model.py && echo 3 >'sub/od d\n.py' && echo x >run.sh "
	   "&& ln -s train.py link.py && git add -A && git commit -qm first && echo 4 >new.py");
}

/* The record of the code in root/`folder`, as one line of JSON without commit; "-": none. */
static void record(const char *folder, const char *pattern, struct abl_str *out)
{
	char directory[300];
	const char *const command[] = {"python", NULL}, *const files[] = {pattern, NULL};
	const struct abl_code_spec spec = {
		.directory = directory,
		.command = command,
		.files = {files},
	};
	struct abl_code_set c;
	struct abl_err err = {0};
	json_t *r;
	char *text;

	snprintf(directory, sizeof directory, "%s/%s", root, folder);
	ck_assert_msg(!abl_code_find(&c, &spec, &err), "%s", err.text);
	r = abl_git_record(&c);
	abl_str_clear(out);
	abl_str_puts(out, r ? "" : "-");
	abl_git_summary(r, out);
	abl_str_puts(out, "|");
	json_object_del(r, "commit");
	text = r ? json_dumps(r, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	abl_str_puts(out, text ? text : "");
	free(text);
	json_decref(r);
	abl_code_finish(&c);
}

#define CLEAN                                                                                      \
	"\"branch\":\"main\",\"dirty\":false,\"filtered\":[],\"filtered_count\":0,\"modified\":[]" \
	","                                                                                        \
	"\"modified_count\":0,\"untracked\":[],\"untracked_count\":0}"

START_TEST(test_git__says_what_is_changed)
{
	struct abl_str got = {0};

	record("repo", "sub/*.py", &got);
	ck_assert_msg(strstr(got.text, CLEAN), "%s", got.text);
	ck_assert_msg(strstr(got.text, " of 'main'|"), "%s", got.text);
	sh("cd repo && echo 7 >train.py && chmod +x run.sh && touch sub/model.py");
	record("repo", "**/*", &got);
	ck_assert_msg(strstr(got.text, ", 2 files modified, 1 not in git|"), "%s", got.text);
	ck_assert_msg(strstr(got.text, "\"modified\":[\"run.sh\",\"train.py\"]"), "%s", got.text);
	ck_assert_msg(strstr(got.text, "\"untracked\":[\"new.py\"]"), "%s", got.text);
	sh("cd repo && git add train.py"); /* not in the commit that is named */
	record("repo", "train.py", &got);
	ck_assert_msg(strstr(got.text, "\"modified\":[\"train.py\"]"), "%s", got.text);
	record("repo/sub", "*.py", &got); /* names are those of the directory */
	ck_assert_msg(strstr(got.text, CLEAN), "%s", got.text);
	sh("cd repo && git checkout -q --detach && git reset -q --hard");
	record("repo", "train.py", &got);
	ck_assert_msg(!strstr(got.text, "branch"), "%s", got.text);
	ck_assert_msg(strstr(got.text, "\"dirty\":false"), "%s", got.text);
	sh("cd repo && git checkout -q main");
	abl_str_finish(&got);
}
END_TEST

START_TEST(test_git__is_no_condition)
{
	struct abl_str got = {0};
	char *path = abl_strdup(getenv("PATH"));

	sh("echo 1 >plain/a.py; mkdir fresh && git init -q fresh && echo 1 >fresh/a.py");
	record("plain", "a.py", &got);
	ck_assert_str_eq(got.text, "-|");
	record("fresh", "a.py", &got); /* without a commit */
	ck_assert_msg(strstr(got.text, "\"problem\":"), "%s", got.text);
	setenv("PATH", "bin:.:", 1); /* a git in the folder is not the machine's */
	sh("/bin/mkdir -p repo/bin; /bin/ln -sf /bin/false repo/bin/git; /bin/ln -sf /bin/false "
	   "repo/git");
	record("repo", "train.py", &got);
	ck_assert_str_eq(got.text, "-|");
	setenv("PATH", path, 1);
	sh("rm -r repo/bin repo/git");
	abl_str_finish(&got);
	free(path);
}
END_TEST

static const char hostile[] =
	"[core]\n\tfsmonitor = \"touch $R/ran-fsmonitor;\"\n\thooksPath = $R/hooks\n"
	"\tsshCommand = touch $R/ran-ssh\n\tpager = touch $R/ran-pager\n\taskPass = $R/hooks/x\n"
	"\tgitProxy = $R/hooks/x\n\talternateRefsCommand = touch $R/ran-refs\n"
	"\teditor = touch $R/ran-editor\n\tattributesFile = $R/attributes\n"
	"[diff]\n\texternal = touch $R/ran-diff\n[diff \"x\"]\n\ttextconv = touch "
	"$R/ran-textconv;\n"
	"\tcommand = touch $R/ran-command\n"
	"[filter \"x\"]\n\tclean = touch $R/ran-clean; cat\n\tsmudge = touch $R/ran-smudge; cat\n"
	"\tprocess = touch $R/ran-process\n\trequired = true\n"
	"[alias]\n\trev-parse = !touch $R/ran-alias\n\tls-tree = !touch $R/ran-alias\n"
	"\thash-object = !touch $R/ran-alias\n\tcheck-attr = !touch $R/ran-alias\n"
	"[credential]\n\thelper = !touch $R/ran-helper\n"
	"[extensions]\n\tpartialClone = origin\n[remote \"origin\"]\n\turl = ssh://example.org/x\n"
	"\tpromisor = true\n\tuploadpack = touch $R/ran-uploadpack\n\tvcs = x\n"
	"[remote \"other\"]\n\turl = ext::touch $R/ran-ext\n\tpromisor = true\n";

static void write_hostile(void)
{
	struct abl_str text = {0};
	char path[300];

	for (const char *p = hostile; *p; p++)
		if (*p == '$' && p[1] == 'R') {
			abl_str_puts(&text, root);
			p++;
		} else {
			abl_str_add(&text, p, 1);
		}
	snprintf(path, sizeof path, "%s/config", root);
	ck_assert_int_eq(abl_file_write_passing(path, text.text, text.length, NULL), 0);
	abl_str_finish(&text);
}

START_TEST(test_git__runs_nothing_that_a_repository_names)
{
	struct abl_str got = {0};
	char line[600];

	write_hostile();
	sh("cd repo && git rev-parse 'HEAD^{tree}' >../tree");
	sh("mkdir hooks && for h in x post-index-change reference-transaction pre-auto-gc; do "
	   "printf '#!/bin/sh\\ntouch %s/ran-hook\\n' \"$PWD\" >hooks/$h; chmod +x hooks/$h; done; "
	   "cp -r hooks/. repo/.git/hooks; cp config repo/.git/config; "
	   "printf '* filter=x diff=x\\n' >repo/.gitattributes; touch repo/train.py; "
	   "echo changed >repo/sub/model.py");
	snprintf(line, sizeof line, "touch %s/ran-variable", root);
	setenv("GIT_DIR", "/absent", 1);
	setenv("GIT_EXTERNAL_DIFF", line, 1);
	setenv("GIT_SSH_COMMAND", line, 1);
	setenv("GIT_CONFIG_COUNT", "1", 1);
	setenv("GIT_CONFIG_KEY_0", "core.fsmonitor", 1);
	setenv("GIT_CONFIG_VALUE_0", line, 1);
	record("repo", "**/*", &got);
	ck_assert_msg(strstr(got.text, "\"filtered\":[\"sub/model.py\"]"), "%s", got.text);
	/* a commit of which an object is missing: git would fetch it */
	sh("cd repo/.git/objects && rm -f $(cat ../../../tree | sed 's|^..|&/|')");
	record("repo", "**/*", &got);
	ck_assert_msg(strstr(got.text, "\"problem\":"), "%s", got.text);
	sh("! ls | grep -q '^ran-'");
	sh("cd repo && env -u GIT_DIR git -c protocol.allow=always status; true");
	ck_assert(exists("ran-fsmonitor") || exists("ran-variable")); /* it is hostile */
	unsetenv("GIT_DIR");
	abl_str_finish(&got);
}
END_TEST

START_TEST(test_ask__a_program_that_hangs_is_ended)
{
	const char *const argv[] = {"/bin/sh", "-c", "echo early; sleep 60 & sleep 60", NULL};
	const char *const much[] = {"/bin/sh", "-c", "exec yes", NULL};
	struct abl_ask a = {.argv = argv, .directory = "/", .seconds = .1, .limit = 1000};
	struct abl_str out = {0};

	ck_assert_int_eq(abl_ask_program(&a, &out, NULL), -1);
	ck_assert_str_eq(out.text, "early\n");
	a.argv = much;
	a.seconds = 60;
	ck_assert_int_eq(abl_ask_program(&a, &out, NULL), -1);
	ck_assert_uint_le(out.length, 1000);
	abl_str_finish(&out);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("git_record");
	int rc;

	if (system("git --version >/dev/null 2>&1")) {
		puts("1..0 # SKIP there is no git on this machine");
		return 0;
	}
	tcase_add_unchecked_fixture(c, begin, NULL);
	tcase_add_test(c, test_git__says_what_is_changed);
	tcase_add_test(c, test_git__is_no_condition);
	tcase_add_test(c, test_git__runs_nothing_that_a_repository_names);
	tcase_add_test(c, test_ask__a_program_that_hangs_is_ended);
	rc = run_case(c, "git_record");
	return abl_remove_tree(root, NULL) ? 1 : rc;
}
