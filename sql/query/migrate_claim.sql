-- Keeps every other migrator out until the end of the transaction; readers (daypartd, status) are not hindered.
LOCK TABLE migration IN SHARE ROW EXCLUSIVE MODE
