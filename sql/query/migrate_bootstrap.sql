-- The schema and the list of migrations, before the first one. Several statements; runs inside the migrating transaction.
CREATE SCHEMA IF NOT EXISTS daypart;
CREATE TABLE IF NOT EXISTS migration (
	version int PRIMARY KEY,
	name text NOT NULL,
	checksum text NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON SCHEMA daypart IS 'daypart: WhatsApp and SMS campaigns, planned and released lawfully';
COMMENT ON TABLE migration IS 'The versions of this schema that daypart init has applied';
