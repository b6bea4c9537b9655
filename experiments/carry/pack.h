/* SPDX-License-Identifier: Apache-2.0 */
/* pack.h - a study as one file that somebody else opens: a gzipped tar archive with the study's
 * rows as a database, its files, predictions, logs, figures and page. The same store packed twice
 * gives the same bytes. */
#ifndef ABL_PACK_H
#define ABL_PACK_H

#include "errors.h"
#include "store.h"

#define ABL_PACK_ENDING ".ablate"

struct abl_pack_request {
	struct abl_store *store; /* open to read */
	const char *study;       /* its name */
	const char *output;
	const char *engine; /* this program's version */
	bool weights;       /* checkpoints and tokenized corpora, too */
	bool data;          /* and the files that it was trained on */
	void *tell_data;
	void (*tell)(void *data, double share); /* now and then, while it writes; may be NULL */
};

struct abl_packed {
	size_t files, stages, left_out; /* left_out: files of weights that are not in it */
	double bytes, left_bytes;       /* of the archive; of those */
	bool has_file;                  /* a study file that can be run */
	bool executes;                  /* words that the colleague has to trust */
};

int abl_pack(struct abl_packed *out, const struct abl_pack_request *request,
	     struct abl_err *err) ABL_MUST_USE;

#endif
