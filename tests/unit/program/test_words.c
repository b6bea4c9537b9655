/* SPDX-License-Identifier: Apache-2.0 */
#include "flag_style.h"
#include "order_fixture.h"
#include "run_case.h"
#include "words.h"

#include <string.h>

static const struct abl_words_now nothing = {0};

static struct abl_argv filled(const struct abl_order *o, const struct abl_words_now *now)
{
	struct abl_argv a;
	struct abl_err err = {0};

	ck_assert_msg(!abl_words_fill(&a, o, now, &err), "%s", err.text);
	return a;
}

static void check_words(char *const *got, const char *const *expected)
{
	size_t i = 0;

	for (; got[i] && expected[i]; i++)
		ck_assert_str_eq(got[i], expected[i]);
	ck_assert_msg(!got[i] && !expected[i], "%s, and not %s", got[i] ? got[i] : "the end",
		      expected[i] ? expected[i] : "the end");
}

static void check_filled(const struct abl_order *o, const char *const *words)
{
	struct abl_argv a = filled(o, &nothing);

	check_words(a.word, words);
	abl_argv_finish(&a);
}

static void check_refused(const struct abl_order *o, const char *message)
{
	struct abl_argv a;
	struct abl_err err = {0};

	ck_assert_int_eq(abl_words_fill(&a, o, &nothing, &err), ABL_EINPUT);
	ck_assert_str_eq(err.text, message);
}

/* One option by one style. */

struct passed {
	const char *style;
	struct abl_order_option option;
	const char *word; /* NULL: the options are no words */
};

static const struct passed passed[] = {
	{"argparse", {"lr", A_REAL(0.001)}, "--lr=0.001"},
	{"argparse", {"lr", A_REAL(1e-5)}, "--lr=1e-5"},
	{"argparse", {"lr", A_REAL(-1e-3)}, "--lr=-0.001"},
	{"argparse", {"lr", A_REAL(0.1 + 0.2)}, "--lr=0.30000000000000004"},
	{"argparse", {"n", AN_INT(INT64_MIN)}, "--n=-9223372036854775808"},
	{"argparse", {"weight_decay", A_REAL(0.01)}, "--weight_decay=0.01"},
	{"argparse", {"lr", A_REAL(1), .flag = "--learning-rate"}, "--learning-rate=1"},
	{"argparse", {"lr", A_REAL(1), .flag = "-l"}, "-l=1"},
	{"argparse", {"lr", A_REAL(1), .flag = "lr="}, "lr=1"},
	{"argparse", {"lr", A_REAL(1), .flag = "lr"}, "lr=1"},
	{"argparse", {"lr", A_REAL(1), .flag = "/lr:"}, "/lr:1"},
	{"argparse", {"augment", A_TRUTH(1)}, "--augment=true"},
	{"argparse", {"augment", A_TRUTH(0)}, "--augment=false"},
	{"argparse", {"augment", A_TRUTH(0), .on = NO_WORDS}, "--augment=false"},
	{"argparse", {"augment", A_TRUTH(0), .off = WORDS("--no-augment")}, "--no-augment"},
	{"argparse", {"t", A_TEXT("")}, "--t="},
	{"argparse", {"t", A_TEXT("a b")}, "--t=a b"},
	{"argparse", {"t", A_TEXT("'\"`$(x) $x * ? ~ ; & |")}, "--t='\"`$(x) $x * ? ~ ; & |"},
	{"argparse", {"t", A_TEXT("a\nb\\n\t")}, "--t=a\nb\\n\t"},
	{"argparse", {"t", A_TEXT("-1e-3")}, "--t=-1e-3"},
	{"argparse", {"t", A_TEXT("--x=y")}, "--t=--x=y"},
	{"argparse", {"t", A_TEXT("=")}, "--t=="},
	{"argparse", {"t", A_TEXT("{seed} {{x}} }")}, "--t={seed} {{x}} }"},
	{"argparse", {"t", A_TEXT("\xc3\xa9\xe2\x80\xae")}, "--t=\xc3\xa9\xe2\x80\xae"},
	{"hydra", {"lr", A_REAL(0.001)}, "lr=0.001"},
	{"hydra", {"lr", A_REAL(1)}, "lr=1.0"},
	{"hydra", {"lr", A_REAL(1e-5)}, "lr=1e-5"},
	{"hydra", {"n", AN_INT(-3), .flag = "optim.n"}, "optim.n=-3"},
	{"hydra", {"n", AN_INT(3), .flag = "+n"}, "+n=3"},
	{"hydra", {"augment", A_TRUTH(1)}, "augment=true"},
	{"hydra", {"augment", A_TRUTH(1), .on = WORDS("+aug=yes")}, "+aug=yes"},
	{"hydra", {"norm", A_NAME("layer-norm_2")}, "norm=layer-norm_2"},
	{"hydra", {"norm", A_NAME("None")}, "norm=None"},
	{"hydra", {"norm", A_NAME("null")}, "norm='null'"},
	{"hydra", {"t", A_TEXT("True")}, "t='True'"},
	{"hydra", {"t", A_TEXT("NaN")}, "t='NaN'"},
	{"hydra", {"t", A_TEXT("")}, "t=''"},
	{"hydra", {"t", A_TEXT("1e-3")}, "t='1e-3'"},
	{"hydra", {"t", A_TEXT("a b")}, "t='a b'"},
	{"hydra", {"t", A_TEXT("it's")}, "t='it\\'s'"},
	{"hydra", {"t", A_TEXT("a\\b")}, "t='a\\b'"},
	{"hydra", {"t", A_TEXT("a\\'b\\")}, "t='a\\\\\\'b\\\\'"},
	{"hydra", {"t", A_TEXT("[1,2]")}, "t='[1,2]'"},
	{"hydra", {"t", A_TEXT("a,b")}, "t='a,b'"},
	{"hydra", {"t", A_TEXT("${x}")}, "t='\\${x}'"},
	{"hydra", {"t", A_TEXT("\\${x}")}, "t='\\\\\\${x}'"},
	{"hydra", {"t", A_TEXT("a\nb")}, "t='a\nb'"},
	{"hydra", {"t", A_TEXT("\xc3\xa9")}, "t='\xc3\xa9'"},
	{"json", {"lr", A_REAL(0.001)}, NULL},
	{"env", {"lr", A_REAL(0.001)}, NULL},
};

