/* SPDX-License-Identifier: Apache-2.0 */
/* Studies that are fine: what comes of them. */
#include "native_space.h"
#include "study_fixture.h"

#include <dirent.h>

static const struct abl_variant *variant(const struct abl_study *s, const char *label)
{
	for (size_t i = 0; i < s->variant_count; i++)
		if (!strcmp(s->variants[i].label, label))
			return &s->variants[i];
	ck_abort_msg("no variant '%s'", label);
	return NULL;
}

static const char *value(const struct abl_values *c, const char *key)
{
	static struct abl_str text;
	struct abl_value v;

	abl_str_finish(&text);
	abl_values_get(c, abl_space_key(abl_values_space(c), key), &v);
	abl_value_text(&v, &text);
	return text.text;
}

START_TEST(test_study__everything_at_once)
{
	struct abl_study *s = load(
		"study: special-tokens\n"
		"about: What do they buy?\n"
		"data: world\n"
		"vocab: 500\n"
		"pretraining:\n  texts: world\n"
		"tasks:\n  - sentiment: {epochs: 10, learning_rate: 1e-4}\n  - entailment\n"
		"baseline:\n  layers: 2\n  hidden: 128\n  batch_size: 16\n"
		"design:\n  leave-one-out: [segments, special_tokens, positions, nsp, placebo]\n"
		"seeds: {pretrain: 3, finetune: 5}\n"
		"limits: {hours: 8, trial_minutes: 30, workers: auto}\n"
		"plots: [effects, curves]\n");
	struct abl_values *c;

	ck_assert_str_eq(s->name, "special-tokens");
	ck_assert_str_eq(s->about, "What do they buy?");
	ck_assert_str_eq(s->data, "world");
	ck_assert_str_eq(s->texts[0], "world");
	ck_assert_uint_eq(s->text_count, 1);
	ck_assert(s->has_pretraining && !s->vocab_file);
	ck_assert_uint_eq(s->variant_count, 6);
	ck_assert_str_eq(s->variants[0].label, "baseline");
	ck_assert_int_eq(s->variants[0].kind, ABL_VARIANT_BASELINE);
	ck_assert_str_eq(value(s->variants[0].config, "vocab_size"), "500");
	ck_assert_str_eq(value(s->variants[0].config, "heads"), "2");
	ck_assert_str_eq(value(s->variants[0].config, "ffn_size"), "512");
	ck_assert_int_eq(variant(s, "no segments")->kind, ABL_VARIANT_REMOVAL);
	ck_assert_str_eq(variant(s, "no segments")->subject, "segments");
	ck_assert_uint_eq(variant(s, "no segments")->changed_count, 1);
	ck_assert_str_eq(variant(s, "no segments")->changed[0]->name, "segments");
	ck_assert_int_eq(variant(s, "placebo")->kind, ABL_VARIANT_PLACEBO);
	ck_assert_str_eq(value(variant(s, "placebo")->config, "placebo"), "salted");
	ck_assert(s->crossed && s->pretrain_seeds == 3 && s->finetune_seeds == 5);
	ck_assert(s->limits.hours == 8 && s->limits.trial_minutes == 30 && !s->limits.workers);
	ck_assert_str_eq(s->plots[1], "curves");
	ck_assert_ptr_null(s->plots[2]);
	ck_assert_uint_eq(s->task_count, 2);
	ck_assert_str_eq(s->tasks[0].spec.name, "sentiment");
	c = abl_study_config(s, 1, 0);
	ck_assert_str_eq(value(c, "epochs"), "10");
	ck_assert_str_eq(value(c, "learning_rate"), "1e-4");
	ck_assert_str_eq(value(c, "segments"), "none");
	ck_assert_str_eq(value(c, "batch_size"), "16");
	abl_values_destroy(c);
	c = abl_study_config(s, 1, 1);
	ck_assert_str_eq(value(c, "epochs"), "3");
	abl_values_destroy(c);
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_study__defaults)
{
	struct abl_study *s = load(HEAD);

	ck_assert_uint_eq(s->variant_count, 1);
	ck_assert(!s->has_pretraining && !s->crossed);
	ck_assert(s->pretrain_seeds == 5 && s->finetune_seeds == 5);
	ck_assert_str_eq(value(s->variants[0].config, "pretraining"), "none");
	ck_assert_str_eq(s->texts[0], "world");
	ck_assert_ptr_null(s->plots[0]);
	ck_assert_ptr_null(s->tune.key);
	ck_assert_str_eq(s->text, HEAD);
	abl_study_destroy(s);
	abl_study_destroy(NULL);
}
END_TEST

