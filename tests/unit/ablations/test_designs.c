/* SPDX-License-Identifier: Apache-2.0 */
/* Designs beyond one change at a time. */
#include "study_fixture.h"

#include <math.h>

static const struct abl_variant *variant(const struct abl_study *s, const char *label)
{
	for (size_t i = 0; i < s->variant_count; i++)
		if (!strcmp(s->variants[i].label, label))
			return &s->variants[i];
	ck_abort_msg("no variant '%s'", label);
	return NULL;
}

/* All labels but the baseline's, each with its kind: "no a (removal); ". */
static const char *labels(const struct abl_study *s)
{
	static struct abl_str text;

	abl_str_clear(&text);
	abl_str_puts(&text, "");
	for (size_t i = 1; i < s->variant_count; i++)
		abl_str_printf(&text, "%s%s (%s)", i > 1 ? "; " : "", s->variants[i].label,
			       abl_variant_kind_name(s->variants[i].kind));
	return text.text;
}

static void assert_labels(const char *text, const char *expected)
{
	struct abl_study *s = load(text);

	ck_assert_str_eq(labels(s), expected);
	ck_assert_uint_eq(s->dropped_count, 0);
	abl_study_destroy(s);
}

/* What the designs set in it: "segments=none layers=4". */
static const char *set_in(const struct abl_variant *v)
{
	static struct abl_str text;

	abl_str_clear(&text);
	abl_str_puts(&text, "");
	for (size_t i = 0; i < v->set_count; i++) {
		abl_str_printf(&text, "%s%s=", i ? " " : "", v->set[i].key->name);
		abl_value_text(&v->set[i].value, &text);
	}
	return text.text;
}

