# scripts/bench release: sourced by scripts/bench, which has set up a private server and the functions used here.
#
# Drains a queue of slots that are all due, on two connections, ROUNDS times in turn: only deleting them (the floor), the claim statement
# sent by pgbench, and daypartd with two workers. The last two check suppression and consent again and write ledger and outbox. The times of
# daypartd are its whole life, from exec to exit. In the same rounds graphile-worker and pg-boss (peers/) drain as many jobs that are due, on ten
# connections, with a handler that does nothing: their times are from the start of the worker to the last completion, without loading Node.js.
# What each check costs is read from EXPLAIN ANALYZE of one claim. Then lateness: slots due evenly at RATE a second; released_at in the ledger is
# the claim statement's start, the commit follows it by about a millisecond; graphile-worker polls every 5 ms, the best it can. Last, what both
# cost while nothing is due: processor time of the program and of the server, beyond what the server needs by itself.
# shellcheck shell=bash

RELEASE_BATCH=1000

bench_release() {
	local slots=200000 rounds=3 rate=1000 seconds=20 peers=yes
	while [ $# -gt 0 ]; do
		case $1 in
		--slots) slots=$2 && shift 2 ;;
		--rounds) rounds=$2 && shift 2 ;;
		--rate) rate=$2 && shift 2 ;;
		--seconds) seconds=$2 && shift 2 ;;
		--no-peers) peers=no && shift ;;
		*) die 64 "bench release: unknown option $1; it takes --slots N, --rounds N, --rate N, --seconds N and --no-peers" ;;
		esac
	done
	bench_database bench_release
	printf 'rulebook_dir = "%s/tests/bench/release_rulebook";\nplan = { horizon = "1h"; };\n' "$ROOT" >>"$DAYPART_CONFIG"
	"$DAYPART" init >/dev/null
	bench_psql -f tests/bench/release_world.sql
	"$DAYPART" -q plan >/dev/null
	note "generating $slots people"
	bench_psql -v people="$slots" -f tests/bench/release_people.sql
	if [ "$peers" = yes ]; then release_peers_install; fi
	release_rounds "$slots" "$rounds"
	release_report "$slots" "$rounds"
	release_checks
	release_lateness "$rate" "$seconds"
	release_idle
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
		release_peers_drain "$1"
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
		sed -e '/^--/d' -e 's/ -- .*//' -e "s/\$17/'infinity'/g; s/\$16/'{}'/g; s/\$15/(SELECT max(version) FROM migration)/g; s/\$14/1/g; s/\$13/1/g; s/\$12/'{f}'/g; s/\$11/'{0}'/g; s/\$10/'outbox'/g; s/\$9/'2 s'/g; s/\$8/$law/g; s/\$7/'{7}'/g; s/\$6/'{infinity}'/g; s/\$5/'{-infinity}'/g" \
			-e "s/\$4/'{$ids}'/g; s/\$3/$RELEASE_BATCH/g; s/\$2/NULL/g; s/\$1/:lane/g" sql/query/release_claim.sql
		echo ';'
	} >"$BENCH_DIR/claim.sql"
}

# A lane may be drained before its turn comes again, so the rounds are repeated until the queue is empty.
release_pgbench() {
	local pgbench
	release_lease 1 infinity
	pgbench=$(dirname "$(find /usr/lib/postgresql -name initdb | sort -V | tail -1)")/pgbench
	while [ "$(bench_value "SELECT count(*) FROM (SELECT FROM daypart.slot LIMIT 1) AS any_slot")" = 1 ]; do
		PGOPTIONS="-c search_path=daypart,pg_catalog -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off \
			-c enable_hashjoin=off -c enable_mergejoin=off -c enable_sort=off -c jit=off" \
			"$pgbench" -n -M prepared -c 2 -j 2 -t "$(($1 / RELEASE_BATCH / 2 + 16))" -f "$BENCH_DIR/$2.sql" "$BENCH_URL" >/dev/null 2>&1
	done
	release_lease 2 -infinity
}

