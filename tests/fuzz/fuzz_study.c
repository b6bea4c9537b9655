/* SPDX-License-Identifier: Apache-2.0 */
/* Study files: any bytes end in a checked study or in one error that says where. The same bytes as
 * the site file of a cluster. */
#include "fuzz.h"

#include "cluster.h"
#include "study.h"

#include <stdlib.h>
#include <string.h>

static void read_site(const char *path)
{
	struct abl_cluster c = {.linger = -1};
	struct abl_err err = {0};
	int rc;

	setenv("ABLATE_SITE", path, 1);
	rc = abl_cluster_site(&c, &err);
	unsetenv("ABLATE_SITE");
	assert(rc == (int)err.code && (!rc || strstr(err.text, path)));
	assert(rc || (c.workers >= 0 && c.ports <= c.last_port));
	abl_cluster_finish(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct abl_err err = {0};
	struct abl_study *s = NULL;
	struct abl_str out = {0};
	char path[40];
	int fd = fuzz_file(data, size, path), rc = abl_study_load(&s, path, NULL, &err);

	assert(rc == err.code);
	if (rc)
		assert(!s && !strncmp(err.text, path, strlen(path)));
	else {
		assert(s->variant_count >= 1 && s->task_count >= 1 && s->texts && s->plots);
		abl_values_destroy(abl_study_config(s, s->variant_count - 1, s->task_count - 1));
		rc = abl_study_explain(s, s->program ? "placebo" : "learning_rate", &out, &err);
		assert(!rc);
	}
	abl_str_finish(&out);
	abl_study_destroy(s);
	read_site(path);
	close(fd);
	return 0;
}
