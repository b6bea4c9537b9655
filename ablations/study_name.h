/* SPDX-License-Identifier: Apache-2.0 */
/* study_name.h - a study named on a command line: by its name, or by its file. */
#ifndef ABL_STUDY_NAME_H
#define ABL_STUDY_NAME_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>

/* Does the word name a study by its file? It ends in .yaml or .yml then. */
bool abl_is_study_file(const char *word);
/* Appends the study's name to out: the word itself, or the `study:` of the file if the word ends in
 * ".yaml" or ".yml". Of a file, `text` gets what the store keeps of a study: the file with all that
 * it includes; of a name nothing. Errors: the file cannot be read, or names no study. */
int abl_study_name(const char *word, struct abl_str *name, struct abl_str *text,
		   struct abl_err *err) ABL_MUST_USE;

/* Do two texts of that kind say the same? Comments, blank lines and blanks at line ends say
 * nothing. */
bool abl_study_text_same(const char *a, const char *b);

/* The text in Unicode's composed form (NFC), so that one word has one spelling; permanent. */
const char *abl_nfc(const char *text);

#endif
