-- SPDX-License-Identifier: Apache-2.0
-- schema_3.sql - brings a database of version 2 to version 3: what ended an attempt is a word beside the
-- prose, and a stage's inputs have names.

-- One of 'diverged', 'memory', 'time', 'crash', 'disk', 'killed', 'data', 'lost', 'not started' (cause.h
-- says what each means); NULL where nothing went wrong, or an earlier program's words do not tell.
-- There is no CHECK: a word more would mean to make the table anew.
ALTER TABLE attempt ADD COLUMN cause TEXT;
ALTER TABLE stage ADD COLUMN cause TEXT; -- of its last attempt

UPDATE attempt SET cause = CASE
	WHEN state = 'timed out' THEN 'time'
	WHEN reason LIKE 'diverged%' THEN 'diverged'
	WHEN reason LIKE 'out of memory%' THEN 'memory'
	WHEN reason LIKE 'interrupted:%' OR signal IN (1, 2, 9, 15) THEN 'killed' -- HUP, INT, KILL, TERM
	WHEN reason LIKE 'cannot start %' THEN 'not started'
	WHEN signal IS NOT NULL OR reason = 'ended without a result' THEN 'crash' END
WHERE state IN ('failed', 'timed out') OR reason LIKE 'interrupted:%';

UPDATE stage SET cause = (SELECT a.cause FROM attempt a WHERE a.stage_id = stage.id AND a.number = stage.attempt)
WHERE state IN ('failed', 'timed out');

-- What a stage reads of other stages. Written when a plan is recorded: stages that no plan of this
-- version has named yet have no rows, and their `parent` only.
CREATE TABLE stage_input (
	stage_id INTEGER NOT NULL REFERENCES stage(id),
	name     TEXT NOT NULL,                         -- 'vocab', 'corpus', 'parent'
	input_id INTEGER NOT NULL REFERENCES stage(id), -- the stage that makes it
	PRIMARY KEY (stage_id, name)
) WITHOUT ROWID;
CREATE INDEX stage_input_by_input ON stage_input (input_id);
