-- SPDX-License-Identifier: Apache-2.0
-- schema_8.sql - brings a database of version 7 to version 8: workers, which run attempts elsewhere.

-- A process that ran attempts for a run: one for each allocation, host or container, and one row for each time that
-- one joined. Facts are as it told them; NULL: it had not.
CREATE TABLE worker (
	id          INTEGER PRIMARY KEY,
	run_id      INTEGER REFERENCES run(id), -- that it joined; NULL: of a study that was removed
	name        TEXT NOT NULL,    -- for people: of its host, or its place in an array
	host        TEXT,
	cpu         TEXT,             -- these as in `attempt`
	engine      TEXT,
	compiler    TEXT,
	kernels     TEXT,
	cores       INTEGER,          -- that it may use
	slots       INTEGER,          -- attempts at a time
	memory      REAL,             -- bytes that it may use
	cards       TEXT,             -- names of its GPUs, with commas between
	job         TEXT,             -- of the queue, as Slurm's job id
	array_index TEXT,             -- in that job
	node        TEXT,             -- as the queue calls its machine
	joined      REAL NOT NULL,
	left_at     REAL,             -- NULL: it is there, while its run is
	state       TEXT NOT NULL,    -- 'joined', 'left', 'lost', 'refused'
	reason      TEXT              -- of anything but 'joined', for people
);
CREATE INDEX worker_by_run ON worker (run_id);

-- What ran it; NULL: the machine of the run itself. Its host, cpu, engine, compiler and kernels are the worker's.
ALTER TABLE attempt ADD COLUMN worker INTEGER REFERENCES worker(id);
CREATE INDEX attempt_of_worker ON attempt (worker) WHERE worker IS NOT NULL;
