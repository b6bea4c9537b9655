/* SPDX-License-Identifier: Apache-2.0 */
/* Studies that are refused: place, words, caret. */
#include "native_space.h"
#include "study_fixture.h"

START_TEST(test_design__too_many_variants)
{
	struct abl_study *s;

	refuse(HEAD
	       "design:\n  grid: {hidden: [64, 128], layers: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],\n"
	       "    batch_size: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], epochs: [1, 2, 3, 4, 5, 6, 7, 8, "
	       "9, 10],\n"
	       "    warmup: [0, .1, .2, .3, .4, .5]}\n",
	       "study.yaml:6:9: error: the design has 12,000 variants, more than 10,000\n"
	       "   6 |   grid: {hidden: [64, 128], layers: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],\n"
	       "     |         ^\n"
	       "allow them with 'limits: {variants: 12000}'");
	refuse_start(HEAD "limits: {price: -1 per hour}\n",
		     "study.yaml:5:17: error: '-1 per hour' is no price\n");
	refuse_start(HEAD "limits: {price: 1e9 per hour}\n",
		     "study.yaml:5:17: error: '1e9 per hour' is no price\n");
	refuse_start(HEAD "limits: {variants: 3}\ndesign: {grid: {layers: [1, 2, 3, 4]}}\n",
		     "study.yaml:6:16: error: the design has 4 variants, more than 3\n");
	s = load(HEAD
		 "limits: {variants: 12000}\ndesign:\n  grid: {hidden: [64, 128],\n"
		 "    layers: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], batch_size: [1, 2, 3, 4, 5, 6, 7, "
		 "8, 9, 10],\n"
		 "    epochs: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], warmup: [0, .1, .2, .3, .4, .5]}\n");
	ck_assert_uint_eq(s->variant_count, 12001);
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_design__a_count_beyond_64_bits)
{
	struct abl_str text = {0};

	abl_str_puts(&text, HEAD "design:\n  grid:\n");
	for (size_t i = 0, keys = 0; keys < 24; i++) { /* 10^24 */
		const struct abl_key *key = abl_native_space()->keys[i];

		if (key->scope != ABL_SCOPE_FINETUNE || key->option->type != ABL_REAL)
			continue;
		abl_str_printf(&text, "    %s: [.1, .11, .12, .13, .14, .15, .16, .17, .18, .19]\n",
			       key->name);
		if (++keys >= 8)
			break;
	}
	refuse_start(
		text.text,
		"study.yaml:7:5: error: the design has 100,000,000 variants, more than 10,000\n");
	abl_str_finish(&text);
	refuse_start(HEAD
		     "design:\n  grid:\n"
		     "    layers: "
		     "[1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9]\n"
		     "    hidden: "
		     "[4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4]\n"
		     "    heads: "
		     "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]\n"
		     "    steps: "
		     "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]\n"
		     "    freeze: "
		     "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]\n"
		     "    batch_size: "
		     "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]\n"
		     "    max_length: "
		     "[8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8]\n"
		     "    ffn_size: "
		     "[8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8]\n"
		     "    batch_tokens: "
		     "[8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8]\n"
		     "    epochs: "
		     "[8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8]\n"
		     "    learning_rate: "
		     "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]\n"
		     "    dropout: "
		     "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]\n",
		     "study.yaml:7:5: error: the design has over 1,125,899,906,842,624 variants, "
		     "more than 10,000\n");
}
END_TEST

