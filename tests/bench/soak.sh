# scripts/bench soak: sourced by scripts/bench, which has set up a private server and the functions used here.
#
# One daypartd with the sink outbox, and messages that are due evenly, RATE a second, for MINUTES. Every minute the next one is put into the queue
# beforehand and the outbox is emptied, as a consumer would; then a line is printed: memory of the daemon (resident, and of that what is its own),
# its file descriptors, lateness, sizes of the tables.
#
# It fails when the daemon ends, when a message is missing in the end, or when something grows. Grows: after a fifth of the time to warm up the
# rest is halved, and the median of its second half exceeds that of its first by more than SOAK_KIB of the daemon's own memory, SOAK_FDS file
# descriptors, or twice the queue's size. Allocators breathe by some hundred KiB; a leak of a byte a message would be 3.4 MiB in an hour.
# shellcheck shell=bash

SOAK_KIB=512
SOAK_FDS=2

bench_soak() {
	local minutes=60 rate=1000 people
	while [ $# -gt 0 ]; do
		case $1 in
		--minutes) minutes=$2 && shift 2 ;;
		--rate) rate=$2 && shift 2 ;;
		*) die 64 "soak: unknown option $1; it takes --minutes N and --rate N" ;;
		esac
	done
	[[ $minutes =~ ^[1-9][0-9]*$ && $rate =~ ^[1-9][0-9]*$ ]] || die 64 "soak: minutes and rate are numbers from 1"
	[ "$minutes" -ge 5 ] || die 64 "soak: in less than 5 minutes nothing can be seen to grow"
	people=$((minutes * 60 * rate / 8 + 1))
	soak_open "$people"
	soak_run "$minutes" "$((60 * rate))"
	soak_end "$minutes" "$((minutes * 60 * rate))"
	soak_judge
}

# soak_open PEOPLE
soak_open() {
	bench_database bench_soak
	printf 'rulebook_dir = "%s/tests/bench/release_rulebook";\n' "$ROOT" >>"$DAYPART_CONFIG"
	"$DAYPART" init >/dev/null
	bench_psql -f tests/bench/release_world.sql
	"$DAYPART" -q plan >/dev/null
	note "generating $1 people"
	bench_psql -v people="$1" -f tests/bench/release_people.sql
	bench_psql -c 'CREATE UNIQUE INDEX ON public.person (n)' -c 'TRUNCATE daypart.slot' \
		-c "CREATE TABLE public.soak AS SELECT clock_timestamp() + interval '10 seconds' AS began, $1 AS people"
}

soak_feed() { bench_psql -v minute="$1" -v slots="$2" -f tests/bench/soak_feed.sql; }

soak_until() { bench_psql -c "SELECT pg_sleep_until(began + $1 * interval '1 minute') FROM public.soak"; }

# soak_run MINUTES SLOTS: SLOTS a minute. Lines of $BENCH_DIR/soak: minute, RSS and own memory in KiB, file descriptors, and those of soak_sample.sql.
soak_run() {
	local minute
	soak_feed 0 "$2"
	"$DAYPARTD" -q &
	SOAK_PID=$!
	trap 'kill "$SOAK_PID" 2>/dev/null; stop_server' EXIT
	printf '%6s %8s %8s %4s %9s %7s %7s %8s %9s %10s %8s %8s\n' minute RSS own fds released p50 p99 max queue outbox dead overdue
	printf '%6s %8s %8s %4s %9s %7s %7s %8s %9s %10s %8s %8s\n' '' KiB KiB '' messages ms ms ms MiB MiB rows messages
	for ((minute = 1; minute <= $1; minute++)); do
		if [ "$minute" -lt "$1" ]; then soak_feed "$minute" "$2"; fi
		soak_until "$minute"
		kill -0 "$SOAK_PID" 2>/dev/null || die 70 "daypartd has ended"
		soak_sample "$minute"
	done
}

soak_sample() {
	awk -v minute="$1" -v fds="$(find "/proc/$SOAK_PID/fd" -mindepth 1 2>/dev/null | wc -l)" \
		-v of_tables="$(psql -X -q -At -F ' ' -v ON_ERROR_STOP=1 -d "$BENCH_URL" -f tests/bench/soak_sample.sql)" \
		'/^VmRSS/ { rss = $2 } /^RssAnon/ { own = $2 } END { print minute, rss, own, fds, of_tables }' "/proc/$SOAK_PID/status" |
		tee -a "$BENCH_DIR/soak" | awk '{ printf "%6s %8s %8s %4s %9s %7s %7s %8s %9s %10s %8s %8s\n", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 }'
}

# soak_end MINUTES MESSAGES: every 33rd person is suppressed, and refused in the ledger. The last messages have six seconds.
soak_end() {
	local found
	soak_until "($1 + 0.1)"
	kill -TERM "$SOAK_PID"
	wait "$SOAK_PID" || die 70 "daypartd did not end well"
	found=$(bench_value "SELECT (SELECT count(*) FROM daypart.release) || ' ' || (SELECT count(*) FROM daypart.slot)")
	[ "$found" = "$2 0" ] || die 70 "ledger and queue hold $found messages instead of $2 and none"
}

# soak_growth COLUMN: medians of the two halves after the warm-up, and their difference.
soak_growth() {
	awk -v column="$1" '
		function median(from, to, list, n, i, j, t) {
			for (i = from; i <= to; i++) list[++n] = value[i]
			for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j - 1] > list[j]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
			return list[int((n + 1) / 2)]
		}
		{ value[NR] = $column }
		END { warm = int(NR / 5); half = int((NR - warm) / 2); a = median(warm + 1, NR - half); b = median(NR - half + 1, NR); print a, b, b - a }' "$BENCH_DIR/soak"
}

soak_judge() {
	local a b own fds
	read -r a b own < <(soak_growth 3) && printf 'own memory, medians of two halves: %s and %s KiB: %+d\n' "$a" "$b" "$own"
	read -r a b fds < <(soak_growth 4) && printf 'file descriptors: %s and %s\n' "$a" "$b"
	read -r a b _ < <(soak_growth 9) && printf 'queue: %s and %s MiB\n' "$a" "$b"
	[ "$own" -le "$SOAK_KIB" ] || die 70 "the memory of daypartd grows"
	[ "$fds" -le "$SOAK_FDS" ] || die 70 "daypartd opens more and more files"
	awk -v a="$a" -v b="$b" 'BEGIN { exit !(b <= 2 * a) }' || die 70 "the queue bloats"
	note "it does not grow"
}
