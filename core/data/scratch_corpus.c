/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch_corpus.h"

#include "files.h"

#include <stdlib.h>

int abl_scratch_corpus(struct abl_corpus *c, const struct abl_corpus_request *r,
		       const struct abl_text_events *events, struct abl_err *err)
{
	const char *root = getenv("TMPDIR");
	char *folder = abl_path_join(root && *root ? root : "/tmp", "ablate-texts-XXXXXX");
	char *path;
	int rc;

	if (!mkdtemp(folder)) {
		rc = abl_err_set(err, ABL_EIO, "cannot create a scratch folder '%s': set TMPDIR",
				 folder);
		free(folder);
		return rc;
	}
	path = abl_path_join(folder, "corpus.bin");
	rc = abl_corpus_build(path, r, events, err);
	rc = rc ? rc : abl_corpus_open(c, path, err);
	if (abl_remove_tree(folder, rc ? NULL : err) && !rc) {
		abl_corpus_close(c);
		rc = ABL_EIO;
	}
	free(path), free(folder);
	return rc;
}