START_TEST(test_flags__one_word_whatever_it_contains)
{
	const struct passed *p = &passed[_i];
	struct abl_order o = plain_order(WORDS("run", "{flags}", "end"));

	o.flags = p->style;
	o.options = &p->option, o.option_count = 1;
	check_filled(&o, p->word ? WORDS("run", p->word, "end") : WORDS("run", "end"));
}
END_TEST

START_TEST(test_flags__then_the_task_then_the_seed)
{
	const struct abl_order_option options[] = {
		{"lr", A_REAL(0.5)},
		{"augment", A_TRUTH(1), .on = NO_WORDS, .off = WORDS("--no-augment")},
		{"two", A_TEXT("a b"), .flag = "--two "},
		{"p", A_TRUTH(1), .on = WORDS("--p", "{task}")},
	};
	struct abl_order o = plain_order(WORDS("run", "{flags}"));

	o.options = options, o.option_count = 4;
	o.task = "sst2", o.task_flags = WORDS("--task_name", "{task}", "{{}}");
	o.seed = 7, o.seed_flag = "--seed";
	check_filled(&o, WORDS("run", "--lr=0.5", "--two", "a b", "--p", "sst2", "--task_name",
			       "sst2", "{}", "--seed=7"));
	o.flags = "hydra", o.seed_flag = "train.seed", o.option_count = 1;
	check_filled(&o, WORDS("run", "lr=0.5", "--task_name", "sst2", "{}", "train.seed=7"));
	o.flags = "json", o.seed_flag = "--seed";
	check_filled(&o, WORDS("run", "--task_name", "sst2", "{}", "--seed=7"));
	o.seed = 0;
	check_filled(&o, WORDS("run", "--task_name", "sst2", "{}"));
	o.command = WORDS("sh", "-c", "run {flags} >x");
	o.flags = "argparse", o.option_count = 3;
	check_filled(&o, WORDS("sh", "-c", "run --lr=0.5 --two 'a b' --task_name sst2 '{}' >x"));
}
END_TEST

