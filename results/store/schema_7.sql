-- SPDX-License-Identifier: Apache-2.0
-- schema_7.sql - brings a database of version 6 to version 7: what nights need. What was expected of the work beside
-- what it took, what was removed on purpose, where an unpacked study came from, trials that were run again.

-- Expected as the attempt began. NULL: not known, or an earlier program's.
ALTER TABLE attempt ADD COLUMN expected_seconds REAL;
ALTER TABLE attempt ADD COLUMN expected_cpu REAL;    -- processor seconds
ALTER TABLE attempt ADD COLUMN expected_memory REAL; -- bytes

-- Processor seconds by the rate at which this machine trained as the stage was planned; NULL: that was not measured,
-- since the store's own past said more.
ALTER TABLE stage ADD COLUMN rated REAL;

-- Expected until everything was done, as the run began; and what its attempts then took.
ALTER TABLE run ADD COLUMN workers INTEGER;
ALTER TABLE run ADD COLUMN threads INTEGER;
ALTER TABLE run ADD COLUMN expected_seconds REAL;
ALTER TABLE run ADD COLUMN expected_cpu REAL;
ALTER TABLE run ADD COLUMN seconds REAL;     -- wall time of this start of the program, without pauses
ALTER TABLE run ADD COLUMN cpu_seconds REAL; -- of its attempts

-- What of a done stage's artefact was removed on purpose (`keep:`, `ablate gc`): 'weights' or 'all'. NULL: nothing.
-- Its results, curves and predictions stand; the rest is made again when something needs it.
ALTER TABLE stage ADD COLUMN dropped TEXT;
-- What its artefact takes on disk, in blocks of 4 KiB. NULL: it has none, or an earlier program made it.
ALTER TABLE stage ADD COLUMN bytes INTEGER;
-- Hashes of its results, and of its curves: a bit that a disk flips in a number is no damage that SQLite sees. NULL: of an
-- earlier program.
ALTER TABLE stage ADD COLUMN sum TEXT;
ALTER TABLE stage ADD COLUMN curve_sum TEXT;

-- Failures of its attempts up to this number count no more: somebody said `ablate run --retry`.
ALTER TABLE stage ADD COLUMN forgiven INTEGER NOT NULL DEFAULT 0;

-- study_rule has one name more: 'keep', with 'none' or 'last'.

-- Studies of which nothing more is started, after many failures at once, until one stage of that kind succeeds.
CREATE TABLE study_pause (
	study_id INTEGER PRIMARY KEY REFERENCES study(id),
	since    REAL NOT NULL,
	stage    TEXT NOT NULL, -- what failed: a kind of stage, or a step of the program
	reason   TEXT NOT NULL  -- for people
);

-- Studies that came from somewhere else (`ablate unpack`). What words they execute is nobody's here until somebody
-- says so.
CREATE TABLE study_origin (
	study_id INTEGER PRIMARY KEY REFERENCES study(id),
	file     TEXT NOT NULL, -- that it was unpacked from, as given
	unpacked REAL NOT NULL,
	trusted  REAL           -- when its commands were first allowed to run; NULL: they are not
);

-- Trials that were run again from what the store has of them, and compared.
CREATE TABLE rerun (
	id       INTEGER PRIMARY KEY,
	trial_id INTEGER NOT NULL REFERENCES trial(id),
	ran      REAL NOT NULL,
	host     TEXT,
	cpu      TEXT,
	engine   TEXT,
	equal    INTEGER NOT NULL, -- 1: to the bit, or within the tolerance that `differs` states
	differs  TEXT              -- in what, for people; NULL: in nothing
);
CREATE INDEX rerun_by_trial ON rerun (trial_id);

-- Views ask for the trials of a study in their order.
CREATE INDEX trial_of_study ON trial (study_id);
