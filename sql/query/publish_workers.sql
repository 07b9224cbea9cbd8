-- $1 text: how many workers of its own the server may give an index that this session builds. One row, ignored.
SELECT set_config('max_parallel_maintenance_workers', $1, false)