START_TEST(test_words__placeholders)
{
	const struct abl_order_option options[] = {{"lr", A_REAL(1e-5)},
						   {"text", A_TEXT("{out}\n")}};
	static const struct abl_order_folder folders[] = {{"prepare", "/store/a b"}};
	const struct abl_words_now now = {.options_file = "/o.json", .port = 4711, .resumes = true};
	struct abl_order o = plain_order(
		WORDS("run", "{out}/x", "{state}", "{seed}{variant}", "{study}/{task}/{step}",
		      "{lr}", "{text}", "{prepare}", "{options}", "{gpus}", "{cards}", "{port}",
		      "{directory}", "{{{lr}}}", "a}b", "", "{{\"a\": 1}}"));
	struct abl_argv a;

	o.seed = 3, o.task = "rte";
	o.options = options, o.option_count = 2;
	o.folders = folders, o.folder_count = 1;
	o.gpus = 2, o.cards = WORDS("4", "5");
	o.wrap = WORDS("exec", "--gpus={gpus}");
	o.resume_flags = WORDS("--resume", "{out}");
	a = filled(&o, &now);
	check_words(a.word, WORDS("exec", "--gpus=2", "run", "/store/out/x", "/store/out",
				  "3baseline", "what-matters/rte/train", "1e-5", "{out}\n",
				  "/store/a b", "/o.json", "2", "4,5", "4711", "/u/me/study",
				  "{1e-5}", "a}b", "", "{\"a\": 1}", "--resume", "/store/out"));
	check_words(a.environment, WORDS("CUDA_VISIBLE_DEVICES=4,5"));
	ck_assert_ptr_null(a.setup);
	abl_argv_finish(&a);
	o.cards = NO_WORDS, o.command = WORDS("run", "{cards} {port} {options}");
	o.wrap = NO_WORDS;
	check_filled(&o, WORDS("run", "{cards} {port} {options}")); /* the plan knows none */
}
END_TEST

START_TEST(test_words__refuses_what_stands_for_nothing)
{
	const struct abl_order_option options[] = {{"dropout", A_REAL(0)}};
	static const struct {
		const char *word, *message;
	} cases[] = {
		{"--x={dropuot}", "'--x={dropuot}': '{dropuot}' stands for nothing here; did you "
				  "mean '{dropout}'? write '{{' and '}}' for braces that the "
				  "program is to get"},
		{"{otu}", "'{otu}': '{otu}' stands for nothing here; did you mean '{out}'? write "
			  "'{{' and '}}' for braces that the program is to get"},
		{"{\"a\": 1}", "'{\"a\": 1}': '{\"a\": 1}' is no placeholder; write '{{' and '}}' "
			       "for braces that the program is to get"},
		{"{}", "'{}': '{}' stands for nothing here; write '{{' and '}}' for braces that "
		       "the program is to get"},
		{"a{", "'a{': a brace is open; '{{' is one that the program is to get"},
		{"{seed}", "'{seed}': '{seed}': this step has none"},
		{"{task}", "'{task}': '{task}': this step has none"},
	};
	struct abl_order o = plain_order(NO_WORDS);

	o.options = options, o.option_count = 1;
	check_refused(&o, "the command names no program");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		o.command = WORDS("run", cases[i].word);
		check_refused(&o, cases[i].message);
	}
	o.command = WORDS("run", "{flags}");
	o.task_flags = WORDS("{flags}");
	check_refused(&o, "'{flags}': '{flags}' cannot be a part of itself");
	o.flags = "argparze";
	check_refused(&o, "unknown style of flags 'argparze'; it is one of: argparse, hydra, json, "
			  "env");
}
END_TEST

START_TEST(test_environment__a_later_one_replaces_an_earlier_one)
{
	static const struct abl_order_setting environment[] = {{"A", "{variant} {{}}"}, {"B", ""}},
					      pass[] = {{"NAME", "{variant}-{seed}"}, {"A", "p"}};
	struct abl_order o = plain_order(WORDS("run"));
	struct abl_argv a;

	o.environment = environment, o.environment_count = 2;
	o.pass = pass, o.pass_count = 2;
	o.seed = 5, o.seed_variable = "SEED";
	a = filled(&o, &nothing);
	check_words(a.environment, WORDS("NAME=baseline-5", "A=baseline {}", "B=", "SEED=5"));
	ck_assert_str_eq(abl_argv_get(&a, "SEED"), "5");
	ck_assert_ptr_null(abl_argv_get(&a, "SEE"));
	abl_argv_finish(&a);
	o.seed = 0; /* a step without one still has a name for trackers */
	a = filled(&o, &nothing);
	ck_assert_str_eq(abl_argv_get(&a, "NAME"), "baseline-none");
	abl_argv_finish(&a);
}
END_TEST