START_TEST(test_design__add_and_swap)
{
	struct abl_study *s = load(HEAD PRE "baseline: {segments: none, mlm: none, lm: none}\n"
					    "design:\n"
					    "  add-one-in: [segments, {norm_position: pre}]\n"
					    "  leave-one-out: [{attention: causal}, {dropout: 0}, "
					    "{positions: none, residual: none}]\n");

	ck_assert_uint_eq(s->variant_count, 6);
	ck_assert_int_eq(variant(s, "with segments")->kind, ABL_VARIANT_ADDITION);
	ck_assert_str_eq(value(variant(s, "with segments")->config, "segments"), "learned");
	ck_assert_int_eq(variant(s, "norm_position=pre")->kind, ABL_VARIANT_ADDITION);
	ck_assert_int_eq(variant(s, "attention=causal")->kind, ABL_VARIANT_SWAP);
	ck_assert_int_eq(variant(s, "no positions, no residual")->kind, ABL_VARIANT_REMOVAL);
	ck_assert_str_eq(value(variant(s, "dropout=0")->config, "dropout"), "0");
	ck_assert_str_eq(variant(s, "no positions, no residual")->subject, "positions, residual");
	ck_assert_uint_eq(variant(s, "no positions, no residual")->changed_count, 2);
	ck_assert_uint_eq(s->implied_count, 1); /* a causal model is read at its last token */
	ck_assert_str_eq(s->implied[0].label, "attention=causal");
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_design__grid_zip_list_union)
{
	struct abl_study *s = load(HEAD "baseline: {layers: 2, hidden: 64}\n"
					"design:\n"
					"  grid: {layers: [2, 4], hidden: [64, 128, 192]}\n"
					"  zip: {layers: [4, 6], hidden: [64, 32]}\n"
					"  list:\n    - {label: wide and flat, layers: 1, hidden: "
					"256}\n    - {layers: 3}\n");

	ck_assert_uint_eq(s->variant_count, 9); /* 1 + 6 + 2 + 2, and two come twice */
	ck_assert_uint_eq(s->dropped_count, 2);
	ck_assert_int_eq(s->dropped[0].kind, ABL_NOTE_DUPLICATE);
	ck_assert_str_eq(s->dropped[0].label, "layers=2, hidden=64");
	ck_assert_str_eq(s->dropped[0].text, "baseline");
	ck_assert_str_eq(s->dropped[1].text, "layers=4, hidden=64");
	ck_assert_str_eq(s->dropped[1].place, "study.yaml:8");
	ck_assert_str_eq(s->variants[1].label,
			 "layers=2, hidden=128"); /* the last key runs fastest */
	ck_assert_str_eq(s->variants[2].label, "layers=2, hidden=192");
	ck_assert_str_eq(value(s->variants[2].config, "heads"), "3");
	ck_assert_int_eq(variant(s, "layers=6, hidden=32")->kind, ABL_VARIANT_GRID);
	ck_assert_int_eq(variant(s, "wide and flat")->kind, ABL_VARIANT_LIST);
	ck_assert_str_eq(value(variant(s, "layers=3")->config, "hidden"), "64");
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_design__rules)
{
	struct abl_study *s = load(
		HEAD
		"baseline: {layers: 2, hidden: 64}\n"
		"design:\n  grid: {layers: [1, 2, 3], hidden: [64, 128], batch_size: [16, 32]}\n"
		"exclude:\n  - {hidden: 128, batch_size: 16}\n  - layers: [1, 9]\n"
		"include:\n  - {hidden: 128}\n  - {layers: 3}\n");

	/* 12 points; excluded: 3 of the first rule, 3 more of the second; of the 6 left (2/64/16,
	 * 2/64/32, 2/128/32, 3/64/16, 3/64/32, 3/128/32) two match no include rule */
	ck_assert_uint_eq(s->variant_count, 5);
	ck_assert_uint_eq(s->dropped_count, 8);
	ck_assert_str_eq(s->dropped[0].label, "layers=1, hidden=64, batch_size=16");
	ck_assert_str_eq(s->dropped[0].text, "{layers: [1, 9]}");
	ck_assert_str_eq(s->dropped[0].place, "study.yaml:10");
	ck_assert_int_eq(s->dropped[0].kind, ABL_NOTE_EXCLUDED);
	ck_assert_str_eq(s->dropped[2].text, "{hidden: 128, batch_size: 16}");
	ck_assert_str_eq(s->dropped[4].place, "study.yaml:12");
	ck_assert_int_eq(s->dropped[4].kind, ABL_NOTE_INCLUDED);
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_design__constraints_drop_points_and_name_them)
{
	struct abl_study *s = load(
		HEAD PRE "baseline: {nsp: none}\n"
			 "design:\n  leave-one-out: [mlm, segments]\n  grid: {heads: [2, 3]}\n");

	ck_assert_uint_eq(s->variant_count, 2); /* no objective is left without mlm; 128 / 3 */
	ck_assert_uint_eq(s->dropped_count, 3);
	ck_assert_int_eq(s->dropped[0].kind, ABL_NOTE_INVALID);
	ck_assert_str_eq(s->dropped[0].label, "no mlm");
	ck_assert(strstr(s->dropped[0].text, "pre-training has no objective"));
	ck_assert_str_eq(s->dropped[0].place, "study.yaml:8");
	ck_assert_str_eq(s->dropped[1].text, "baseline"); /* heads=2 is what the default comes to */
	ck_assert_str_eq(s->dropped[2].text, "hidden 128 is not divisible by heads 3");
	abl_study_destroy(s);
	refuse_start(HEAD "design: {list: [{heads: 3}]}\n",
		     "study.yaml:5:17: error: hidden 128 is not divisible by heads 3\n");
}
END_TEST

