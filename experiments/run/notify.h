/* SPDX-License-Identifier: Apache-2.0 */
/* notify.h - tells the commands of a study's `notify:` that it has ended or needs somebody. */
#ifndef ABL_NOTIFY_H
#define ABL_NOTIFY_H

#include "study.h"

/* Runs each command in the study file's folder, with `text` as its standard input and its output
 * appended to the file `log`; one that takes more than 30 s is killed with all its processes. A
 * failure is a warning on standard error and nothing else. `wait` false: returns at once, and
 * nobody waits for them. */
void abl_notify(const struct abl_study *study, const char *text, const char *log, bool wait);

#endif
