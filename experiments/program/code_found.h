/* SPDX-License-Identifier: Apache-2.0 */
/* code_found.h - inside code_files: names of files on their way into the lists. */
#ifndef ABL_CODE_FOUND_H
#define ABL_CODE_FOUND_H

#include "code_files.h"

struct abl_code_search {
	const struct abl_code_spec *spec;
	struct abl_code_set *out;
	char *real; /* the directory without links; "" for the root */
};

/* The path without ".", ".." and doubled slashes. Caller's. */
char *abl_code_plain(const char *path);
/* The name in the lists of an absolute path: relative to the directory, if it lies there. Caller's.
 */
char *abl_code_name(const struct abl_code_search *s, const char *path);
/* folder/name; a name of "~" is one. Caller's. */
char *abl_code_join(const char *folder, const char *name);
/* The absolute path of a name. Caller's. */
char *abl_code_full(const struct abl_code_set *c, const char *name);
/* Takes the name. */
void abl_code_add(struct abl_code_list *list, char *name);
/* By path, each once. */
void abl_code_sort(struct abl_code_list *list);
/* Sorts the links, and drops those in a folder that is linked itself. */
void abl_code_settle_links(struct abl_code_set *c);
/* Drops what is an input from the code: where its link stands nothing is copied. */
void abl_code_drop_inputs(struct abl_code_set *c);
/* Is it an input, or below a folder that is one? `inputs` is sorted. */
bool abl_code_is_input(const struct abl_code_set *c, const char *name);

/* In the copy a link stands for it; what lies elsewhere is found where it is. */
void abl_code_add_link(struct abl_code_set *c, const char *name);
/* What the patterns of the study match: code or inputs. */
int abl_code_add_patterns(struct abl_code_search *s, const char *const *patterns, bool inputs,
			  struct abl_err *err) ABL_MUST_USE;
/* What the words of `command` and `wrap` name, and the words to be read otherwise. */
void abl_code_add_words(struct abl_code_search *s);

/* Notes of modules that the code imports and that are not among it. */
void abl_code_note_imports(struct abl_code_set *c);

#endif