START_TEST(test_errors__place_line_and_caret)
{
	refuse(HEAD "design:\n  leave-one-out: [segmnts, placebo]\n",
	       "study.yaml:6:19: error: unknown component 'segmnts'; did you mean 'segments'?\n"
	       "   6 |   leave-one-out: [segmnts, placebo]\n"
	       "     |                   ^~~~~~~\n"
	       "'ablate components' lists them all");
	refuse(HEAD "baseline:\n  layers: two\n",
	       "study.yaml:6:11: error: 'layers' needs an integer, not 'two'\n"
	       "   6 |   layers: two\n"
	       "     |           ^~~\n"
	       "'ablate components layers' shows what it takes");
	refuse(HEAD "baseline:\n  layers: \"4\"\n",
	       "study.yaml:6:11: error: 'layers' needs an integer; \"4\" in quotes is a text\n"
	       "   6 |   layers: \"4\"\n"
	       "     |           ^~~\n"
	       "write it without quotes");
	refuse(HEAD "baseline:\n  layers: 2\n  hidden: 64\n  layers: 3\n",
	       "study.yaml:8:3: error: duplicate key 'layers'; it is already on line 6\n"
	       "   8 |   layers: 3\n"
	       "     |   ^~~~~~\n"
	       "keep one of them");
	refuse(HEAD "baseline:\n  hidden: 100\n  heads: 3\n",
	       "study.yaml:7:10: error: hidden 100 is not divisible by heads 3\n"
	       "   7 |   heads: 3\n"
	       "     |          ^\n"
	       "'ablate components' lists what can be combined");
	refuse(HEAD PRE "baseline:\n  pretrain_freeze: 2\n  layers: 1\n  steps: 3\n",
	       "study.yaml:8:11: error: 'pretrain_freeze' exceeds the model's 1 layer\n"
	       "   8 |   layers: 1\n"
	       "     |           ^\n"
	       "'ablate components' lists what can be combined");
	refuse(HEAD "about: \xc3\xa9t\xc3\xa9\nbaselin: {layers: 2}\n",
	       "study.yaml:6:1: error: unknown key 'baselin'; did you mean 'baseline'?\n"
	       "   6 | baselin: {layers: 2}\n"
	       "     | ^~~~~~~\n"
	       "'ablate components study-file' lists the keys of a study file");
	refuse("data: world\ntasks: [sentiment]\n",
	       "study.yaml:1:1: error: 'study' is missing\n"
	       "   1 | data: world\n"
	       "     | ^\n"
	       "unique name of the study; becomes part of file names");
	refuse("", "study.yaml:1:1: error: the file is empty\n"
		   "a study needs at least 'study:', 'data:' and 'tasks:'");
	refuse(HEAD "baseline: {\xc3\xa9t\xc3\xa9: 1, layers: x}\n", /* columns are characters */
	       "study.yaml:5:12: error: unknown key '\xc3\xa9t\xc3\xa9'\n"
	       "   5 | baseline: {\xc3\xa9t\xc3\xa9: 1, layers: x}\n"
	       "     |            ^~~\n"
	       "'ablate components' lists them all");
}
END_TEST