START_TEST(test_include__merges_below)
{
	struct abl_str out = {0};
	struct abl_study *s;

	write_file("base.yaml",
		   "data: world\nvocab: 500\ntasks: [sentiment]\nseeds: 3\n"
		   "baseline:\n  layers: 4\n  hidden: 64\ninclude: [{layers: [1, 3]}]\n");
	s = load("study: s\ninclude: base.yaml\nbaseline: {layers: 3}\ndesign: {grid: {layers: [1, "
		 "2]}}\n");
	ck_assert_str_eq(value(s->variants[0].config, "layers"), "3");
	ck_assert_str_eq(value(s->variants[0].config, "hidden"), "64");
	ck_assert_int_eq(s->pretrain_seeds, 3);
	ck_assert_uint_eq(s->variant_count, 2); /* the base's rule holds: layers=2 is no more */
	ck_assert_str_eq(s->dropped[0].label, "layers=2");
	ck_assert(strstr(s->text, "# file base.yaml\ndata: world\n") == s->text);
	ck_assert(strstr(s->text, "# file study.yaml\nstudy: s\n"));
	ck_assert_int_eq(abl_study_explain(s, "layers", &out, &err), 0);
	ck_assert_str_eq(out.text, "layers: 3\n"
				   "  set at    study.yaml:3\n"
				   "  instead of 4 at base.yaml:6, included from study.yaml:2\n"
				   "  variants  1 in 'layers=1'\n"
				   "  takes     integer: 1 to 48\n"
				   "  default   2\n"
				   "  help      transformer layers\n"
				   "  affects   pretrain, finetune\n");
	abl_str_clear(&out);
	ck_assert_int_eq(abl_study_explain(s, "hidden", &out, &err), 0);
	ck_assert(strstr(out.text, "  set at    base.yaml:7, included from study.yaml:2\n"));
	abl_study_destroy(s);
	abl_str_finish(&out);

	write_file("a.yaml", "include: b.yaml\n");
	write_file("b.yaml", "seeds: 2\ninclude: [a.yaml]\n");
	refuse("include: a.yaml\nstudy: s\n",
	       "b.yaml:2:11: error: cyclic include: 'a.yaml' is being read already\n"
	       "   2 | include: [a.yaml]\n"
	       "     |           ^~~~~~\n"
	       "remove one of the two 'include' lines\n"
	       "included from a.yaml:1\n"
	       "included from study.yaml:1");
	refuse_start("include: study.yaml\nstudy: s\n", "study.yaml:1:10: error: cyclic include");
	refuse_start("include:\nstudy: s\n",
		     "study.yaml:1:9: error: 'include' needs the name of a file\n");
	refuse_start("include: ..\nstudy: s\n",
		     "study.yaml:1:10: error: cannot include '..': it is a folder, not a file\n");
	refuse_start("include: gone.yaml\nstudy: s\n",
		     "study.yaml:1:10: error: cannot include 'gone.yaml': there is no such file\n");
	refuse_start("include: [base.yaml, {layers: x}]\nstudy: s\n",
		     "study.yaml:1:31: error: 'layers' needs an integer, not 'x'");
	write_file("bad.yaml", "baseline: {layers: x}\n");
	refuse_start("include: [base.yaml, bad.yaml]\nstudy: s\n",
		     "bad.yaml:1:20: error: 'layers' needs an integer, not 'x'\n");
}
END_TEST

