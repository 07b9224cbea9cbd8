# scripts/bench release: sourced by scripts/bench, which has set up a private server and the functions used here.
#
# Drains a queue of slots that are all due, on two connections, ROUNDS times in turn: only deleting them (the floor), the claim statement
# sent by pgbench, and daypartd with two workers. The last two check suppression and consent again and write ledger and outbox. The times of
# daypartd are its whole life, from exec to exit. Then lateness: slots due evenly at RATE a second; released_at in the ledger is the claim
# statement's start, the commit follows it by about a millisecond.
# shellcheck shell=bash

RELEASE_BATCH=1000

bench_release() {
	local slots=200000 rounds=3 rate=1000 seconds=20
	while [ $# -gt 0 ]; do
		case $1 in
		--slots) slots=$2 && shift 2 ;;
		--rounds) rounds=$2 && shift 2 ;;
		--rate) rate=$2 && shift 2 ;;
		--seconds) seconds=$2 && shift 2 ;;
		*) die 64 "bench release: unknown option $1; it takes --slots N, --rounds N, --rate N and --seconds N" ;;
		esac
	done
	bench_database bench_release
	printf 'rulebook_dir = "%s/tests/bench/release_rulebook";\nplan = { horizon = "1h"; };\n' "$ROOT" >>"$DAYPART_CONFIG"
	"$DAYPART" init >/dev/null
	bench_psql -f tests/bench/release_world.sql
	"$DAYPART" -q plan >/dev/null
	note "generating $slots people"
	bench_psql -v people="$slots" -f tests/bench/release_people.sql
	release_rounds "$slots" "$rounds"
	release_report "$slots" "$rounds"
	release_lateness "$rate" "$seconds"
}

# release_fill SLOTS FIRST SPACING
release_fill() { bench_psql -v slots="$1" -v first="$2" -v spacing="$3" -f tests/bench/release_slots.sql; }

release_rounds() {
	local round
	: >"$BENCH_DIR/times"
	release_scripts
	for ((round = 1; round <= $2; round++)); do
		note "round $round of $2"
		release_fill "$1" '-1 hour' '1 ms' && bench_time delete release_pgbench "$1" delete
		release_fill "$1" '-1 hour' '1 ms' && bench_time statement release_pgbench "$1" claim
		release_fill "$1" '-1 hour' '1 ms' && bench_time daypartd "$DAYPARTD" -q --until-idle
		release_check "$1"
	done
}

# pgbench's scripts: client 0 takes the even lanes, client 1 the odd ones, as daypartd's workers would.
release_scripts() {
	local lane='\set lane (:client_id + 1 + 2 * random(0, 3))'
	local ids law
	ids=$(bench_value "SELECT class_id FROM public.law")
	law=$(bench_value "SELECT rulebook_id FROM daypart.rulebook_head")
	{ echo "$lane" && grep -v '^--' tests/bench/release_delete.sql; } >"$BENCH_DIR/delete.sql"
	{
		echo "$lane"
		sed -e '/^--/d' -e 's/ -- .*//' -e "s/\$12/'{f}'/g; s/\$11/'{0}'/g; s/\$10/'outbox'/g; s/\$9/'2 s'/g; s/\$8/$law/g; s/\$7/'{7}'/g; s/\$6/'{infinity}'/g; s/\$5/'{-infinity}'/g" \
			-e "s/\$4/'{$ids}'/g; s/\$3/$RELEASE_BATCH/g; s/\$2/NULL/g; s/\$1/:lane/g" sql/query/release_claim.sql
		echo ';'
	} >"$BENCH_DIR/claim.sql"
}

# A lane may be drained before its turn comes again, so the rounds are repeated until the queue is empty.
release_pgbench() {
	local pgbench
	pgbench=$(dirname "$(find /usr/lib/postgresql -name initdb | sort -V | tail -1)")/pgbench
	while [ "$(bench_value "SELECT count(*) FROM (SELECT FROM daypart.slot LIMIT 1) AS any_slot")" = 1 ]; do
		PGOPTIONS="-c search_path=daypart,pg_catalog -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off \
			-c enable_hashjoin=off -c enable_mergejoin=off -c enable_sort=off" \
			"$pgbench" -n -M prepared -c 2 -j 2 -t "$(($1 / RELEASE_BATCH / 2 + 16))" -f "$BENCH_DIR/$2.sql" "$BENCH_URL" >/dev/null 2>&1
	done
}

# What is measured must have happened.
release_check() {
	local found
	found=$(bench_value "SELECT count(*) || ' ' || (SELECT count(*) FROM daypart.outbox) || ' ' || (SELECT count(*) FROM daypart.slot)
		FROM daypart.release")
	[ "$found" = "$1 $(($1 - $1 / 33)) 0" ] || die 70 "ledger, outbox and queue hold $found rows"
}

release_per_second() { awk -v slots="$1" -v t="$(bench_median "$2")" 'BEGIN { printf "%d", slots / t }'; }

release_report() {
	local what
	printf 'drain of %s due slots on two connections, rounds %s; seconds\n' "$1" "$2"
	bench_table "$BENCH_DIR/times" delete statement daypartd
	for what in delete statement daypartd; do
		printf '%-10s %9s slots/s\n' "$what" "$(release_per_second "$1" "$what")"
	done
	printf 'daypartd while it releases, by the ledger: %s slots/s\n' "$(bench_value "
		SELECT (count(*) / extract(epoch FROM max(released_at) - min(released_at)))::int FROM daypart.release")"
}

release_lateness() {
	release_fill "$(($1 * $2))" '2 s' "$(awk -v rate="$1" 'BEGIN { printf "%.6f s", 1 / rate }')"
	"$DAYPARTD" -q --until-idle
	printf 'lateness at %s slots/s over %s s, ms: %s\n' "$1" "$2" "$(bench_value "
		SELECT format('p50 %s  p95 %s  p99 %s  max %s', p[1], p[2], p[3], p[4]) FROM (
			SELECT (SELECT array_agg(round((1000 * q)::numeric, 2)) FROM unnest(percentile_cont(ARRAY[0.5, 0.95, 0.99, 1])
				WITHIN GROUP (ORDER BY extract(epoch FROM released_at - due_at)::float8)) AS q) AS p FROM daypart.release) AS late")"
}