static const struct {
	const char *text, *start;
} bad_values[] = {
	{HEAD "baseline: {learning_rate: .nan}\n",
	 "study.yaml:5:27: error: 'learning_rate' is out of range: nan"},
	{HEAD "baseline: {learning_rate: .inf}\n",
	 "study.yaml:5:27: error: 'learning_rate' is out of range: inf"},
	{HEAD "baseline: {learning_rate: 0}\n",
	 "study.yaml:5:27: error: 'learning_rate' is out of range: 0; it must be above 0 to 10\n"},
	{HEAD "baseline: {layers: 0}\n",
	 "study.yaml:5:20: error: 'layers' is out of range: 0; it must be 1 to 48\n"},
	{HEAD "baseline: {layers: 2.0}\n",
	 "study.yaml:5:20: error: 'layers' needs an integer, and 2.0 is written as a real\n"},
	{HEAD "baseline: {layers: 99999999999999999999}\n",
	 "study.yaml:5:20: error: 'layers' is out of range: 99999999999999999999; it must be 1 to "
	 "48\n"},
	{HEAD "baseline: {layers: [2]}\n",
	 "study.yaml:5:20: error: 'layers' needs an integer, not a list\n"},
	{HEAD "baseline: {layers: {a: 1}}\n",
	 "study.yaml:5:20: error: 'layers' needs an integer, not a map\n"},
	{HEAD "baseline: {layers: }\n",
	 "study.yaml:5:20: error: 'layers' needs an integer, not nothing\n"},
	{HEAD "baseline: {layers: true}\n",
	 "study.yaml:5:20: error: 'layers' needs an integer, not a truth value\n"},
	{HEAD "baseline: {cased: 1}\n",
	 "study.yaml:5:19: error: 'cased' needs a truth value, not an integer\n"},
	{HEAD "baseline: {cased: yes}\n",
	 "study.yaml:5:19: error: 'cased' needs a truth value, not 'yes'\n"},
	{HEAD "baseline: {segments: learnt}\n",
	 "study.yaml:5:22: error: 'segments' has no 'learnt'; did you mean 'learned'?"},
	{HEAD "baseline: {segments: false}\n",
	 "study.yaml:5:22: error: 'segments' needs a name, not a truth value\n"},
	{HEAD "baseline: {layerz: 1}\n",
	 "study.yaml:5:12: error: unknown key 'layerz'; did you mean 'layers'?\n"},
	{HEAD "layers: 1\n", "study.yaml:5:1: error: 'layers' belongs under 'baseline:'\n"},
	{HEAD "baseline: [layers]\n",
	 "study.yaml:5:11: error: 'baseline' needs a map, not a list\n"},
	{HEAD "baseline: {vocab_size: 900}\n",
	 "study.yaml:5:12: error: 'vocab_size' is set already on line 3\n"},
	{HEAD "seeds: 0\n",
	 "study.yaml:5:8: error: 'seeds' is out of range: 0; it must be 1 to 1000\n"},
	{HEAD "seeds: many\n", "study.yaml:5:8: error: 'seeds' needs an integer, not 'many'\n"},
	{HEAD "seeds: {pretrain: 2, finetune: 2}\n",
	 "study.yaml:5:8: error: this study does no pre-training"},
	{HEAD PRE "seeds: {pretrain: 2}\n", "study.yaml:6:8: error: 'seeds.finetune' is missing\n"},
	{HEAD PRE "seeds: {pretrain: 2, fintune: 2}\n",
	 "study.yaml:6:22: error: unknown key 'fintune'; did you mean 'finetune'?\n"},
	{HEAD "limits: {hours: 0}\n",
	 "study.yaml:5:17: error: 'hours' is out of range: 0; it must be above 0\n"},
	{HEAD "limits: {workers: some}\n",
	 "study.yaml:5:19: error: 'workers' needs an integer, not 'some'\n"},
	{HEAD "plots: [efects]\n",
	 "study.yaml:5:9: error: 'plots' has no 'efects'; did you mean 'effects'?"},
	{HEAD "select: worst\n", "study.yaml:5:9: error: 'select' has no 'worst'; "},
	{HEAD "about: [a]\n", "study.yaml:5:8: error: 'about' needs a text, not a list\n"},
	{HEAD "pretraining: {}\n", "study.yaml:5:14: error: 'pretraining.texts' is missing\n"},
	{HEAD "pretraining: {texts: [world, a.txt]}\n",
	 "study.yaml:5:23: error: the built-in texts cannot be mixed with files\n"},
	{HEAD "pretraining: {texts: a.txt}\n",
	 "study.yaml:5:22: error: there is no file 'a.txt'\n"},
	{"study: a/b\ndata: world\ntasks: [sentiment]\n",
	 "study.yaml:1:8: error: 'study' cannot be 'a/b'\n"},
	{"study: s\ndata: world\ntasks: []\n",
	 "study.yaml:3:8: error: a study without tasks is one of pre-training alone, "},
	{"study: s\ndata: world\n", "study.yaml:1:1: error: 'tasks' is missing\n"},
	{"study: s\ntasks: [sst2]\n",
	 "study.yaml:2:9: error: the files of 'sst2' are in the data folder, and none is given\n"},
	{"study: s\ndata: nowhere\ntasks: [sst2]\n",
	 "study.yaml:2:7: error: the data folder 'nowhere' does not exist\n"},
	{"study: s\ndata: study.yaml\ntasks: [sst2]\n",
	 "study.yaml:2:7: error: the data folder 'study.yaml' is a file\n"},
	{"study: s\ndata: world\nvocab: 3\ntasks: [sentiment]\n",
	 "study.yaml:3:8: error: 'vocab_size' is out of range: 3;"},
	{"study: s\ndata: world\nvocab: v.txt\ntasks: [sentiment]\n",
	 "study.yaml:3:8: error: there is no file 'v.txt'\n"},
};