START_TEST(test_pairs)
{
	struct abl_study *s;

	assert_labels(HEAD "design: {pairs: [segments, positions, {dropout: 0}]}\n",
		      "no segments (removal); no positions (removal); dropout=0 (swap); "
		      "no segments, no positions (pair); no segments, dropout=0 (pair); "
		      "no positions, dropout=0 (pair)");
	/* singles that are there stay what they are, and nobody hears of it */
	assert_labels(HEAD "design: {pairs: [segments, {label: deep, layers: 4}],\n"
			   "  leave-one-out: [positions, {layers: 4, label: deep}]}\n",
		      "no positions (removal); deep (swap); no segments (removal); "
		      "no segments, deep (pair)");
	s = load(HEAD "design: {pairs: [segments, positions, {label: big, hidden: 256}]}\n");
	ck_assert_str_eq(variant(s, "no segments, no positions")->subject, "segments, positions");
	ck_assert_str_eq(variant(s, "no segments, big")->subject, "segments, big");
	ck_assert_str_eq(set_in(variant(s, "no segments, big")), "segments=none hidden=256");
	ck_assert_uint_gt(variant(s, "no segments, big")->changed_count, 2); /* heads, ffn_size */
	ck_assert_str_eq(set_in(&s->variants[0]), "");
	ck_assert(s->design_count == 1 && !s->exploratory);
	ck_assert_str_eq(s->designs[0], "pairs");
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_pairs__that_cannot_be)
{
	struct abl_study *s =
		load(HEAD "baseline: {layers: 2}\n"
			  "design: {pairs: [{layers: 1}, {layers: 4}, {batch_size: 8}]}\n");

	ck_assert_str_eq(labels(s), "layers=1 (swap); layers=4 (swap); batch_size=8 (swap); "
				    "layers=1, batch_size=8 (pair); layers=4, batch_size=8 (pair)");
	ck_assert_uint_eq(s->dropped_count, 1);
	ck_assert_int_eq(s->dropped[0].kind, ABL_NOTE_INVALID);
	ck_assert_str_eq(s->dropped[0].label, "layers=1, layers=4");
	ck_assert_str_eq(s->dropped[0].text, "both set 'layers'");
	ck_assert_str_eq(s->dropped[0].place, "study.yaml:6");
	abl_study_destroy(s);
	/* what a constraint refuses is named, too */
	s = load(HEAD PRE "design: {pairs: [mlm, nsp]}\n");
	ck_assert_str_eq(labels(s), "no mlm (removal); no nsp (removal)");
	ck_assert_uint_eq(s->dropped_count, 1);
	ck_assert_str_eq(s->dropped[0].label, "no mlm, no nsp");
	ck_assert_int_eq(s->dropped[0].kind, ABL_NOTE_INVALID);
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_factorial)
{
	struct abl_study *s;

	assert_labels(HEAD "design: {factorial: [segments, positions]}\n",
		      "no positions (factorial); no segments (factorial); "
		      "no segments, no positions (factorial)");
	/* the first level is the baseline's, however it is written */
	assert_labels(HEAD "baseline: {layers: 2}\n"
			   "design: {factorial: {segments: none, layers: [4, 2]}}\n",
		      "layers=4 (factorial); no segments (factorial); "
		      "no segments, layers=4 (factorial)");
	assert_labels(HEAD "baseline: {layers: 2}\n"
			   "design: {leave-one-out: [segments], factorial: {factors: [segments, "
			   "{layers: 4}], runs: 4}}\n",
		      "no segments (removal); layers=4 (factorial); "
		      "no segments, layers=4 (factorial)");
	s = load(HEAD "design: {factorial: {factors: {segments: none, layers: 4, hidden: 64, "
		      "epochs: 1, dropout: 0}, fraction: 0.5}}\n");
	ck_assert_uint_eq(s->variant_count, 16);
	abl_study_destroy(s);
	/* what follows from one factor does not hide the other: 128 would have 512 by itself */
	s = load(HEAD "baseline: {hidden: 64}\n"
		      "design: {factorial: {hidden: [64, 128], ffn_size: [256, 512]}}\n");
	ck_assert_str_eq(labels(s), "ffn_size=512 (factorial); hidden=128 (factorial); "
				    "hidden=128, ffn_size=512 (factorial)");
	ck_assert_uint_eq(s->factor_count, 2);
	ck_assert_str_eq(s->factors[1].key->name, "ffn_size");
	ck_assert(s->factors[1].level[0].i == 256 && s->factors[1].level[1].i == 512);
	ck_assert_uint_eq(s->implied_count, 0);
	abl_study_destroy(s);
	/* a baseline that is no cell runs beside it */
	s = load(HEAD "baseline: {layers: 3}\n"
		      "design: {factorial: {segments: none, layers: [2, 4]}}\n");
	ck_assert_str_eq(labels(s), "layers=2 (factorial); layers=4 (factorial); "
				    "no segments, layers=2 (factorial); "
				    "no segments, layers=4 (factorial)");
	ck_assert(s->baseline_is_no_cell);
	ck_assert_uint_eq(s->implied_count, 1);
	ck_assert_str_eq(s->implied[0].text,
			 "the baseline is no cell of the factorial: it runs beside it");
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_factorial__invalid_cells_are_named)
{
	struct abl_study *s =
		load(HEAD PRE "design: {factorial: {mlm: none, nsp: none, segments: none}}\n");

	ck_assert_uint_eq(s->variant_count, 6);
	ck_assert_uint_eq(s->dropped_count, 2);
	ck_assert_str_eq(s->dropped[0].label, "no mlm, no nsp");
	ck_assert_str_eq(s->dropped[1].label, "no mlm, no nsp, no segments");
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_random)
{
	static const char design[] =
		"baseline: {hidden: 64}\ndesign: {random: {count: %d, seed: %d, %s\n"
		"  hidden: [64, 128], learning_rate: {from: 1e-5, to: 1e-3, log: true},\n"
		"  batch_size: {from: 8, to: 11}, dropout: {from: 0, to: .3}}}\n";
	struct abl_str text = {0};
	struct abl_study *s, *more;

	abl_str_puts(&text, HEAD);
	abl_str_printf(&text, design, 24, 7, "");
	s = load(text.text);
	ck_assert_uint_eq(s->variant_count, 25);
	ck_assert(s->exploratory);
	ck_assert_int_eq(s->variants[1].kind, ABL_VARIANT_RANDOM);
	for (size_t v = 1; v < s->variant_count; v++) {
		const struct abl_setting *set = s->variants[v].set;
		struct abl_str exact = {0};
		double back;

		for (size_t i = 0; i < s->variants[v].set_count; i++) {
			abl_str_clear(&exact);
			abl_value_text(&set[i].value, &exact);
			ck_assert(abl_parse_real(exact.text, &back));
			ck_assert(back == (set[i].value.type == ABL_INT ? (double)set[i].value.i
									: set[i].value.r));
			ck_assert_uint_le(exact.length, 9);
		}
		abl_str_finish(&exact);
	}
	/* the same file, the same points; more points or keys change no other value */
	abl_str_clear(&text);
	abl_str_puts(&text, HEAD);
	abl_str_printf(&text, design, 60, 7, "warmup: {from: 0, to: .2},");
	more = load(text.text);
	for (size_t v = 1; v < s->variant_count; v++) {
		const char *tail = strstr(more->variants[v].label, "hidden=");

		ck_assert_str_eq(tail ? tail : "", s->variants[v].label);
	}
	abl_study_destroy(more);
	abl_str_clear(&text);
	abl_str_puts(&text, HEAD);
	abl_str_printf(&text, design, 24, 8, "");
	more = load(text.text);
	ck_assert_str_ne(more->variants[1].label, s->variants[1].label);
	abl_study_destroy(more);
	abl_study_destroy(s);
	abl_str_finish(&text);
}
END_TEST

