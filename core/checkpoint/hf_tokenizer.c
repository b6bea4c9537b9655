/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_tokenizer.h"

#include "clean.h"
#include "files.h"
#include "json.h"
#include "str.h"
#include "vocab.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MOST ((size_t)256 << 20)

/* A token is a text, or an object with its text as "content". */
static const char *text_of(const json_t *v)
{
	return json_string_value(json_is_object(v) ? json_object_get(v, "content") : v);
}

/* Fails unless the value is absent, null or one of those, joined by '|'. */
static int must_be(const json_t *o, const char *name, const char *wanted, const char *path,
		   struct abl_err *err)
{
	const json_t *v = json_object_get(o, name);
	const char *text = text_of(v), *p = wanted;
	const size_t n = text ? strlen(text) : 0;

	if (!v || json_is_null(v))
		return 0;
	for (; text && *p; p += strcspn(p, "|"), p += *p == '|')
		if (strcspn(p, "|") == n && !strncmp(p, text, n))
			return 0;
	return abl_err_set(err, ABL_EINPUT, "%s: '%s' is %s%.40s%s, only '%.*s' is supported", path,
			   name, text ? "'" : "", text ? text : "no text", text ? "'" : "",
			   (int)strcspn(wanted, "|"), wanted);
}

/* Pieces in the order of their ids, each once. Ids that none has, as a vocabulary with a doubled
 * token leaves them, are blanks; fewer than there are tokens. */
static int add_pieces(struct abl_vocab *v, const json_t *pieces, const char *path,
		      struct abl_err *err)
{
	json_t *all = (json_t *)(uintptr_t)pieces, *id; /* only read */
	size_t n = json_object_size(pieces);
	const char **order = abl_calloc(2 * n + 1, sizeof *order), *piece;
	size_t most = n, blanks = 0;
	int rc = 0;

	json_object_foreach(all, piece, id)
	{
		json_int_t at = json_integer_value(id);

		if (!rc && (!json_is_integer(id) || at < 0 || (uint64_t)at >= 2 * n || order[at]))
			rc = abl_err_set(
				err, ABL_EINPUT,
				"%s: the ids of its %zu tokens are not 0 to %zu, each once", path,
				n, n ? n - 1 : 0);
		if (rc)
			continue;
		order[at] = piece;
		most = (size_t)at >= most ? (size_t)at + 1 : most;
	}
	for (size_t i = 0; !rc && i < most; i++) {
		const bool blank = !order[i] || !*order[i];

		blanks += blank;
		rc = blank ? abl_vocab_add_blank(v, err)
			   : abl_vocab_add(v, order[i], strlen(order[i]), err);
		if (rc)
			abl_err_prefix(err, rc, "%s: token %zu", path, i);
	}
	if (!rc && blanks)
		abl_str_printf(abl_vocab_notes_mut(v),
			       "%s: %zu number%s without a token: no text has %s\n", path, blanks,
			       abl_plural(blanks), blanks == 1 ? "it" : "them");
	free(order);
	return rc;
}

int abl_hf_vocab_parse(struct abl_vocab **out, const char *text, size_t length, const char *path,
		       struct abl_err *err)
{
	json_error_t where;
	json_t *o = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
	const json_t *model = json_object_get(o, "model"),
		     *longest = json_object_get(model, "max_input_chars_per_word");
	struct abl_vocab *v = NULL;
	int rc;

	if (!o)
		return abl_err_set(err, ABL_EINPUT, "%s:%d:%d: not JSON: %s", path, where.line,
				   where.column, where.text);
	v = abl_vocab_create();
	if (!json_is_object(json_object_get(model, "vocab")))
		rc = abl_err_set(err, ABL_EINPUT, "%s: has no map 'vocab' under 'model'", path);
	else
		rc = must_be(model, "type", "WordPiece", path, err);
	rc = rc ? rc : must_be(model, "continuing_subword_prefix", "##", path, err);
	rc = rc ? rc : must_be(model, "unk_token", abl_special_text(ABL_UNK), path, err);
	if (!rc && longest &&
	    !(json_is_number(longest) && json_number_value(longest) == ABL_WORD_MAX))
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: 'max_input_chars_per_word' is not %d; only %d is supported",
				 path, ABL_WORD_MAX, ABL_WORD_MAX);
	rc = rc ? rc : add_pieces(v, json_object_get(model, "vocab"), path, err);
	if (!rc && (rc = abl_vocab_complete(v, err)))
		abl_err_prefix(err, rc, "%s", path);
	json_decref(o);
	if (rc)
		abl_vocab_destroy(v);
	else
		*out = v;
	return rc;
}

