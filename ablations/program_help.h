/* SPDX-License-Identifier: Apache-2.0 */
/* program_help.h - the options in what a program prints for --help: argparse's listing, and those
 * of click, typer and absl, and what Hydra prints. A listing is for people; what it does not say is
 * not guessed here. */
#ifndef ABL_PROGRAM_HELP_H
#define ABL_PROGRAM_HELP_H

#include "str.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_help_option {
	char *name;     /* letters, digits and '_': "batch_size" */
	char *flag;     /* as the program spells it: "--batch-size" */
	char *off;      /* the flag that says no: "--no-augment"; NULL: there is none */
	char *metavar;  /* what stands for its value; NULL: it takes none */
	char *choices;  /* joined by '|'; NULL: any value */
	char *preset;   /* its default; NULL: not said, or None */
	char *help;     /* without the default; "" where there is none */
	bool needed;    /* the usage line says so */
	bool may_stand; /* with a value or without: "--fp16 [FP16]" */
};

struct abl_help {
	struct abl_help_option *option;
	size_t count, capacity;
	bool hydra; /* they are keys of Hydra's configuration: "optim.lr=0.1" */
};

/* Reads a listing, any bytes; what is no option is passed over. An option that is listed twice
 * counts once. */
void abl_help_read(struct abl_help *out, const char *text);
void abl_help_finish(struct abl_help *h); /* null-safe */
/* The option of that name, or of that flag with or without "=value"; NULL: there is none. */
const struct abl_help_option *abl_help_find(const struct abl_help *h, const char *name);

#endif