/* Each value is spread as it was asked for: none of ten equal pieces is off by much. */
START_TEST(test_random__spread)
{
	struct abl_study *s = load(
		HEAD "limits: {variants: 1000}\n"
		     "design: {random: {count: 1000, seed: 1, weight_decay: {from: 0.1, to: "
		     "1},\n  learning_rate: {from: 1e-5, to: 1e-3, log: true},\n"
		     "  batch_size: {from: 1, to: 10}, steps: {from: 1, to: 1023, log: true}}}\n");
	size_t pieces[4][10] = {{0}};

	ck_assert_uint_eq(s->variant_count, 1001);
	for (size_t v = 1; v < s->variant_count; v++) {
		static const char *const keys[] = {"weight_decay", "learning_rate", "batch_size",
						   "steps"};
		double x[4];

		for (size_t k = 0; k < 4; k++) {
			struct abl_value now;

			abl_values_get(s->variants[v].config, abl_space_key(s->space, keys[k]),
				       &now);
			x[k] = now.type == ABL_INT ? (double)now.i : now.r;
		}
		x[0] = (x[0] - .1) / .9;
		x[1] = log10(x[1] / 1e-5) / 2;
		x[2] = (x[2] - 1) / 10;
		x[3] = floor(log2(x[3])) / 10; /* 1, 2-3, 4-7 ... 512-1023 */
		for (size_t k = 0; k < 4; k++) {
			ck_assert(x[k] >= 0 && x[k] <= 1);
			pieces[k][(size_t)fmin(x[k] * 10 + 1e-9, 9)]++;
		}
	}
	for (size_t k = 0; k < 4; k++)
		for (size_t i = 0; i < 10; i++) /* sd 9.5 */
			ck_assert_msg(pieces[k][i] > 60 && pieces[k][i] < 140, "%zu %zu: %zu", k, i,
				      pieces[k][i]);
	abl_study_destroy(s);
}
END_TEST

