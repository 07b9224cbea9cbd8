-- One migrator at a time: this spares a second one the work, the row locks of migrate_claim make it correct. No columns of interest.
SELECT pg_advisory_xact_lock(hashtext('daypart.migration'))
