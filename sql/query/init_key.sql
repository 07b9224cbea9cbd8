-- The key, made on the server so that no log and no wire sees it: three random UUIDs hold 366 random bits. No parameters. One row, ignored.
SELECT set_secret_key(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())))