int abl_hf_vocab_find(char **path, const char *folder, struct abl_err *err)
{
	static const char *const names[] = {"vocab.txt", "tokenizer.json"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		*path = abl_path_join(folder, names[i]);
		if (abl_file_exists(*path))
			return 0;
		free(*path);
	}
	*path = NULL;
	return abl_err_set(err, ABL_EINPUT,
			   "%s: no vocabulary: there is neither vocab.txt nor tokenizer.json",
			   folder);
}

int abl_hf_vocab_load(struct abl_vocab **out, const char *path, struct abl_err *err)
{
	const size_t n = strlen(path);
	struct abl_str text = {0};
	int rc;

	if (n < 5 || strcmp(path + n - 5, ".json"))
		return abl_vocab_load(out, path, err);
	rc = abl_file_read(path, &text, FILE_MOST, err);
	if (!rc)
		rc = abl_hf_vocab_parse(out, text.text, text.length, path, err);
	abl_str_finish(&text);
	return rc;
}

/* The object in a file of the folder, or NULL where there is no such file. */
static int load_object(json_t **out, const char *path, struct abl_err *err)
{
	struct abl_str text = {0};
	json_error_t where;
	int rc = 0;

	*out = NULL;
	if (abl_file_exists(path) && !(rc = abl_file_read(path, &text, FILE_MOST, err))) {
		/* "model_max_length" may be 10^30, which is no integer of 64 bits */
		*out = json_loadb(text.text, text.length,
				  JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &where);
		if (!*out)
			rc = abl_err_set(err, ABL_EINPUT, "%s:%d:%d: not JSON: %s", path,
					 where.line, where.column, where.text);
		else if (!json_is_object(*out))
			rc = abl_err_set(err, ABL_EINPUT, "%s: not a JSON object", path);
	}
	abl_str_finish(&text);
	return rc;
}

static int check_added(const char *piece, const char *path, struct abl_err *err)
{
	for (enum abl_special i = ABL_PAD; i <= ABL_MASK; i++)
		if (piece && !strcmp(piece, abl_special_text(i)))
			return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "%s: the added token '%.60s' is not supported: texts with it would be "
			   "tokenized differently",
			   path, piece ? piece : "?");
}

/* Tokens that are taken out of a text before it is cut into words: BERT's own and no others. A list
 * or map of them; in added_tokens.json, a map of their ids. */
static int check_all_added(const json_t *tokens, const char *path, struct abl_err *err)
{
	json_t *all = (json_t *)(uintptr_t)tokens, *token; /* only read */
	const char *name;
	size_t i;
	int rc = 0;

	json_array_foreach(all, i, token) rc = rc ? rc : check_added(text_of(token), path, err);
	json_object_foreach(all, name, token) rc =
		rc ? rc : check_added(json_is_number(token) ? name : text_of(token), path, err);
	return rc;
}

/* Their clean-up of texts, by the names of either file. */
static int read_clean_up(const json_t *o, const char *lower_name, const char *chinese_name,
			 const char *path, bool *cased, struct abl_err *err)
{
	const json_t *lower = json_object_get(o, lower_name),
		     *accents = json_object_get(o, "strip_accents");

	if (lower && !json_is_null(lower) && !json_is_boolean(lower))
		return abl_err_set(err, ABL_EINPUT, "%s: '%s' is neither true nor false", path,
				   lower_name);
	if (json_is_boolean(lower))
		*cased = json_is_false(lower);
	if (json_is_false(json_object_get(o, chinese_name)))
		return abl_err_set(err, ABL_EINPUT,
				   "%s: a tokenizer that does not split Chinese characters (%s: "
				   "false) is not supported",
				   path, chinese_name);
	if (json_is_boolean(accents) && json_is_true(accents) == *cased)
		return abl_err_set(
			err, ABL_EINPUT,
			"%s: a tokenizer that %s accents (strip_accents) is not supported", path,
			*cased ? "keeps case but strips" : "lowercases but keeps");
	return 0;
}