START_TEST(test_environment__options_by_it)
{
	const struct abl_order_option options[] = {
		{"optim.lr", A_REAL(0.5)},
		{"text", A_TEXT("a\n'b'=\xc3\xa9"), .flag = "TEXT"},
		{"augment", A_TRUTH(1)},
		{"flip", A_TRUTH(1), .on = WORDS("1"), .off = NO_WORDS},
		{"crop", A_TRUTH(0), .on = WORDS("1"), .off = NO_WORDS},
		{"optim-lr", A_REAL(1)},
	};
	static const struct abl_order_option events[] = {{"events", A_REAL(0.5)}};
	struct abl_order o = plain_order(WORDS("run"));
	struct abl_argv a;

	o.flags = "env";
	o.options = options, o.option_count = 5;
	a = filled(&o, &nothing);
	check_words(a.environment, WORDS("ABLATE_OPTIM_LR=0.5", "TEXT=a\n'b'=\xc3\xa9",
					 "ABLATE_AUGMENT=true", "ABLATE_FLIP=1"));
	abl_argv_finish(&a);
	o.option_count = 6;
	check_refused(&o, "'optim-lr' would be the environment variable 'ABLATE_OPTIM_LR', which "
			  "has another meaning here; give it another 'flag:'");
	o.options = events, o.option_count = 1;
	check_refused(&o, "'events' would be the environment variable 'ABLATE_EVENTS', which has "
			  "another meaning here; give it another 'flag:'");
}
END_TEST

START_TEST(test_options__json_keeps_types)
{
	const struct abl_order_option options[] = {
		{"lr", A_REAL(1)}, {"n", AN_INT(1)}, {"b", A_TRUTH(0)}, {"t", A_TEXT("1\"\n")}};
	struct abl_order o = plain_order(WORDS("run"));
	json_t *json, *expected = json_loads("{\"lr\":1.0,\"n\":1,\"b\":false,\"t\":\"1\\\"\\n\"}",
					     0, NULL);

	o.options = options, o.option_count = 4;
	json = abl_words_options(&o);
	ck_assert(json_equal(json, expected));
	json_decref(json);
	json_decref(expected);
}
END_TEST

START_TEST(test_text__of_a_metric)
{
	struct abl_order o = plain_order(WORDS("run"));
	struct abl_str text = {0};

	ck_assert(!abl_words_text(&o, "{out}/x: y", &text, NULL));
	ck_assert_str_eq(text.text, "/store/out/x: y");
	abl_str_finish(&text);
}
END_TEST

START_TEST(test_shell__a_line_that_can_be_pasted)
{
	static const struct abl_order_setting environment[] = {{"A", "x y'"}, {"B", "1"}};
	const struct abl_order_option options[] = {{"t", A_TEXT("$(x) *\n")}};
	struct abl_order o = plain_order(WORDS("python", "train.py", "{flags}"));
	struct abl_argv a;
	struct abl_str text = {0};

	o.directory = "/u/me/my study";
	o.environment = environment, o.environment_count = 2;
	o.options = options, o.option_count = 1;
	a = filled(&o, &nothing);
	abl_words_shell(&o, &a, &text);
	ck_assert_str_eq(text.text, "cd '/u/me/my study' && A='x y'\\''' B=1 python train.py "
				    "'--t=$(x) *\n'");
	abl_argv_finish(&a);
	abl_str_clear(&text);
	o.setup = WORDS(". ./env", "X=${X}1"), o.environment_count = 0, o.option_count = 0;
	a = filled(&o, &nothing);
	ck_assert_str_eq(a.setup, ". ./env\nX=${X}1"); /* braces are the shell's own there */
	abl_words_shell(&o, &a, &text);
	ck_assert_str_eq(text.text, "cd '/u/me/my study' && sh -c '. ./env\nX=${X}1\nexec "
				    "\"$@\"' sh python train.py");
	abl_argv_finish(&a);
	abl_str_finish(&text);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("words");

	tcase_add_loop_test(c, test_flags__one_word_whatever_it_contains, 0,
			    sizeof passed / sizeof *passed);
	tcase_add_test(c, test_flags__then_the_task_then_the_seed);
	tcase_add_test(c, test_words__placeholders);
	tcase_add_test(c, test_words__refuses_what_stands_for_nothing);
	tcase_add_test(c, test_environment__a_later_one_replaces_an_earlier_one);
	tcase_add_test(c, test_environment__options_by_it);
	tcase_add_test(c, test_options__json_keeps_types);
	tcase_add_test(c, test_text__of_a_metric);
	tcase_add_test(c, test_shell__a_line_that_can_be_pasted);
	return run_case(c, "words");
}
