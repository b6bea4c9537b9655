-- SPDX-License-Identifier: Apache-2.0
-- schema_6.sql - brings a database of version 5 to version 6: how a study is judged, and what its designs set.

-- As of the study's last plan: each replaces the rules of the one before, but for 'seeds_raised'.
--   name           subject   value
--   confirmatory   ''        '1', or '0': a grid, zip or random design looks around
--   design         its name  ''
--   factor         option    its two values in a factorial design, 'low|high'
--   removal        option    the value that leaves it out, where a design sets it
--   start          ''        what training begins with: 'checkpoint', 'pretraining', 'scratch'
--   pretrainings   ''        P, and
--   finetunings    ''        F, where each of P pre-trainings gets F fine-tunings
--   primary        variant   task; '' is the mean over tasks. None: every variant, on the mean
--   margin         metric    what is too small to matter, in its units
--   verdict_from   ''        units that a verdict needs
--   baseline_arms  ''        2: the baseline runs twice
--   seeds_start    ''        seeds of the first look, which grow
--   seeds_until    ''        until no primary row's half-width is more than this,
--   seeds_max      ''        or there are so many
--   confirms       ''        the study whose best variant it confirms, with fresh seeds: those
--   seeds_after    ''        after this one
--   seeds_raised   from      to: the plan got more seeds by hand when it had results. All of them stay.
CREATE TABLE study_rule (
	study_id INTEGER NOT NULL REFERENCES study(id),
	name     TEXT NOT NULL,
	subject  TEXT NOT NULL DEFAULT '',
	value    TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (study_id, name, subject, value)
) WITHOUT ROWID;

-- What its design set in a variant, as far as that is not what the baseline has; not what follows from it. The
-- baseline has no rows. Values are those of variant_option.
CREATE TABLE variant_change (
	variant_id INTEGER NOT NULL REFERENCES variant(id),
	name       TEXT NOT NULL,
	canonical  TEXT NOT NULL,
	PRIMARY KEY (variant_id, name)
) WITHOUT ROWID;

-- What attempts took beside time: processor seconds of their process and of those that it has waited for, and
-- the most memory that one of these had, in bytes. NULL: not measured (an earlier program's, or one that was
-- lost sight of). A stage has the sum and the largest of the attempts whose work is in it, as its `seconds`.
ALTER TABLE attempt ADD COLUMN cpu_seconds REAL;
ALTER TABLE attempt ADD COLUMN peak_memory REAL;
ALTER TABLE stage ADD COLUMN cpu_seconds REAL;
ALTER TABLE stage ADD COLUMN peak_memory REAL;
