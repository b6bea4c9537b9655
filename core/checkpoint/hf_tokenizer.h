/* SPDX-License-Identifier: Apache-2.0 */
/* hf_tokenizer.h - the vocabulary of a Hugging Face folder (vocab.txt, or tokenizer.json of the
 * package tokenizers), and whether it keeps case (tokenizer_config.json, tokenizer.json). */
#ifndef ABL_HF_TOKENIZER_H
#define ABL_HF_TOKENIZER_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_vocab;
struct abl_str;

/* The folder's vocab.txt, or where there is none its tokenizer.json; caller frees. ABL_EINPUT:
 * neither is there. */
int abl_hf_vocab_find(char **path, const char *folder, struct abl_err *err) ABL_MUST_USE;
/* Reads either kind, by the end of its name. ABL_EINPUT: damaged, another model than WordPiece, ids
 * with a gap, a special token missing. */
int abl_hf_vocab_load(struct abl_vocab **out, const char *path, struct abl_err *err) ABL_MUST_USE;
/* The same from the text of a tokenizer.json; `path` is for messages. */
int abl_hf_vocab_parse(struct abl_vocab **out, const char *text, size_t length, const char *path,
		       struct abl_err *err) ABL_MUST_USE;
/* Sets *cased where the folder says it (tokenizer_config.json before tokenizer.json), else leaves
 * it. ABL_EINPUT: another tokenizer than BERT's: its class, special tokens, clean-up of texts
 * (accents kept in lower case, Chinese characters not set apart), or tokens that were added. */
int abl_hf_cased(const char *folder, bool *cased, struct abl_err *err) ABL_MUST_USE;
/* Appends a tokenizer_config.json that makes BertTokenizer cut texts as we do. */
int abl_hf_tokenizer_write(bool cased, size_t max_length, struct abl_str *out,
			   struct abl_err *err) ABL_MUST_USE;

#endif