static const struct {
	const char *design, *message;
} refused[] = {
	{"pairs: [segments]", "6:17: error: 'pairs' needs two items at least\n"},
	{"pairs: segments", "6:17: error: 'pairs' needs two items at least\n"},
	{"pairs: []", "6:17: error: an empty list gives no variant\n"},
	{"pairs: [segments, placebo]", "6:28: error: a placebo changes nothing, so a pair"},
	{"pairs: [segments, segments]", "6:28: error: this is in the list twice\n"},
	{"pairs: [segments, {segments: none}]", "6:28: error: this is in the list twice\n"},
	{"pairs: [segments, segmants]",
	 "6:28: error: unknown component 'segmants'; did you mean 'segments'?\n"},
	{"pairs: [segments, {layers: 2}]", "6:28: error: the baseline has 'layers: 2' already"},
	{"factorial: segments", "6:21: error: 'factorial' needs a list, not a text\n"},
	{"factorial: []", "6:21: error: a factorial needs two factors at least\n"},
	{"factorial: [segments]", "6:21: error: a factorial needs two factors at least\n"},
	{"factorial: [segments, placebo]", "6:32: error: a placebo changes nothing"},
	{"factorial: [segments, segments]", "6:32: error: 'segments' is a factor twice\n"},
	{"factorial: [segments, layers]",
	 "6:32: error: 'layers' is a hyperparameter: give its value\n"},
	{"factorial: [segments, {layers: 4, hidden: 64}]", "6:32: error: a factor is one key\n"},
	{"factorial: {segments: none, layers: [1, 2, 3]}",
	 "6:46: error: 'layers' has 3 values, and a factor has two\n"},
	{"factorial: {segments: none, layers: []}",
	 "6:46: error: 'layers' has 0 values, and a factor has two\n"},
	{"factorial: {segments: none, layers: [1, 1]}",
	 "6:46: error: both levels of 'layers' are the same\n"},
	{"factorial: {segments: none, layers: 2}",
	 "6:46: error: both levels of 'layers' are the same\n"},
	{"factorial: {segments: none, layrs: 2}",
	 "6:38: error: unknown key 'layrs'; did you mean 'layers'?\n"},
	{"factorial: {segments: none, layers: 4, runs: 4}", "6:21: error: 'factors' is missing\n"},
	{"factorial: {factors: {segments: none, layers: 4}, run: 4}",
	 "6:60: error: unknown key 'run'; did you mean 'runs'?\n"},
	{"factorial: {factors: {segments: none, layers: 4}, runs: 3}",
	 "6:66: error: 'runs' is a power of two: 16, 32, up to the 4 of all cells\n"},
	{"factorial: {factors: {segments: none, layers: 4}, runs: 8}",
	 "6:66: error: 'runs' is a power of two"},
	{"factorial: {factors: {segments: none, layers: 4}, fraction: 1/3}",
	 "6:70: error: 'fraction' is one of 1/2, 1/4, 1/8, 1/16\n"},
	{"factorial: {factors: {segments: none, layers: 4}, fraction: 0.3}",
	 "6:70: error: 'fraction' is one of 1/2, 1/4, 1/8, 1/16\n"},
	{"factorial: {factors: {segments: none, layers: 4}, fraction: 1/2, runs: 2}",
	 "6:81: error: 'fraction' and 'runs' say the same\n"},
	{"factorial: {factors: {segments: none, layers: 4}, fraction: 1/2}",
	 "6:70: error: in 2 of the 4 cells the factors could not be told apart\n"},
	{"factorial: {factors: {segments: none, layers: 4, hidden: 64}, fraction: 1/2}",
	 "6:82: error: in 4 of the 8 cells factors would look like pairs of others (resolution "
	 "III)\n"},
	{"factorial: {factors: {segments: none, layers: 4, hidden: 64, epochs: 1, dropout: 0,\n"
	 "    batch_size: 4}, runs: 16}",
	 "7:27: error: in 16 of the 64 cells pairs of factors would look like other pairs "
	 "(resolution IV)\n"
	 "   7 |     batch_size: 4}, runs: 16}}\n     |                           ^~\n"
	 "'runs: 32' is the smallest that works"},
	{"random: 5", "6:18: error: 'random' needs a map, not an integer\n"},
	{"random: {seed: 1, epochs: [1, 2]}", "6:18: error: 'random.count' is missing\n"},
	{"random: {count: 4, epochs: [1, 2]}", "6:18: error: 'random.seed' is missing\n"},
	{"random: {count: 4, seed: 1}", "6:18: error: 'random' needs keys to draw\n"},
	{"random: {count: 0, seed: 1, epochs: 1}",
	 "6:26: error: 'count' is out of range: 0; it must be 1 to 100000\n"},
	{"random: {count: 4, seed: -1, epochs: 1}",
	 "6:35: error: 'seed' is out of range: -1; it must be 0 to"},
	{"random: {count: 4, seed: 1, epochs: {from: 1}}", "6:46: error: 'to' is missing\n"},
	{"random: {count: 4, seed: 1, epochs: {form: 1, to: 2}}",
	 "6:47: error: unknown key 'form'\n"},
	{"random: {count: 4, seed: 1, epochs: {from: 2, to: 2}}",
	 "6:60: error: 'to' is not above 'from'\n"},
	{"random: {count: 4, seed: 1, dropout: {from: 0, to: .3, log: true}}",
	 "6:54: error: a logarithmic range begins above 0\n"},
	{"random: {count: 4, seed: 1, dropout: {from: 0, to: 1.5}}",
	 "6:61: error: 'dropout' is out of range: 1.5;"},
	{"random: {count: 4, seed: 1, segments: {from: 0, to: 1}}",
	 "6:55: error: 'segments' needs a name, not an integer\n"},
	{"random: {count: 4, seed: 1, hidden: []}",
	 "6:46: error: 'hidden' needs at least one value\n"},
	{"random: {count: 20000, seed: 1, epochs: {from: 1, to: 2}}",
	 "6:18: error: the design has 20,000 variants, more than 10,000\n"},
	{"rondom: {count: 1}", "6:10: error: unknown key 'rondom'; did you mean 'random'?\n"},
};

START_TEST(test_designs__refused)
{
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct abl_str text = {0}, message = {0};

		abl_str_printf(&text, HEAD "baseline: {layers: 2}\ndesign: {%s}\n",
			       refused[i].design);
		abl_str_printf(&message, "study.yaml:%s", refused[i].message);
		refuse_start(text.text, message.text);
		abl_str_finish(&text), abl_str_finish(&message);
	}
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("designs");

	tcase_add_test(c, test_pairs);
	tcase_add_test(c, test_pairs__that_cannot_be);
	tcase_add_test(c, test_factorial);
	tcase_add_test(c, test_factorial__invalid_cells_are_named);
	tcase_add_test(c, test_random);
	tcase_add_test(c, test_random__spread);
	tcase_add_test(c, test_designs__refused);
	return run_tests(c);
}
