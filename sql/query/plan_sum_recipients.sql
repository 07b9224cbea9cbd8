-- What plan_recipients reads of everybody, as numbers that differ when any of it does. No parameters. One row: text. Index-only after VACUUM.
SELECT concat_ws(' ', count(*), bit_xor(hash_record_extended(ROW (recipient_id, phone, region, timezone, language, preferred_hour), 0))) FROM recipient
