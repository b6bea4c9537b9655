-- SPDX-License-Identifier: Apache-2.0
-- schema_4.sql - brings a database of version 3 to version 4: what a stage made is known by the hash of its
-- seal, and one whose artefact is gone or damaged is made again while its numbers stand.

ALTER TABLE stage ADD COLUMN seal TEXT; -- hash of artifact/sealed.json; NULL: of a program that sealed nothing
-- Why it is made again: its artefact 'is missing', 'is damaged'. It was done and its results and its time
-- stand; its state is that of the attempts since. NULL: nothing is wrong.
ALTER TABLE stage ADD COLUMN lost TEXT;

-- Stages that a study's plan has for choosing a value, which no trial is made of. Those of its last plan count.
CREATE TABLE tuning_stage (
	study_id INTEGER NOT NULL REFERENCES study(id),
	stage_id INTEGER NOT NULL REFERENCES stage(id),
	plan     INTEGER NOT NULL, -- the study's plan that put it last
	PRIMARY KEY (study_id, stage_id)
) WITHOUT ROWID;
