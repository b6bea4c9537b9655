/* SPDX-License-Identifier: Apache-2.0 */
/* code_files.h - the files that make up a user's program and its inputs, with the hashes of what
 * they contain: what the words of its command name, and what the patterns of `files` and `inputs`
 * match. Code is copied into the store (code_copy.h) and runs there; inputs are used where they
 * are. */
#ifndef ABL_CODE_FILES_H
#define ABL_CODE_FILES_H

#include "errors.h"
#include "input_hash.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_code_file {
	char *path; /* relative to the directory; absolute: it lies elsewhere, and is used there */
	struct abl_content content;
};

struct abl_code_list { /* sorted by path, each once */
	struct abl_code_file *file;
	size_t count, capacity;
	char hash[ABL_HASH_TEXT]; /* of all paths and contents; of code, whether executable, too */
};

struct abl_code_link { /* what the copy has instead of an input: a file, or a whole folder */
	char *path;    /* relative */
	char *target;  /* absolute */
};

/* A word that reads otherwise, so that it means the same in the copy: a path of the directory's own
 * becomes relative, one that leaves it ("../x") absolute. With braces, as it stands in the study.
 */
struct abl_code_word {
	bool of_wrap; /* otherwise of `command` */
	size_t at;
	char *text;
};

struct abl_code_set {
	char *directory;
	struct abl_code_list code, inputs;
	struct abl_code_link *link;
	size_t link_count, link_capacity;
	struct abl_code_word *word;
	size_t word_count, word_capacity;
	struct abl_str notes; /* lines for people: what the copy will lack; may be empty */
};

struct abl_code_spec {
	const char *directory;        /* absolute */
	const char *const *command;   /* words, with {placeholders} */
	const char *const *wrap;      /* likewise; may be NULL */
	const char *const *files[2];  /* patterns: the study's, the step's; may be NULL */
	const char *const *inputs[2]; /* likewise; a folder stands for all that is in it */
	struct abl_hash_cache *cache; /* may be NULL */
};

/* A file that several of them name counts once, and as an input where one of `inputs` names it. Not
 * counted, but recorded elsewhere (environment_record.h): the program that the first word finds,
 * what lies in a Python environment, images of containers. Nor is what patterns find in a store of
 * results.
 *
 * ABL_EINPUT: a pattern that matches nothing, a file that cannot be read, more code than somebody
 * writes. Ends with abl_code_finish(), also after a failure. */
int abl_code_find(struct abl_code_set *out, const struct abl_code_spec *spec,
		  struct abl_err *err) ABL_MUST_USE;
void abl_code_finish(struct abl_code_set *c); /* null-safe */

/* Is what is used where it lies still what it was: inputs, code elsewhere, and with `in_place` all
 * code? Cheap enough to be asked before each attempt, with the cache of the search. ABL_EINPUT:
 * what has changed since. */
int abl_code_check(const struct abl_code_set *c, struct abl_hash_cache *cache, bool in_place,
		   struct abl_err *err) ABL_MUST_USE;

/* The word as it is to be run in the copy: `word`, or what stands for it. */
const char *abl_code_word(const struct abl_code_set *c, bool of_wrap, size_t at, const char *word);

#endif
