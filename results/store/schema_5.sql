-- SPDX-License-Identifier: Apache-2.0
-- schema_5.sql - brings a database of version 4 to version 5: what the trials of a user's own program ran with.

-- Of a study with 'command:', as JSON: its interpreter and packages, image, GPUs and driver, git commit. No
-- values of variables with secret names.
ALTER TABLE run ADD COLUMN environment TEXT;
-- Of the part of it that a result may depend on: arms of one study should have the same.
ALTER TABLE run ADD COLUMN environment_hash TEXT;
-- Key of the stage whose work stands for this one's although its program's code is another: somebody said
-- 'run --code same'. NULL: nobody did.
ALTER TABLE stage ADD COLUMN same_as TEXT;
-- Which copy of its program's code it was run in: code/<this> below the store, with a list beside it.
ALTER TABLE stage ADD COLUMN code TEXT;
