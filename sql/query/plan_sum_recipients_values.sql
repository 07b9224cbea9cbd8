-- The same for plan_recipients_values, with everybody's variables. No parameters. One row: text. Reads the table.
SELECT concat_ws(' ', count(*), bit_xor(hash_record_extended(ROW (recipient_id, phone, region, timezone, language, preferred_hour, variables), 0)))
FROM recipient
