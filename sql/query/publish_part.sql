-- A private table for a large addition. One row: its part number, 0 when there is none to be had.
SELECT create_slot_part()