# release_lease EPOCH UNTIL: of all senders; pgbench's scripts claim under epoch 1
release_lease() {
	bench_psql -c "INSERT INTO daypart.lane_lease (lane, epoch, until) SELECT sender_id, $1, '$2' FROM daypart.sender
		ON CONFLICT (lane) DO UPDATE SET (epoch, holder, until) = ROW (excluded.epoch, NULL, excluded.until)"
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
	local what labels=(delete statement daypartd)
	if release_has_peers; then labels+=(graphile pgboss); fi
	printf 'drain of %s due slots, rounds %s; seconds\n' "$1" "$2"
	bench_table "$BENCH_DIR/times" "${labels[@]}"
	for what in "${labels[@]}"; do
		printf '%-10s %9s slots/s\n' "$what" "$(release_per_second "$1" "$what")"
	done
	printf 'daypartd while it releases, by the ledger: %s slots/s\n' "$(bench_value "
		SELECT (count(*) / extract(epoch FROM max(released_at) - min(released_at)))::int FROM daypart.release")"
	if release_has_peers; then printf 'graphile / daypartd      %s\npg-boss / daypartd       %s\n' "$(bench_ratio graphile daypartd)" "$(bench_ratio pgboss daypartd)"; fi
}

# Checks ------------------------------------------------------------------------------------------------------------------------------------

# One claim, explained and rolled back; the third of a session, whose functions have their plans.
release_checks() {
	release_fill "$RELEASE_BATCH" '-1 hour' '1 ms'
	bench_psql -c "UPDATE daypart.slot SET lane = 1"
	release_lease 1 infinity
	{
		echo 'BEGIN; SET LOCAL search_path = daypart, pg_catalog;'
		echo 'SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = off; SET LOCAL jit = off;'
		# What a session remembers of campaigns is forgotten with the savepoint.
		echo "SELECT count(campaign_standing(c, s, r.campaign_hash, now())) FROM campaign AS c JOIN campaign_run AS r USING (campaign_id) JOIN sender AS s USING (sender_id) \\g $BENCH_DIR/explained"
		for _ in first second third; do
			echo "SAVEPOINT before; \\o $BENCH_DIR/explained" && echo 'EXPLAIN (ANALYZE, FORMAT json)'
			tail -n +2 "$BENCH_DIR/claim.sql" | sed 's/:lane/1/g'
			echo '\o' && echo 'ROLLBACK TO before;'
		done
		echo 'ROLLBACK;'
	} >"$BENCH_DIR/explain.sql"
	printf 'what one claim of %s slots spends where, ms (with the cost of timing it)\n' "$RELEASE_BATCH"
	psql -X -q -At -v ON_ERROR_STOP=1 -d "$BENCH_URL" -f "$BENCH_DIR/explain.sql"
	python3 tests/bench/release_checks.py <"$BENCH_DIR/explained"
	release_lease 2 -infinity
}

# Lateness ----------------------------------------------------------------------------------------------------------------------------------

release_lateness() {
	local spacing_us p50 p95 p99 most
	spacing_us=$(awk -v rate="$1" 'BEGIN { printf "%d", 1000000 / rate }')
	release_fill "$(($1 * $2))" '2 s' "$spacing_us us"
	"$DAYPARTD" -q --until-idle
	printf 'lateness at %s slots/s over %s s, ms\n' "$1" "$2"
	printf '%-10s %s\n' daypartd "$(bench_value "
		SELECT format('p50 %s  p95 %s  p99 %s  max %s', p[1], p[2], p[3], p[4]) FROM (
			SELECT (SELECT array_agg(round((1000 * q)::numeric, 2)) FROM unnest(percentile_cont(ARRAY[0.5, 0.95, 0.99, 1])
				WITHIN GROUP (ORDER BY extract(epoch FROM released_at - due_at)::float8)) AS q) AS p FROM daypart.release) AS late")"
	release_has_peers || return 0
	release_peer graphile fill "$(($1 * $2))" 2000 "$spacing_us"
	read -r p50 p95 p99 most < <(release_peer graphile late "$(($1 * $2))")
	printf '%-10s p50 %s  p95 %s  p99 %s  max %s\n' graphile "$p50" "$p95" "$p99" "$most"
}

