-- Temporary tables for the differences; they go with the transaction. One row, ignored.
SELECT plan_stage()
