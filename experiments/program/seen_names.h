/* SPDX-License-Identifier: Apache-2.0 */
/* seen_names.h - the last few names that came along, for messages: "there is 'acc' and 'loss'". */
#ifndef ABL_SEEN_NAMES_H
#define ABL_SEEN_NAMES_H

#include "str.h"

#include <stddef.h>

enum { ABL_SEEN_NAMES = 64 };

struct abl_seen_names { /* zero-initialise */
	char *name[ABL_SEEN_NAMES];
	size_t count, next; /* next: the oldest, once all places are taken */
};

void abl_seen_names_add(struct abl_seen_names *s, const char *name, size_t length);
/* Appends "; there is 'acc', 'loss': did you mean 'acc'?"; nothing where there is
 * none. `verb`: "there is", "it printed". */
void abl_seen_names_tell(const struct abl_seen_names *s, const char *wanted, const char *verb,
			 struct abl_str *out);
void abl_seen_names_finish(struct abl_seen_names *s);

#endif
