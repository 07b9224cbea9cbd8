-- Functions repaired.

-- As in 0017_plan_parts.sql, but for the orphans it waits: the server may be vacuuming or analyzing a large one, and it gives way after a second
-- (deadlock_timeout). Nobody claims from an orphan, so nobody waits behind this.
CREATE OR REPLACE FUNCTION drop_empty_slot_parts() RETURNS int VOLATILE LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
DECLARE
	candidate regclass;
	orphan smallint;
	is_empty boolean;
	dropped int := 0;
BEGIN
	SET LOCAL lock_timeout = '5s';
	FOR orphan IN SELECT n FROM generate_series(1, 31) AS n WHERE to_regclass('slot_' || n) IS NOT NULL AND NOT is_attached_slot_part(n) LOOP
		CONTINUE WHEN NOT pg_try_advisory_xact_lock(slot_part_lock(), orphan);
		BEGIN
			dropped := dropped + drop_slot_part(orphan)::int;
		EXCEPTION WHEN lock_not_available THEN
			NULL; -- a dump, perhaps: the next plan finds it
		END;
	END LOOP;
	SET LOCAL lock_timeout = '100ms';
	FOR candidate IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'slot'::regclass AND inhrelid <> 'slot_0'::regclass LOOP
		EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', candidate) INTO is_empty;
		CONTINUE WHEN NOT is_empty;
		BEGIN
			EXECUTE format('DROP TABLE %s', candidate);
			dropped := dropped + 1;
		EXCEPTION WHEN lock_not_available THEN
			EXIT; -- somebody reads the queue; claims wait behind us, so no second try: the next plan comes soon
		END;
	END LOOP;
	RETURN dropped;
END $$;

CALL hand_over();
