/* SPDX-License-Identifier: Apache-2.0 */
/* option.h - typed values and option rows. The same rows feed the study-file parser, range checks,
 * did-you-mean, `ablate components`, the results database and the docs. */
#ifndef ABL_OPTION_H
#define ABL_OPTION_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum abl_type { ABL_INT, ABL_REAL, ABL_BOOL, ABL_CHOICE, ABL_TEXT };

/* The cached steps, as bits: which stages an option affects. */
enum abl_stage_bit {
	ABL_AT_VOCAB = 1,
	ABL_AT_TOKENIZE = 2,
	ABL_AT_PRETRAIN = 4,
	ABL_AT_FINETUNE = 8,
	ABL_AT_EVALUATE = 16,
	ABL_AT_TUNING = 32, /* no stage: which values are tried for it */
	ABL_AT_MODEL = ABL_AT_PRETRAIN | ABL_AT_FINETUNE,
};

struct abl_value {
	enum abl_type type;
	int64_t i;          /* ABL_INT; ABL_BOOL as 0 or 1 */
	double r;           /* ABL_REAL */
	const char *choice; /* ABL_CHOICE, ABL_TEXT: interned or static */
};

/* One option. `offset` is where its field lies in the struct that the table is about: int64_t for
 * ABL_INT, double for ABL_REAL, bool for ABL_BOOL, const char * for ABL_CHOICE and ABL_TEXT (any
 * text; what is set is interned). */
struct abl_option {
	const char *name;
	enum abl_type type;
	size_t offset;
	double def;                 /* default of a number or truth value */
	const char *def_choice;     /* default of a choice or text */
	double min, max;            /* inclusive; open ends with the flags below */
	bool above_min;             /* min itself is refused */
	bool below_max;             /* max itself is refused */
	const char *const *choices; /* ABL_CHOICE: NULL-terminated */
	const char *help;           /* one line, with unit */
	unsigned stages;     /* enum abl_stage_bit; recipe options say 0: their prefix decides */
	double pretrain_def; /* recipe options: default under `pretrain_`, where it differs */
	bool has_pretrain_def;
};

const char *
abl_type_name(enum abl_type type); /* "integer", "real", "truth value", "name", "text" */

/* Field access; `base` is the start of the struct. */
void abl_option_get(const struct abl_option *o, const void *base, struct abl_value *out);
/* Checks type and range (an integer is accepted where a real belongs) and stores. The error text
 * has no file name: the caller puts the place before it. `name` is what the user wrote. */
int abl_option_set(const struct abl_option *o, void *base, const char *name,
		   const struct abl_value *value, struct abl_err *err) ABL_MUST_USE;
void abl_option_default(const struct abl_option *o, bool pretrain, struct abl_value *out);

/* Do both rows say the same, but for their help? */
bool abl_option_same(const struct abl_option *a, const struct abl_option *b);

/* Exact, canonical text of a value, on one line (\\ and line ends of an ABL_TEXT are escaped):
 * reads back as the same value. Appends to out. */
void abl_value_text(const struct abl_value *v, struct abl_str *out);
bool abl_value_equal(const struct abl_value *a, const struct abl_value *b);
/* "1 to 48", "above 0", "0 to below 1", "fp32"; appends to out. */
void abl_option_range(const struct abl_option *o, struct abl_str *out);

/* "pretrain, finetune" from enum abl_stage_bit; appends to out and returns what was appended. */
const char *abl_stages_text(unsigned stages, struct abl_str *out);

#endif
