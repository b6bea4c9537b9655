/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"
#include "order_fixture.h"
#include "run_case.h"

#include <math.h>
#include <string.h>

#define NASTY "a \"b\" \\ \n\t\x01 \xc3\xa9 {x} $(y) \x7f"

static const struct abl_order_option all_types[] = {
	{"lr", A_REAL(0.1 + 0.2)},
	{"huge", AN_INT(INT64_MIN), .flag = "-n"},
	{"augment", A_TRUTH(1), .on = NO_WORDS, .off = WORDS("--no-augment", "x y")},
	{"norm", A_NAME("layer")},
	{"text", A_TEXT(NASTY), .flag = ""},
	{"odd", A_REAL(-INFINITY)},
};
static const struct abl_order_setting some[] = {{"A", NASTY}, {"B", ""}};
static const struct abl_order_folder folders[] = {{"prepare", "/store/artifacts/5f"}};
static const struct abl_order_metric metrics[] = {
	{"accuracy", .main = true, .split = "dev", .from = "{out}/r.json: accuracy"},
	{"loss", .lower_is_better = true, .series = true, .best = true, .step = "step"},
};

static const char *const command[] = {"python", NASTY, "{flags}", "", NULL};
static const char *const setup[] = {"module load cuda", "conda activate x", NULL};
static const char *const wrap[] = {"apptainer", "exec", NULL};
static const char *const task_flags[] = {"--task", "sst2", NULL};
static const char *const resume_flags[] = {"--resume", "True", NULL};
static const char *const cards[] = {"3", "GPU-5f", NULL};
static const char *const keep[] = {"best/*", NULL};

static struct abl_order full(void)
{
	struct abl_order o = plain_order(command);

	o.task = "sst2";
	o.seed = INT64_MAX;
	o.setup = setup;
	o.wrap = wrap;
	o.task_flags = task_flags;
	o.environment = some, o.environment_count = 2;
	o.pass = some, o.pass_count = 1;
	o.options = all_types, o.option_count = sizeof all_types / sizeof *all_types;
	o.seed_flag = "--seed", o.seed_variable = "SEED";
	o.folders = folders, o.folder_count = 1;
	o.metrics = metrics, o.metric_count = 2;
	o.predictions = "{out}/p.jsonl", o.predictions_id = "id", o.predictions_correct = "ok";
	o.resume_if = "{state}/checkpoint-*", o.resume_flags = resume_flags;
	o.stop_signal = 10, o.stop_grace = 0.1 + 0.2;
	o.gpus = 2, o.cards = cards;
	o.keep = keep;
	o.keep_all = true;
	o.threads = 7;
	return o;
}

/* The order as the trial file would carry it. */
static json_t *carried(const struct abl_order *o)
{
	struct abl_json j;
	struct abl_str text = {0};
	json_t *read;

	abl_json_begin(&j);
	abl_json_put(&j, j.root, "order", abl_order_json(o));
	ck_assert(!abl_json_end(&j, JSON_INDENT(2) | JSON_ENSURE_ASCII, "it", &text, NULL));
	read = json_loads(text.text, 0, NULL);
	abl_str_finish(&text);
	ck_assert_ptr_nonnull(read);
	return read;
}

START_TEST(test_order__comes_back_as_it_was)
{
	const struct abl_order o = full();
	json_t *first = carried(&o), *second;
	struct abl_order_read r;
	struct abl_err err = {0};

	ck_assert_msg(!abl_order_read(&r, json_object_get(first, "order"), &err), "%s", err.text);
	second = carried(&r.order);
	ck_assert(json_equal(first, second)); /* every row of the table, both ways */
	ck_assert(r.order.seed == INT64_MAX && r.order.stop_grace == 0.1 + 0.2);
	ck_assert_uint_eq(r.order.option_count, o.option_count);
	for (size_t i = 0; i < o.option_count; i++)
		ck_assert(abl_value_equal(&r.order.options[i].value, &o.options[i].value));
	ck_assert_str_eq(r.order.command[1], NASTY);
	ck_assert_ptr_null(r.order.command[4]);
	ck_assert(r.order.options[2].on && !r.order.options[2].on[0]); /* empty is not missing */
	ck_assert(!r.order.options[0].on && !r.order.options[0].flag);
	ck_assert_str_eq(r.order.options[4].flag, "");
	ck_assert(!r.order.metrics[1].from && !strcmp(r.order.metrics[1].step, "step"));
	ck_assert(r.order.metrics[0].main && !r.order.metrics[1].main && r.order.metrics[1].best);
	ck_assert_str_eq(r.order.cards[1], "GPU-5f");
	ck_assert_str_eq(r.order.folders[0].path, "/store/artifacts/5f");
	ck_assert(r.order.keep_all && r.order.threads == 7 && r.order.stop_signal == 10);
	json_decref(second);
	abl_order_read_finish(&r);
	json_decref(first);
}
END_TEST