# Idle --------------------------------------------------------------------------------------------------------------------------------------

RELEASE_IDLE_S=10

# Processor time of the server so far, in seconds: its living processes, and those that it has waited for.
release_server_cpu() {
	local pid ticks
	pid=$(bench_value "SELECT pg_read_file('postmaster.pid')" | head -1)
	ticks=$(getconf CLK_TCK)
	{ cat "/proc/$pid/stat" && pgrep -P "$pid" | sed 's|.*|/proc/&/stat|' | xargs cat 2>/dev/null; } |
		awk -v pid="$pid" -v ticks="$ticks" '{ sub(/.*\) /, ""); n += $12 + $13; if (NR == 1) n += $14 + $15 } END { print n / ticks }'
}

# release_spent LABEL COMMAND...: its processor time and the server's meanwhile, as lines of $BENCH_DIR/idle.
release_spent() {
	local label=$1 before after
	shift
	before=$(release_server_cpu)
	/usr/bin/time -o "$BENCH_DIR/cpu" -f '%U %S' "$@"
	after=$(release_server_cpu)
	awk -v label="$label" -v before="$before" -v after="$after" '/^[0-9.]+ [0-9.]+$/ { print label, $1 + $2, after - before }' "$BENCH_DIR/cpu" >>"$BENCH_DIR/idle"
}

release_idle() {
	: >"$BENCH_DIR/idle"
	release_fill 1 '1 hour' '1 ms'
	release_spent nobody sleep "$RELEASE_IDLE_S"
	release_spent daypartd timeout -s TERM "$RELEASE_IDLE_S" "$DAYPARTD" -q || true
	if release_has_peers; then release_spent graphile "$(release_node)" "$BENCH_DIR/peers/graphile.mjs" idle "$RELEASE_IDLE_S"; fi
	printf 'processor time while nothing is due for %s s: program, server; seconds\n' "$RELEASE_IDLE_S"
	awk '{ printf "%-10s %6.2f %6.2f\n", $1, $2, $3 }' "$BENCH_DIR/idle"
}

# Peers -------------------------------------------------------------------------------------------------------------------------------------

release_has_peers() { [ -d "$BENCH_DIR/peers/node_modules" ]; }

# Into the bench's own folder, a Node.js that is new enough for them included. Without a network they are left out, not the benchmark.
release_peers_install() {
	if ! have npm; then
		note "missing, will be installed for this benchmark: nodejs npm (--no-peers leaves the peers out)"
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install --yes --no-install-recommends nodejs npm >&2 ||
			{ note "npm could not be installed: the peers are left out" && return 0; }
	fi
	cp -R tests/bench/peers "$BENCH_DIR/peers"
	note "npm installs graphile-worker, pg-boss and Node.js 22 into the benchmark's temporary folder"
	if ! (cd "$BENCH_DIR/peers" && npm ci --no-audit --no-fund --loglevel=error >&2); then
		note "npm could not install them (no network?): the peers are left out"
		rm -rf "$BENCH_DIR/peers/node_modules"
		return 0
	fi
	mapfile -t RELEASE_AT < <(psql -X -q -d "$BENCH_URL" -c '\echo :HOST' -c '\echo :PORT' -c '\echo :USER' -c '\echo :DBNAME')
	export PGHOST=${RELEASE_AT[0]} PGPORT=${RELEASE_AT[1]} PGUSER=${RELEASE_AT[2]} PGDATABASE=${RELEASE_AT[3]}
}

release_node() { echo "$BENCH_DIR"/peers/node_modules/node-linux-*/bin/node; }

release_peer() { "$(release_node)" "$BENCH_DIR/peers/$1.mjs" "${@:2}"; }

release_peers_drain() {
	local peer
	release_has_peers || return 0
	for peer in graphile pgboss; do
		release_peer "$peer" fill "$1" -3600000 1000
		echo "$peer $(release_peer "$peer" drain "$1") 0" >>"$BENCH_DIR/times"
	done
}
