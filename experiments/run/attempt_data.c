/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt_data.h"

#include "attempt_files.h"

#include <stdlib.h>

void abl_attempt_drop(struct abl_job *job)
{
	struct abl_job_data *d = job ? job->data : NULL;

	if (!d)
		return;
	abl_str_finish(&d->reason);
	free(d->folder), free(d->trial), free(d->warning);
	for (size_t i = 0; d->secrets && d->secrets[i]; i++)
		free(d->secrets[i]);
	free(d->secrets);
	abl_attempt_log_finish(&d->log);
	free(d->metrics), free(d->results), free(d->predictions), free(d->error), free(d->seal);
	abl_attempt_files_destroy(d->files);
	free(d);
	free(job);
}

void abl_attempt_take_metric(void *data, int64_t step, const char *name, double value)
{
	struct abl_job_data *d = ((struct abl_job *)data)->data;

	abl_grow(&d->metrics, &d->metric_capacity, d->metric_count + 1, sizeof *d->metrics);
	d->metrics[d->metric_count++] = (struct abl_metric){step, abl_intern(name), value};
	d->points++;
}

void abl_attempt_take_result(void *data, const char *name, double value)
{
	struct abl_job_data *d = ((struct abl_job *)data)->data;

	abl_grow(&d->results, &d->result_capacity, d->result_count + 1, sizeof *d->results);
	d->results[d->result_count++] = (struct abl_result){abl_intern(name), value};
}

void abl_attempt_take_predictions(void *data, const char *file)
{
	struct abl_job_data *d = ((struct abl_job *)data)->data;

	free(d->predictions);
	d->predictions = abl_strdup(file);
}