/* Broken at blanks, so that no line is longer than a terminal. */
static bool tells(const struct abl_str *out, const char *help)
{
	struct abl_str lines = {0};
	bool there;

	abl_str_wrap(&lines, 12, 12, help);
	there = strstr(out->text, lines.text) != NULL;
	abl_str_finish(&lines);
	return there;
}

START_TEST(test_explain__every_key)
{
	struct abl_study *s =
		load(HEAD "baseline: {hidden: 64}\ndesign: {leave-one-out: [segments]}\n");
	struct abl_str out = {0};

	for (size_t i = 0; i < abl_native_space()->key_count; i++) {
		abl_str_clear(&out);
		ck_assert_int_eq(
			abl_study_explain(s, abl_native_space()->keys[i]->name, &out, &err), 0);
		ck_assert(tells(&out, abl_native_space()->keys[i]->option->help));
		ck_assert(strstr(out.text, "  affects   "));
	}
	for (size_t i = 0; abl_study_fields[i].name; i++) {
		if (!abl_study_field_fits(&abl_study_fields[i], s))
			continue;
		abl_str_clear(&out);
		ck_assert_int_eq(abl_study_explain(s, abl_study_fields[i].name, &out, &err), 0);
		ck_assert(tells(&out, abl_study_fields[i].help));
	}
	abl_str_clear(&out);
	ck_assert_int_eq(abl_study_explain(s, "ffn_size", &out, &err), 0);
	ck_assert(strstr(out.text,
			 "ffn_size: 256\n  set at    nowhere: it follows from other settings\n"));
	abl_str_clear(&out);
	ck_assert_int_eq(abl_study_explain(s, "vocab_size", &out, &err), 0);
	ck_assert(strstr(out.text, "vocab_size: 500\n  set at    study.yaml:3\n"));
	ck_assert_int_eq(abl_study_explain(s, "hiden", &out, &err), ABL_EINPUT);
	ck_assert_str_eq(
		err.text,
		"unknown key 'hiden'; did you mean 'hidden'?; 'ablate components' lists them all");
	abl_study_destroy(s);
	abl_str_finish(&out);
}
END_TEST