START_TEST(test_errors__values)
{
	for (size_t i = 0; i < sizeof bad_values / sizeof *bad_values; i++)
		refuse_start(bad_values[i].text, bad_values[i].start);
}
END_TEST

static const struct {
	const char *text, *start;
} bad_designs[] = {
	{"leave-one-out: [attention]",
	 "8:20: error: 'attention' cannot be removed, only swapped\n"},
	{"leave-one-out: [dropout]",
	 "8:20: error: 'dropout' is a hyperparameter: give its value\n"},
	{"leave-one-out: [lm]", "8:20: error: the baseline has 'lm: none' already, so this "
				"would change nothing\n"},
	{"leave-one-out: [{layers: 2}]", "8:20: error: the baseline has 'layers: 2' "
					 "already, so this would change nothing\n"},
	{"leave-one-out: [{layers: 0}]",
	 "8:29: error: 'layers' is out of range: 0; it must be 1 to 48\n"},
	{"leave-one-out: [[nsp]]", "8:20: error: unknown component ''\n"},
	{"leave-one-out: []", "8:19: error: an empty list gives no variant\n"},
	{"add-one-in: [segments]", "8:17: error: the baseline has 'segments: learned' "
				   "already, so this would change nothing\n"},
	{"grid: {}", "8:10: error: 'grid' needs keys with lists of values\n"},
	{"grid: {layers: []}", "8:19: error: 'layers' needs at least one value\n"},
	{"grid: {layers: [1, two]}", "8:23: error: 'layers' needs an integer, not 'two'\n"},
	{"grid: [layers]", "8:10: error: 'grid' needs a map, not a list\n"},
	{"grid: {epochs: [1, 2]}",
	 "8:11: error: task 'sentiment' sets 'epochs' itself, so a design cannot vary it\n"},
	{"grid: {learning_rate: [1e-3]}",
	 "8:11: error: 'learning_rate' is tuned, so a design cannot vary it\n"},
	{"zip: {layers: [1, 2], hidden: [64]}",
	 "8:34: error: 'hidden' has 1 value and 'layers' has 2\n"},
	{"list: [{label: a, layers: 3}, {label: a, layers: 4}]",
	 "8:34: error: two variants are called 'a'\n"},
	{"list: [{label: baseline, layers: 3}]",
	 "8:11: error: two variants are called 'baseline'\n"},
	{"list: [{label: \" a\", layers: 3}]", "8:19: error: a label begins with a blank\n"},
	{"list: [{label: \"a \", layers: 3}]", "8:19: error: a label ends with a blank\n"},
	{"list: [{label: \"a\xc2\xa0\", layers: 3}]", "8:19: error: a label ends with a blank\n"},
	{"list: [{label: NaN, layers: 3}]", "8:19: error: a label cannot be 'NaN'\n"},
	{"list: [{label: \"a\\u202eb\", layers: 3}]",
	 "8:19: error: a label is one line without control characters\n"},
	{"list: [{label: \"e\\u0301\", layers: 3}, {label: \"\\u00e9\", layers: 4}]",
	 "8:42: error: two variants are called '\xc3\xa9'\n"},
	{"grid: {seeds: [1, 2]}", "8:11: error: 'seeds' is no key of a variant: it stands at the "
				  "top level of the study file, for all of them\n"},
	{"grid: {vocab: [1, 2]}", "8:11: error: unknown key 'vocab'; did you mean 'vocab_size'?\n"},
	{"grid: {pretrain_lr: [1, 2]}",
	 "8:11: error: unknown key 'pretrain_lr'; did you mean 'pretrain_learning_rate'?\n"},
	{"leave-one-out: [token_type_ids]",
	 "8:20: error: unknown component 'token_type_ids'; did you mean 'segments'?\n"},
	{"list: [{label: a}]", "8:11: error: this variant changes nothing\n"},
	{"list: [{label: \"a\\u202Eb\", layers: 3}]",
	 "8:19: error: a label is one line without control characters"},
	{"list: [{label: \"a\\eb\", layers: 3}]",
	 "8:19: error: a label is one line without control characters"},
	{"grids: {layers: [1]}", "8:4: error: unknown key 'grids'; did you mean 'grid'?\n"},
};

