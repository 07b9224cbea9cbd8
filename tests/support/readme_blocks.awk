# Prints what README.md tells to type, as one script for bash: blocks marked sh as they are, blocks marked sql through psql. Blocks marked
# console are for eyes only.
/^```sh$/ { inside = 1; next }
/^```sql$/ { inside = 1; sql = 1; print "scripts/pg psql <<'END_OF_BLOCK'"; next }
/^```/ { if (sql) print "END_OF_BLOCK"; inside = sql = 0; next }
inside { print }