/* A value of the key that is not its default, or the default where there is no other. */
static struct abl_value other_value(const struct abl_key *key)
{
	const struct abl_option *o = key->option;
	struct abl_value v;

	abl_option_default(o, key->scope == ABL_SCOPE_PRETRAIN, &v);
	if (o->type == ABL_BOOL)
		v.i = !v.i;
	else if (o->type == ABL_CHOICE)
		v.choice = o->choices[strcmp(o->choices[0], v.choice) || !o->choices[1] ? 0 : 1];
	else if (o->type == ABL_INT)
		v.i = (double)v.i == o->max ? v.i - 1 : v.i + 1;
	else
		v.r = v.r == .1 / 3 ? .01 : .1 / 3;
	return v;
}

/* Every key with every kind of value: written, read, and the same again; numbers to the last bit.
 */
START_TEST(test_study__every_option_round_trips)
{
	for (size_t i = 0; i < abl_native_space()->key_count; i++) {
		const struct abl_key *key = abl_native_space()->keys[i];
		struct abl_value want = other_value(key), got;
		struct abl_str text = {0}, shown = {0};
		struct abl_study *s = NULL;

		abl_value_text(&want, &shown);
		abl_str_printf(&text,
			       "study: s\ndata: world\ntasks: [sentiment]\n" PRE
			       "baseline:\n  %s: %s\n",
			       key->name, shown.text);
		write_file("study.yaml", text.text);
		if (abl_study_load(&s, "study.yaml", NULL, &err)) {
			/* refused as a whole (what cannot be combined), never as a value */
			ck_assert_msg(!strstr(err.text, "range") && !strstr(err.text, "needs a"),
				      "%s", err.text);
		} else {
			abl_values_get(s->variants[0].config, key, &got);
			ck_assert_msg(abl_value_equal(&want, &got), "%s: %s is lost", key->name,
				      shown.text);
		}
		abl_study_destroy(s);
		abl_str_finish(&text);
		abl_str_finish(&shown);
	}
}
END_TEST

START_TEST(test_study__idle_settings_are_told)
{
	struct abl_study *s = load(HEAD "baseline: {pretrain_steps: 10, steps: 20, epochs: 2}\n");

	ck_assert_uint_eq(s->implied_count, 2);
	ck_assert_str_eq(s->implied[0].text,
			 "'pretrain_steps' of the baseline has no effect in this study");
	ck_assert_str_eq(s->implied[1].text,
			 "'epochs' of the baseline has no effect in this study");
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_study__data_folder)
{
	struct abl_study *s = NULL;
	const struct abl_study_options given = {.data = "here"}, blind = {.no_files = true};

	ck_assert_int_eq(abl_mkdir_all("here", &err), 0);
	ck_assert_int_eq(abl_mkdir_all("env", &err), 0);
	write_file("here/v.txt", SPECIALS);
	write_file("env/v.txt", SPECIALS);
	write_file("study.yaml", "study: s\ndata: there\nvocab: v.txt\ntasks: [x: {type: classify, "
				 "train: v.txt, dev: v.txt, header: 'no', text: 0, label: 0}]\n");
	ck_assert_int_eq(abl_study_load(&s, "study.yaml", NULL, &err), ABL_EINPUT);
	err = (struct abl_err){0};
	ck_assert_msg(!abl_study_load(&s, "study.yaml", &given, &err), "%s", err.text);
	ck_assert_str_eq(s->vocab_file, "here/v.txt");
	abl_study_destroy(s);
	setenv("ABLATE_DATA", "env", 1);
	ck_assert_msg(!abl_study_load(&s, "study.yaml", NULL, &err), "%s", err.text);
	ck_assert_str_eq(s->vocab_file, "env/v.txt");
	abl_study_destroy(s);
	setenv("ABLATE_DATA", "gone", 1);
	s = load(HEAD); /* the built-in world needs no folder */
	ck_assert_str_eq(s->data, "world");
	abl_study_destroy(s);
	unsetenv("ABLATE_DATA");
	write_file("study.yaml",
		   "study: s\ndata: there\nvocab: v.txt\ntasks: [sst2, rte: {epochs: 9}]\n");
	ck_assert_msg(!abl_study_load(&s, "study.yaml", &blind, &err), "%s", err.text);
	ck_assert_str_eq(s->tasks[1].spec.name, "rte");
	abl_study_destroy(s);
}
END_TEST

