/* SPDX-License-Identifier: Apache-2.0 */
/* file_kind.h - what a file is that is not the text it should be, by its first bytes: for messages.
 */
#ifndef ABL_FILE_KIND_H
#define ABL_FILE_KIND_H

#include <stdbool.h>
#include <stddef.h>

#define ABL_FILE_KIND_BYTES 512 /* so many of the first bytes are enough to tell */

/* Of bytes that are no UTF-8 text: "a zip archive: unpack it, ...", what to do included. NULL: not
 * known. */
const char *abl_file_kind(const char *bytes, size_t length);

/* Does the text begin as JSON does: {"key": or [{"key": or ["text", ? No table, list of words or
 * prose does. */
bool abl_file_is_json(const char *text, size_t length);

#endif