START_TEST(test_errors__names)
{
	static const char *const names[] = {"nan", "NaN",  "'null'", ".inf", "true", "12",
					    "1e5", "'NA'", "none",   "-a",   ".a",   "a b"};
	struct abl_str text = {0};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		abl_str_clear(&text);
		abl_str_printf(&text, "study: %s\ndata: world\nvocab: 500\ntasks: [sentiment]\n",
			       names[i]);
		refuse_start(text.text, "study.yaml:1:8: error: 'study' cannot be '");
	}
	abl_str_finish(&text);
	refuse_start(
		"study: s\ndata: world\nvocab: 500\ntasks: [sentiment: {lr: 3}]\n",
		"study.yaml:4:21: error: a task has no key 'lr'; did you mean 'learning_rate'?\n"
		"   4 | tasks: [sentiment: {lr: 3}]\n"
		"     |                     ^~\n");
	refuse_start(
		"study: s\ndata: world\nvocab: 500\ntasks: [sentiment: {epochz: 3}]\n",
		"study.yaml:4:21: error: a task has no key 'epochz'; did you mean 'epochs'?\n");
	refuse_start("study: s\ndata: world\nvocab: 500\ntasks: [sentiment: {val: a}]\n",
		     "study.yaml:4:21: error: a task has no field 'val'; did you mean 'dev'?\n");
	refuse_start("study: s\ndata: world\nvocab: 500\nlr: 3\n",
		     "study.yaml:4:1: error: unknown key 'lr'; did you mean 'learning_rate', under "
		     "'baseline:'?\n");
	refuse_start("\xff\xfes",
		     "study.yaml:1:1: error: this is UTF-16 text; a study is UTF-8 text\n"
		     "save the file as UTF-8");
}
END_TEST

START_TEST(test_errors__designs)
{
	for (size_t i = 0; i < sizeof bad_designs / sizeof *bad_designs; i++) {
		struct abl_str text = {0}, start = {0};

		abl_str_printf(&text,
			       "study: s\ndata: world\nvocab: 500\n" PRE
			       "tasks: [sentiment: {epochs: 2}]\n"
			       "tune: {learning_rate: [1e-3, 1e-4], by: dev}\ndesign:\n   %s\n",
			       bad_designs[i].text);
		abl_str_printf(&start, "study.yaml:%s", bad_designs[i].start);
		refuse_start(text.text, start.text);
		abl_str_finish(&text);
		abl_str_finish(&start);
	}
}
END_TEST

START_TEST(test_errors__no_pretraining_to_ablate)
{
	refuse(HEAD "design:\n  leave-one-out: [nsp]\n",
	       "study.yaml:6:19: error: 'nsp' is a part of pre-training, but this study has no "
	       "'pretraining:' block: every variant is trained from scratch\n"
	       "   6 |   leave-one-out: [nsp]\n"
	       "     |                   ^~~\n"
	       "add 'pretraining: {texts: ...}', or remove it from the design");
	refuse_start(HEAD "design: {leave-one-out: [special_tokens_from]}\n",
		     "study.yaml:5:26: error: 'special_tokens_from' is a part of pre-training");
	refuse_start(HEAD "design: {grid: {pretrain_steps: [1, 2]}}\n",
		     "study.yaml:5:17: error: 'pretrain_steps' is a part of pre-training");
	refuse_start(HEAD "design: {leave-one-out: [pretraining]}\n",
		     "study.yaml:5:26: error: the baseline has 'pretraining: none' already");
	refuse_start(HEAD "baseline: {pretraining: on}\n",
		     "study.yaml:5:25: error: there is no 'pretraining:' block");
}
END_TEST

#define INIT "study: s\ndata: world\ntasks: [sentiment]\nbaseline: "

START_TEST(test_errors__init)
{
	refuse_start(INIT "{init: nowhere}\n",
		     "study.yaml:4:18: error: there is no folder 'nowhere'");
	refuse_start(INIT "{init: [a]}\n", "study.yaml:4:18: error: 'init' needs a text");
	refuse_start(INIT "{init: .}\n", "study.yaml:4:18: error: .: not a checkpoint");
	refuse_start(INIT "{pretraining: init}\n", "study.yaml:4:25: error: there is no 'init:'");
	refuse_start(HEAD "baseline: {init: .}\n",
		     "study.yaml:5:18: error: 'init' cannot go with 'vocab' (line 3)");
	refuse_start(INIT "{init: .}\n" PRE,
		     "study.yaml:4:18: error: 'init' cannot go with 'pretraining' (line 5)");
}
END_TEST