/* A name for several settings that are put in or taken out together. */
START_TEST(test_study__bundles_have_labels)
{
	struct abl_study *s = load(
		"study: s\ndata: world\nvocab: 500\ntasks: [sentiment]\n"
		"pretraining: {texts: world}\ndesign:\n"
		"  leave-one-out: [{label: left to right, lm: on, mlm: none, nsp: none}, nsp]\n"
		"  add-one-in: [{label: wide, hidden: 256, heads: 4}]\n");
	const struct abl_variant *v = variant(s, "left to right");

	ck_assert_uint_eq(s->variant_count, 4);
	ck_assert_int_eq(v->kind, ABL_VARIANT_SWAP); /* something else is there */
	ck_assert_str_eq(v->subject, "left to right");
	ck_assert_str_eq(value(v->config, "lm"), "on");
	ck_assert_int_eq(variant(s, "wide")->kind, ABL_VARIANT_ADDITION);
	ck_assert_str_eq(value(variant(s, "wide")->config, "heads"), "4");
	ck_assert_str_eq(variant(s, "no nsp")->subject, "nsp");
	abl_study_destroy(s);
}
END_TEST

static void check_shipped(const char *where, const char *file)
{
	const struct abl_study_options blind = {.no_files = true};
	char *path = abl_path_join(where, file);
	struct abl_study *s = NULL;

	ck_assert_msg(!abl_study_load(&s, path, &blind, &err), "%s", err.text);
	ck_assert_msg(!strncmp(file, s->name, strlen(s->name)) &&
			      !strcmp(file + strlen(s->name), ".yaml"),
		      "'%s' is called '%s'", file, s->name);
	ck_assert_uint_gt(s->variant_count, 1);
	for (size_t i = 0; i < s->dropped_count; i++)
		ck_assert_msg(s->dropped[i].kind == ABL_NOTE_DUPLICATE, "%s: '%s' is dropped: %s",
			      file, s->dropped[i].label, s->dropped[i].text);
	ck_assert_msg(strstr(s->text, "# SPDX") != NULL,
		      "a shipped study opens with a comment: the question");
	abl_study_destroy(s);
	free(path);
}

/* The studies that are shipped: fine without their data. */
START_TEST(test_study__shipped_studies)
{
	char *where = abl_path_join(getenv("ABLATE_SOURCE"), "ablations/studies");
	DIR *dir = opendir(where);
	const struct dirent *e;
	size_t count = 0;

	ck_assert_ptr_nonnull(dir);
	while ((e = readdir(dir)))
		if (strstr(e->d_name, ".yaml")) {
			check_shipped(where, e->d_name);
			count++;
		}
	ck_assert_uint_ge(count, 15);
	closedir(dir);
	free(where);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("study");

	tcase_add_test(c, test_study__everything_at_once);
	tcase_add_test(c, test_study__defaults);
	tcase_add_test(c, test_design__add_and_swap);
	tcase_add_test(c, test_design__grid_zip_list_union);
	tcase_add_test(c, test_design__rules);
	tcase_add_test(c, test_design__constraints_drop_points_and_name_them);
	tcase_add_test(c, test_include__merges_below);
	tcase_add_test(c, test_explain__every_key);
	tcase_add_test(c, test_study__every_option_round_trips);
	tcase_add_test(c, test_study__idle_settings_are_told);
	tcase_add_test(c, test_study__data_folder);
	tcase_add_test(c, test_study__bundles_have_labels);
	tcase_add_test(c, test_study__shipped_studies);
	return run_tests(c);
}
