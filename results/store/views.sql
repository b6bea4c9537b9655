-- SPDX-License-Identifier: Apache-2.0
-- views.sql - what people read: `trials`, `variants`, `effects`, `failures`, `predictions`. Only SQLite's own functions,
-- so any SQLite tool can. A writer of the store makes those anew whose text differs from this one.

-- Options in which a study's variants differ on some task, as of its last plan, with how many values they
-- take. What merely differs between tasks, by their own recipes, does not vary, nor does an option that
-- some variants do not have (one of a component that they lack) by that alone.
CREATE VIEW varying_options AS
WITH last AS (SELECT v.study_id, v.id FROM study y JOIN variant v ON v.study_id = y.id AND v.plan = y.plan)
SELECT study_id, name, max(n) AS n, max(numeric) AS numeric FROM (
	SELECT study_id, name, count(DISTINCT canonical) AS n, sum(text_value IS NOT NULL) = 0 AS numeric
	FROM (SELECT l.study_id, '' AS task, o.name, o.canonical, o.text_value
		FROM last l JOIN variant_option o ON o.variant_id = l.id AND o.task = ''
		UNION ALL -- on a task with a recipe of its own: its value, else that of every task
		SELECT l.study_id, k.task, k.name, coalesce(o.canonical, e.canonical),
			iif(o.name IS NULL, e.text_value, o.text_value)
		FROM (SELECT DISTINCT l.study_id, o.name, o.task
			FROM last l JOIN variant_option o ON o.variant_id = l.id AND o.task <> '') k
		JOIN last l ON l.study_id = k.study_id
		LEFT JOIN variant_option o ON o.variant_id = l.id AND o.name = k.name AND o.task = k.task
		LEFT JOIN variant_option e ON e.variant_id = l.id AND e.name = k.name AND e.task = '')
	GROUP BY study_id, name, task HAVING count(DISTINCT canonical) > 1)
GROUP BY study_id, name;

-- Trials of each study's last plan with their state. The wide view `trials` is made from this one by the
-- program, with a column for every option that varies in some study and for every final metric.
CREATE VIEW trial_states AS
SELECT t.id AS trial_id, y.id AS study_id, v.id AS variant_id, y.name AS study, v.label AS variant,
	v.kind = 'baseline' AS is_baseline, v.position, t.task, t.seed,
	-- what is made again because its artefact was lost keeps its numbers
	CASE WHEN sum(s.state = 'done' OR s.lost IS NOT NULL) = count(*) THEN 'done'
		WHEN sum(s.state = 'failed') THEN 'failed'
		WHEN sum(s.state = 'timed out') THEN 'timed out'
		WHEN sum(s.state = 'stopped') THEN 'stopped'
		WHEN sum(s.state = 'running') THEN 'running'
		ELSE 'waiting' END AS state,
	max(s.state = 'failed' AND s.cause IS 'diverged') AS diverged,
	sum(s.seconds) AS seconds
FROM study y
JOIN trial t ON t.study_id = y.id AND t.plan = y.plan
JOIN variant v ON v.id = t.variant_id
LEFT JOIN trial_stage l ON l.trial_id = t.id AND l.role <> 'test'
LEFT JOIN stage s ON s.id = l.stage_id
GROUP BY y.id, t.id;

-- One row per trial and final metric. Those of a test file, which 'ablate test' scores, are test_accuracy and
-- so on; they decide nothing of a trial's state. A user's program may tell some after a step before the last.
CREATE VIEW trial_metrics AS
SELECT t.study_id, t.variant_id, t.trial_id, t.study, t.variant, t.is_baseline, t.position, t.task,
	t.seed, iif(l.role = 'test', 'test_', '') || r.name AS metric, r.value
FROM trial_states t
JOIN trial_stage l ON l.trial_id = t.trial_id AND (l.role IN ('evaluate', 'test') OR l.role GLOB 'step *')
JOIN result r ON r.stage_id = l.stage_id
WHERE t.state = 'done';