START_TEST(test_tasks__spelt_out_and_refused)
{
	struct abl_study *s;

	write_file("train.csv", "text,category\nhello,a\nbye,b\n");
	write_file("vocab.txt", SPECIALS);
	s = load("study: s\ndata: .\nvocab: vocab.txt\ntasks:\n"
		 "  - intents: {type: classify, train: train.csv, dev: train.csv, text: text, "
		 "label: category, epochs: 2}\n");
	ck_assert_str_eq(s->tasks[0].spec.name, "intents");
	ck_assert_str_eq(s->tasks[0].spec.label, "category");
	ck_assert_uint_eq(s->tasks[0].override_count, 1);
	ck_assert_str_eq(s->vocab_file, "vocab.txt");
	ck_assert_uint_eq(s->text_count, 0);
	abl_study_destroy(s);
	refuse_start("study: s\ndata: world\ntasks: [sentiment, sentiment]\n",
		     "study.yaml:3:20: error: task 'sentiment' is listed twice\n");
	refuse_start("study: s\ndata: world\ntasks: [sentimnt]\n", "study.yaml:3:9: error: ");
	ck_assert(strstr(err.text, "sentiment"));
	refuse_start("study: s\ndata: world\ntasks: [sentiment: {hidden: 4}]\n",
		     "study.yaml:3:21: error: 'hidden' is not a fine-tuning key, so one task "
		     "cannot set it\n");
	refuse_start("study: s\ndata: world\ntasks: [sentiment: {pretrain_steps: 4}]\n",
		     "study.yaml:3:21: error: 'pretrain_steps' is not a fine-tuning key");
	refuse_start("study: s\ndata: world\ntasks: {sentiment: }\n",
		     "study.yaml:3:8: error: 'tasks' needs a list, not a map\n");
	refuse_start("study: s\ndata: world\ntasks: [{a: , b: }]\n",
		     "study.yaml:3:9: error: a task is one name, with its details below it\n");
	refuse_start(
		"study: s\ndata: world\ntune: {epochs: [1, 2]}\ntasks: [sentiment: {epochs: 4}]\n",
		"study.yaml:4:21: error: 'epochs' is tuned\n");
	refuse_start("study: s\ndata: .\nvocab: vocab.txt\ntasks:\n  - x: {type: classify, train: "
		     "gone.csv, dev: train.csv, text: text, label: category}\n",
		     "study.yaml:5:");
	ck_assert(strstr(err.text, "gone.csv"));
}
END_TEST

START_TEST(test_tune)
{
	struct abl_study *s =
		load(HEAD "tune: {learning_rate: [5e-4, 3e-4, 1e-4], by: held-back}\n");

	ck_assert_str_eq(s->tune.key->name, "learning_rate");
	ck_assert_uint_eq(s->tune.value_count, 3);
	ck_assert(s->tune.values[1].type == ABL_REAL && s->tune.values[1].r == 3e-4);
	ck_assert_int_eq(s->tune.by, ABL_TUNE_HELD_BACK);
	abl_study_destroy(s);
	refuse_start(HEAD "tune: {epochs: 3}\n",
		     "study.yaml:5:16: error: 'epochs' needs a list of values to try\n");
	refuse_start(
		HEAD "tune: {layers: [3]}\n",
		"study.yaml:5:8: error: 'layers' is not a recipe key, so it cannot be tuned\n");
	refuse_start(HEAD "tune: {pretrain_epochs: [3]}\n",
		     "study.yaml:5:8: error: 'pretrain_epochs' is a part of pre-training, but this "
		     "study has no 'pretraining:' block");
	refuse_start(HEAD "design: {grid: {tuning: [off]}}\n",
		     "study.yaml:5:17: error: the study has no 'tune:', so 'tuning' changes "
		     "nothing\n");
	refuse_start(HEAD "tune: {epochs: [3, 3]}\n",
		     "study.yaml:5:20: error: this value is in the list twice\n");
	refuse_start(HEAD "tune: {epochs: [3], warmup: [0]}\n",
		     "study.yaml:5:21: error: only one key can be tuned, and that is 'epochs'\n");
	refuse_start(HEAD "tune: {by: dev}\n",
		     "study.yaml:5:7: error: 'tune' needs a key and its values");
	refuse_start(HEAD "tune: {epochs: [3], by: luck}\n",
		     "study.yaml:5:25: error: 'by' has no 'luck'");
}
END_TEST

