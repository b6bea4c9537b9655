/* SPDX-License-Identifier: Apache-2.0 */
/* predict.h - a trained model put to use: the predictions of a whole file in the field's submission
 * format, or the answer to texts. */
#ifndef ABL_PREDICT_H
#define ABL_PREDICT_H

#include "class_names.h"
#include "saved.h"
#include "str.h"
#include "task_spec.h"

struct abl_predictor;
struct abl_compute; /* compute.h */
struct abl_events;  /* stage.h: `scored` and `stopping` are used */

/* Opens a checkpoint folder, as abl_saved_open() does. `compute` lives longer. `naming` (its texts
 * are borrowed): what the user says of the classes; NULL: nothing. Ends with abl_predictor_close().
 */
int abl_predictor_open(struct abl_predictor **out, const struct abl_compute *compute,
		       const char *folder, const struct abl_naming *naming,
		       struct abl_err *err) ABL_MUST_USE;
void abl_predictor_close(struct abl_predictor *p); /* null-safe */
/* What there is to tell of what was done, a line each: how classes were named, what was cut, gold
 * labels that no class has. "" where nothing is. */
const char *abl_predictor_notes(const struct abl_predictor *p);

/* Predicts for spec->test, whose layout the spec says, and writes `path`. Classes are the
 * checkpoint's, in its order (class_names.h). *answers: how many were written. ABL_EINPUT: the
 * checkpoint's head is of another type than the task, or not in the file; classes that cannot be
 * named; the file cannot be read. */
int abl_predict_file(struct abl_predictor *p, const struct abl_task_spec *spec, const char *path,
		     const struct abl_events *e, size_t *answers, struct abl_err *err) ABL_MUST_USE;

/* Answers texts, appended to out: what they are is the task type's affair (task.h, ask()). A
 * checkpoint that was only pre-trained says what pretrained.h has. `spec`: more about the task, or
 * NULL. ABL_EINPUT: the wrong number of texts, no [MASK], no head, bad UTF-8. */
int abl_predict_texts(struct abl_predictor *p, const struct abl_task_spec *spec,
		      const char *const *texts, size_t count, struct abl_str *out,
		      struct abl_err *err) ABL_MUST_USE;

#endif
