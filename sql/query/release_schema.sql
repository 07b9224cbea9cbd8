-- The version of the schema, for a daemon that runs while somebody upgrades it. One row: version int. By primary key, no lock. It must stay what it is:
-- programs of all versions ask it.
SELECT max(version) AS version FROM migration
