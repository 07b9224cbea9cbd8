-- Removes drained parts of the queue that nobody reads just now. One row: how many.
SELECT drop_empty_slot_parts()