/* tokenizer_config.json; *known: it tells whether case is kept. */
static int read_config(const json_t *o, const char *path, bool *cased, bool *known,
		       struct abl_err *err)
{
	static const char *const fixed[][2] = {
		{"tokenizer_class",
		 "BertTokenizer|BertTokenizerFast|PreTrainedTokenizerFast|TokenizersBackend"},
		{"pad_token", "[PAD]"},
		{"unk_token", "[UNK]"},
		{"cls_token", "[CLS]"},
		{"sep_token", "[SEP]"},
		{"mask_token", "[MASK]"},
	};
	static const char *const added[] = {"added_tokens_decoder", "additional_special_tokens",
					    "extra_special_tokens", "never_split"};
	int rc = read_clean_up(o, "do_lower_case", "tokenize_chinese_chars", path, cased, err);

	*known = json_is_boolean(json_object_get(o, "do_lower_case"));
	for (size_t i = 0; !rc && i < sizeof fixed / sizeof *fixed; i++)
		rc = must_be(o, fixed[i][0], fixed[i][1], path, err);
	for (size_t i = 0; !rc && i < sizeof added / sizeof *added; i++)
		rc = check_all_added(json_object_get(o, added[i]), path, err);
	if (!rc && json_is_false(json_object_get(o, "do_basic_tokenize")))
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: a tokenizer that does not clean texts (do_basic_tokenize: "
				 "false) is not supported",
				 path);
	return rc;
}

/* tokenizer.json: how it cleans texts, unless the configuration `known` that, and cuts them into
 * words. */
static int read_tokenizer(const json_t *o, const char *path, bool *cased, bool known,
			  struct abl_err *err)
{
	static const char *const parts[][2] = {{"normalizer", "BertNormalizer"},
					       {"pre_tokenizer", "BertPreTokenizer"}};
	const json_t *normalizer = json_object_get(o, "normalizer");
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof parts / sizeof *parts; i++) {
		const json_t *part = json_object_get(o, parts[i][0]);

		rc = json_is_object(part) ? must_be(part, "type", parts[i][1], path, err)
					  : abl_err_set(err, ABL_EINPUT,
							"%s: has no '%s'; only '%s' is supported",
							path, parts[i][0], parts[i][1]);
	}
	if (!rc && json_is_false(json_object_get(normalizer, "clean_text")))
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: a tokenizer that does not clean texts (clean_text: false) is "
				 "not supported",
				 path);
	rc = rc ? rc : check_all_added(json_object_get(o, "added_tokens"), path, err);
	if (!rc && !known)
		rc = read_clean_up(normalizer, "lowercase", "handle_chinese_chars", path, cased,
				   err);
	return rc;
}

int abl_hf_cased(const char *folder, bool *cased, struct abl_err *err)
{
	static const char *const names[] = {"tokenizer_config.json", "tokenizer.json",
					    "special_tokens_map.json", "added_tokens.json"};
	bool known = false;
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof names / sizeof *names; i++) {
		char *path = abl_path_join(folder, names[i]);
		json_t *o;

		rc = load_object(&o, path, err);
		if (!rc && o && i == 0)
			rc = read_config(o, path, cased, &known, err);
		else if (!rc && o && i == 1)
			rc = read_tokenizer(o, path, cased, known, err);
		else if (!rc && o)
			rc = check_all_added(
				i == 2 ? json_object_get(o, "additional_special_tokens") : o, path,
				err);
		json_decref(o);
		free(path);
	}
	return rc;
}

int abl_hf_tokenizer_write(bool cased, size_t max_length, struct abl_str *out, struct abl_err *err)
{
	struct abl_json j;
	int rc;

	abl_json_begin(&j);
	abl_json_text(&j, j.root, "tokenizer_class", "BertTokenizer");
	abl_json_bool(&j, j.root, "do_lower_case", !cased);
	abl_json_bool(&j, j.root, "tokenize_chinese_chars", true);
	abl_json_put(&j, j.root, "strip_accents", json_null());
	abl_json_int(&j, j.root, "model_max_length", (int64_t)max_length);

	for (int i = ABL_PAD; i <= ABL_MASK; i++) {
		static const char *const names[] = {[ABL_PAD] = "pad_token",
						    [ABL_UNK] = "unk_token",
						    [ABL_CLS] = "cls_token",
						    [ABL_SEP] = "sep_token",
						    [ABL_MASK] = "mask_token"};

		abl_json_text(&j, j.root, names[i], abl_special_text((enum abl_special)i));
	}
	rc = abl_json_end(&j, JSON_INDENT(2), "tokenizer_config.json", out, err);
	abl_str_puts(out, "\n");
	return rc;
}
