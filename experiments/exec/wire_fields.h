/* SPDX-License-Identifier: Apache-2.0 */
/* wire_fields.h - the kinds of members that messages have: how each is read and written; for
 * wire.c. */
#ifndef ABL_WIRE_FIELDS_H
#define ABL_WIRE_FIELDS_H

#include "wire.h"

enum abl_field_kind {
	ABL_FIELD_TEXT,          /* const char * */
	ABL_FIELD_TEXT_OR_NONE,  /* the same, null: NULL */
	ABL_FIELD_KEY,           /* const char *, a stage's */
	ABL_FIELD_KEY_OR_ALL,    /* the same, null: NULL */
	ABL_FIELD_BELOW,         /* const char *, a path below the store, relative to it */
	ABL_FIELD_COUNT,         /* int64_t, not below 0 */
	ABL_FIELD_COUNT_OR_NONE, /* the same, 0 where it is missing */
	ABL_FIELD_CODE,          /* int, from -1 to 255 */
	ABL_FIELD_SIZE,          /* size_t */
	ABL_FIELD_LONG,          /* long, not below 0 */
	ABL_FIELD_BOOL,          /* bool */
	ABL_FIELD_REAL,          /* double, finite, not below 0 */
	ABL_FIELD_REAL_OR_ALL,   /* the same, null: INFINITY */
	ABL_FIELD_TEXTS,         /* struct abl_wire_texts */
	ABL_FIELD_SETTINGS,      /* the same, each as NAME=value */
	ABL_FIELD_ATTEMPTS,      /* struct abl_wire_attempts */
	ABL_FIELD_FILES,         /* struct abl_wire_files */
	ABL_FIELD_WORDS,         /* char [200], for people */
	ABL_FIELD_SAYING,        /* const char *, the same */
	ABL_FIELD_END_KIND,      /* enum abl_end_kind */
	ABL_FIELD_REFUSAL,       /* int, enum abl_refusal */
	ABL_FIELD_ROOTS,         /* const char *[2]: the store's, and the data's or NULL */
};

/* Writes what lies at `from` as the member of that name. */
void abl_field_put(enum abl_field_kind kind, struct abl_json *j, const char *name,
		   const void *from);
/* Reads it to `to`, which points into the message's root or to its own memory; false: it is not of
 * that kind. */
bool abl_field_read(enum abl_field_kind kind, const json_t *value, void *to,
		    struct abl_message *message);

#endif
