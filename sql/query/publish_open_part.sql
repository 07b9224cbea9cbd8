-- A committed private table for a large addition, loaded by several sessions. Outside of transactions; its lock lasts as long as the session.
-- One row: its part number, 0 when there is none to be had.
SELECT open_slot_part()