START_TEST(test_yaml__what_is_not_read)
{
	refuse_start(HEAD "baseline: &b {layers: 2}\n",
		     "study.yaml:5:11: error: YAML anchors ('&b') are not supported\n");
	refuse_start(HEAD "baseline: *b\n",
		     "study.yaml:5:11: error: YAML aliases ('*b') are not supported\n");
	refuse_start(
		HEAD "baseline: {layers: !!int 2}\n",
		"study.yaml:5:20: error: YAML tags ('tag:yaml.org,2002:int') are not supported\n");
	refuse_start(HEAD "---\nstudy: t\n",
		     "study.yaml:5:1: error: a second document begins here\n");
	refuse_start("- a\n", "study.yaml:1:1: error: this is a list, not a study\n");
	refuse_start("just words\n", "study.yaml:1:1: error: this is a single text, not a study\n");
	refuse_start(HEAD "baseline: {layers: 2\n",
		     "study.yaml:6:1: error: this is not YAML: did not find expected ',' or '}'");
	refuse_start(HEAD "? [a]\n: b\n", "study.yaml:5:3: error: a key must be a plain word\n");
	refuse_start(HEAD "about: b\xff"
			  "d\n",
		     "study.yaml:5:9: error: invalid UTF-8 (byte 0xff)\n");
	refuse_start(HEAD
		     "about: "
		     "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
		     "study.yaml:5:39: error: nested more than 32 levels deep\n");
}
END_TEST

START_TEST(test_yaml__damaged_and_missing_files)
{
	struct abl_study *s = NULL;
	char *big = abl_malloc(300000);

	err = (struct abl_err){0};
	ck_assert_int_eq(abl_study_load(&s, "gone.yaml", NULL, &err), ABL_EINPUT);
	ck_assert_str_eq(err.text, "gone.yaml: cannot open: No such file or directory");
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_study_load(&s, folder, NULL, &err), ABL_EINPUT);
	ck_assert(strstr(err.text, "is a folder, not a file"));
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_file_write("nul.yaml", "study: s\nab\0ut: x\n", 18, &err), 0);
	ck_assert_int_eq(abl_study_load(&s, "nul.yaml", NULL, &err), ABL_EINPUT);
	ck_assert_str_eq(err.text,
			 "nul.yaml:2:3: error: a NUL byte (byte 0x00)\na study is UTF-8 text");
	err = (struct abl_err){0};
	memset(big, '#', 300000);
	ck_assert_int_eq(abl_file_write("big.yaml", big, 300000, &err), 0);
	ck_assert_int_eq(abl_study_load(&s, "big.yaml", NULL, &err), ABL_EINPUT);
	ck_assert_str_eq(err.text, "big.yaml: file is larger than 262144 bytes");
	free(big);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("study");

	tcase_add_test(c, test_design__too_many_variants);
	tcase_add_test(c, test_design__a_count_beyond_64_bits);
	tcase_add_test(c, test_errors__place_line_and_caret);
	tcase_add_test(c, test_errors__values);
	tcase_add_test(c, test_errors__names);
	tcase_add_test(c, test_errors__designs);
	tcase_add_test(c, test_errors__no_pretraining_to_ablate);
	tcase_add_test(c, test_errors__init);
	tcase_add_test(c, test_tasks__spelt_out_and_refused);
	tcase_add_test(c, test_tune);
	tcase_add_test(c, test_yaml__what_is_not_read);
	tcase_add_test(c, test_yaml__damaged_and_missing_files);
	return run_tests(c);
}
