-- Opens a transaction that writes. The isolation is named because a role's default may differ and the locking protocol needs this one.
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE
