/* SPDX-License-Identifier: Apache-2.0 */
/* metric_readers.c - the table of readers; the first one that fits a file takes it. */
#include "metric_reader.h"

#include "str.h"

#include <string.h>
#include <strings.h>

const struct abl_metric_reader *const abl_metric_readers[] = {
	&abl_reader_json,
	&abl_reader_jsonl,
	&abl_reader_tensorboard,
	&abl_reader_csv,
	&abl_reader_events,
	&abl_reader_stdout,
	NULL,
};

static bool ends_with(const char *name, const char *endings)
{
	size_t length = strlen(name);

	while (*endings) {
		size_t n = strcspn(endings, "|");

		if (length > n && !strncasecmp(name + length - n, endings, n))
			return true;
		endings += n + (endings[n] == '|');
	}
	return false;
}

const struct abl_metric_reader *abl_metric_reader_of_name(const char *path)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

	if (strstr(name, "tfevents"))
		return &abl_reader_tensorboard;
	for (size_t i = 0; abl_metric_readers[i]; i++)
		if (ends_with(name, abl_metric_readers[i]->endings))
			return abl_metric_readers[i];
	return NULL;
}

const struct abl_metric_reader *abl_metric_reader_of_head(const char *head, size_t length)
{
	for (size_t i = 0; abl_metric_readers[i]; i++)
		if (abl_metric_readers[i]->fits && abl_metric_readers[i]->fits(head, length))
			return abl_metric_readers[i];
	return &abl_reader_stdout;
}