-- n, mean and standard deviation over seeds, of the trials that are done.
CREATE VIEW variants AS
SELECT study, variant, task, metric, count(value) AS n, avg(value) AS mean,
	sqrt(sum(deviation * deviation) / (count(value) - 1)) AS sd, min(value) AS min, max(value) AS max
FROM (SELECT *, value - avg(value) OVER (PARTITION BY variant_id, task, metric) AS deviation
	FROM trial_metrics)
GROUP BY variant_id, task, metric
ORDER BY study_id, position, variant_id, task, metric;

-- The difference to the baseline: variant - baseline, paired by seed, over pairs of trials that are both
-- done; sd is that of the differences. `ablate compare` adds intervals and tests, and counts diverged runs.
CREATE VIEW effects AS
SELECT study, variant, task, metric, count(d) AS n, avg(base) AS baseline, avg(value) AS mean,
	avg(d) AS effect, sqrt(sum(deviation * deviation) / (count(d) - 1)) AS sd
FROM (SELECT *, d - avg(d) OVER (PARTITION BY variant_id, task, metric) AS deviation
	FROM (SELECT *, value - base AS d
		FROM (SELECT *, max(value) FILTER (WHERE is_baseline)
				OVER (PARTITION BY study_id, task, seed, metric) AS base
			FROM trial_metrics)
		WHERE NOT is_baseline AND base IS NOT NULL))
GROUP BY variant_id, task, metric
ORDER BY study_id, position, variant_id, task, metric;

-- What went wrong, once per trial that it stopped.
CREATE VIEW failures AS
SELECT t.study, t.variant, t.task, t.seed, s.kind AS stage, s.state, s.reason, a.log, a.id AS attempt,
	s.cause, t.trial_id AS trial
FROM trial_states t
JOIN trial_stage l ON l.trial_id = t.trial_id
JOIN stage s ON s.id = l.stage_id AND s.state IN ('failed', 'timed out', 'stopped')
LEFT JOIN attempt a ON a.stage_id = s.id AND a.number = s.attempt
ORDER BY t.study_id, t.position, t.task, t.seed;

-- Where the predictions of each trial lie, example by example: a file with a TAB between its columns, below
-- the store's folder.
CREATE VIEW predictions AS
SELECT t.study, t.variant, t.task, t.seed, s.artifact || '/' || p.file AS file
FROM trial_states t
JOIN trial_stage l ON l.trial_id = t.trial_id AND l.role = 'evaluate'
JOIN stage s ON s.id = l.stage_id AND s.state = 'done'
JOIN prediction p ON p.stage_id = s.id
ORDER BY t.study_id, t.position, t.task, t.seed;

-- What pre-training reached on the held-out documents, over the pre-trainings that are done: a shared one
-- counts once. In a study without tasks it is what is evaluated. Perplexities of `mlm_...` and `lm_...`, or of
-- different vocabularies, are not comparable; bits per character of different vocabularies are.
CREATE VIEW pretrainings AS
SELECT study, variant, metric, count(value) AS n, avg(value) AS mean,
	sqrt(sum(deviation * deviation) / (count(value) - 1)) AS sd
FROM (SELECT *, value - avg(value) OVER (PARTITION BY variant_id, metric) AS deviation
	FROM (SELECT DISTINCT t.study_id, t.variant_id, t.position, t.study, t.variant, s.id AS stage_id,
			r.name AS metric, r.value
		FROM trial_states t
		JOIN trial_stage l ON l.trial_id = t.trial_id AND (l.role = 'pretrain' OR l.role = 'evaluate')
		JOIN stage s ON s.id = l.stage_id AND (s.state = 'done' OR s.lost IS NOT NULL)
			AND (s.kind = 'pretrain' OR l.role = 'pretrain')
		JOIN result r ON r.stage_id = s.id))
GROUP BY variant_id, metric
ORDER BY study_id, position, variant_id, metric;