START_TEST(test_order__lists_are_never_null)
{
	const struct abl_order o = plain_order(WORDS("true"));
	json_t *json = carried(&o);
	struct abl_order_read r;

	ck_assert(!abl_order_read(&r, json_object_get(json, "order"), NULL));
	ck_assert(r.order.setup && r.order.wrap && r.order.task_flags && r.order.resume_flags);
	ck_assert(r.order.cards && r.order.keep && !*r.order.keep);
	ck_assert(!r.order.task && !r.order.predictions && !r.order.resume_if);
	abl_order_read_finish(&r);
	abl_order_read_finish(&r);
	json_decref(json);
}
END_TEST

static void set(json_t *order, const char *name, const char *value)
{
	struct abl_json j = {.root = order};

	abl_json_put(&j, order, name, value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL);
}

START_TEST(test_order__refuses_what_is_none)
{
	static const struct {
		const char *name, *value, *message;
	} cases[] = {
		{"command", "\"python\"", "not an order: 'command' is of another type"},
		{"command", "[1]", "not an order: 'command' is of another type"},
		{"threads", "4294967297", "not an order: 'threads' is of another type"},
		{"seed", "1.5", "not an order: 'seed' is of another type"},
		{"options", "[{\"name\":\"a\"}]", "not an order: 'value' is missing"},
		{"options", "[3]", "not an order: 'name' is missing"},
		{"options", "[{\"name\":\"a\",\"value\":{\"type\":\"real\",\"is\":\"x\"}}]",
		 "not an order: 'value' is of another type"},
		{"options", "[{\"name\":\"a\",\"value\":{\"type\":\"sort\",\"is\":1}}]",
		 "not an order: 'value' is of another type"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct abl_order o = plain_order(WORDS("true"));
		json_t *json = carried(&o);
		struct abl_order_read r;
		struct abl_err err = {0};

		set(json_object_get(json, "order"), cases[i].name, cases[i].value);
		ck_assert_int_eq(abl_order_read(&r, json_object_get(json, "order"), &err),
				 ABL_EINPUT);
		ck_assert_str_eq(err.text, cases[i].message);
		json_decref(json);
	}
}
END_TEST

START_TEST(test_order__a_text_that_is_no_utf8_is_no_order)
{
	const struct abl_order o = plain_order(WORDS("\xff"));

	ck_assert_ptr_null(abl_order_json(&o));
}
END_TEST

static void check_canonical(const struct abl_order *o, const char *expected)
{
	struct abl_str text = {0};

	abl_order_canonical(o, &text);
	ck_assert_str_eq(text.text, expected);
	abl_str_finish(&text);
}

/* Keys of stages are hashes of these texts: whoever changes them makes people train again. */
START_TEST(test_canonical__golden)
{
	struct abl_order o = full();

	check_canonical(&o,
			"command=[\"python\",\"a \\\"b\\\" \\\\ \\u000a\\u0009\\u0001 \xc3\xa9 {x} "
			"$(y) \x7f\",\"{flags}\",\"\"]\n"
			"environment.A=\"a \\\"b\\\" \\\\ \\u000a\\u0009\\u0001 \xc3\xa9 {x} $(y) "
			"\x7f\"\n"
			"environment.B=\"\"\n"
			"flags=\"argparse\"\n"
			"gpus=2\n"
			"metric.accuracy=max,main,from:\"{out}/r.json: accuracy\"\n"
			"metric.loss=min,series,best,step:\"step\"\n"
			"option.augment.words=[]\n"
			"option.augment=truth value:true\n"
			"option.huge.flag=\"-n\"\n"
			"option.huge=integer:-9223372036854775808\n"
			"option.lr=real:0.30000000000000004\n"
			"option.norm=name:layer\n"
			"option.odd=real:-inf\n"
			"option.text.flag=\"\"\n"
			"option.text=text:a \"b\" \\\\ \\n\t\x01 \xc3\xa9 {x} $(y) \x7f\n"
			"predictions=\"{out}/p.jsonl\"\n"
			"predictions_correct=\"ok\"\n"
			"predictions_id=\"id\"\n"
			"seed=9223372036854775807\n"
			"seed_flag=\"--seed\"\n"
			"seed_variable=\"SEED\"\n"
			"setup=[\"module load cuda\",\"conda activate x\"]\n"
			"task_flags=[\"--task\",\"sst2\"]\n"
			"wrap=[\"apptainer\",\"exec\"]\n");
	o = plain_order(WORDS("true"));
	check_canonical(&o, "command=[\"true\"]\nflags=\"argparse\"\n");
}
END_TEST

START_TEST(test_canonical__what_changes_no_result_changes_nothing)
{
	struct abl_order o = full(), other = full();
	struct abl_str a = {0}, b = {0};

	other.study = other.variant = other.task = other.step = "another";
	other.directory = other.home = other.out = "/elsewhere";
	other.pass_count = 0;
	other.folder_count = 0;
	other.resume_if = NULL, other.resume_flags = NO_WORDS;
	other.stop_signal = 15, other.stop_grace = 1;
	other.cards = WORDS("0", "1"), other.keep = NO_WORDS, other.keep_all = false;
	other.threads = 1;
	abl_order_canonical(&o, &a);
	abl_order_canonical(&other, &b);
	ck_assert_str_eq(a.text, b.text);
	abl_str_finish(&a);
	abl_str_finish(&b);
}
END_TEST

START_TEST(test_canonical__names_count_where_a_word_has_them)
{
	static const struct abl_order_setting named[] = {{"RUN", "{variant}"}},
					      escaped[] = {{"RUN", "{{variant}}"}};
	static const struct abl_order_metric step[] = {{"a", .from = "epoch {step} acc {a}"}};
	struct abl_order o = plain_order(WORDS("run", "{task}", "--study={study}"));

	o.task = "sst2", o.task_flags = WORDS("--task"); /* no {flags}: it reaches nothing */
	check_canonical(&o, "command=[\"run\",\"{task}\",\"--study={study}\"]\nflags=\"argparse\"\n"
			    "study=\"what-matters\"\ntask=\"sst2\"\n");
	o = plain_order(WORDS("run"));
	o.environment = named, o.environment_count = 1;
	check_canonical(&o, "command=[\"run\"]\nenvironment.RUN=\"{variant}\"\nflags=\"argparse\"\n"
			    "variant=\"baseline\"\n");
	o.environment = escaped;
	o.pass = named, o.pass_count = 1; /* is not part of the result */
	check_canonical(&o,
			"command=[\"run\"]\nenvironment.RUN=\"{{variant}}\"\nflags=\"argparse\"\n");
	o = plain_order(WORDS("run"));
	o.metrics = step, o.metric_count = 1; /* the step of a point, not of the study */
	check_canonical(&o, "command=[\"run\"]\nflags=\"argparse\"\n"
			    "metric.a=max,from:\"epoch {step} acc {a}\"\n");
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("order");

	tcase_add_test(c, test_order__comes_back_as_it_was);
	tcase_add_test(c, test_order__lists_are_never_null);
	tcase_add_test(c, test_order__refuses_what_is_none);
	tcase_add_test(c, test_order__a_text_that_is_no_utf8_is_no_order);
	tcase_add_test(c, test_canonical__golden);
	tcase_add_test(c, test_canonical__what_changes_no_result_changes_nothing);
	tcase_add_test(c, test_canonical__names_count_where_a_word_has_them);
	return run_case(c, "order");
}
