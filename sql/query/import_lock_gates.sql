-- A dry run lands every batch in one transaction, so it takes all gates first, in order: batch by batch it could wait crosswise with a
-- publication. Rows: one, nothing of interest.
SELECT lock_every_gate();
