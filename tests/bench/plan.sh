# scripts/bench plan: sourced by scripts/bench, which has set up a private server and the functions used here.
#
# Plans one synthetic audience three ways on the same server in the same run, ROUNDS times in turn: daypart, the best pure SQL (plan_by_sql.sql,
# whose opening comment says what it only approximates), and the floor: binary COPY of the same facts out and of the same slots in, then their
# indexes. Prints each time's median and the ratios; single seconds mean little on a shared machine. No-op is planning again with nothing changed.
# Classes are the distinct combinations of place, text and facts of the audience.
# shellcheck shell=bash

PLAN_NOW=2026-11-20T14:00:00Z
PLAN_SQL_NOW=2026-11-20T15:00:00Z

bench_plan() {
	local recipients=100000 rounds=3
	while [ $# -gt 0 ]; do
		case $1 in
		--recipients) recipients=$2 && shift 2 ;;
		--rounds) rounds=$2 && shift 2 ;;
		*) die 64 "bench plan: unknown option $1; it takes --recipients N and --rounds N" ;;
		esac
	done
	bench_database bench_plan
	note "generating $recipients people"
	"$DAYPART" init >/dev/null
	bench_psql -v recipients="$recipients" -v now="$PLAN_SQL_NOW" -f tests/bench/plan_audience.sql
	plan_rounds "$rounds"
	plan_report "$recipients" "$rounds"
}

plan_rounds() {
	local round
	: >"$BENCH_DIR/times"
	for ((round = 1; round <= $1; round++)); do
		note "round $round of $1"
		plan_forget
		bench_time daypart "$DAYPART" -q --now "$PLAN_NOW" plan
		bench_time noop "$DAYPART" -q --now "$PLAN_NOW" plan
		bench_time sql bench_psql -v now="$PLAN_SQL_NOW" -f tests/bench/plan_by_sql.sql
		plan_floor
	done
}

# Back to before the first plan; audience, consents and history stay.
plan_forget() { bench_psql -f tests/bench/plan_forget.sql; }

# The same bytes without a planner: what it must read, then what it writes.
plan_floor() {
	bench_time floor_read bench_psql -f tests/bench/plan_floor_read.sql
	bench_psql -o "$BENCH_DIR/slots" -c "COPY (SELECT * FROM daypart.slot ORDER BY due_at) TO STDOUT (FORMAT binary)"
	bench_time floor_write bench_psql -f tests/bench/plan_floor_write.sql <"$BENCH_DIR/slots"
}

# How many classes the audience has, and how long it takes to make the law and the windows of all of them.
plan_classes() { "$DAYPART" -v --now "$PLAN_NOW" plan --dry-run 2>&1 >/dev/null | sed -n 's/.*: \([0-9]* classes.*\)/\1/p'; }

plan_report() {
	printf 'people %s, slots %s, rounds %s; medians\n' "$1" "$(bench_value "SELECT count(*) FROM daypart.slot")" "$2"
	bench_table "$BENCH_DIR/times" daypart noop sql floor_read floor_write
	printf 'daypart / sql            %s\n' "$(bench_ratio daypart sql)"
	printf 'daypart / floor          %s  (floor: read %s + write %s)\n' \
		"$(awk -v d="$(bench_median daypart)" -v r="$(bench_median floor_read)" -v w="$(bench_median floor_write)" 'BEGIN { printf "%.2f", d / (r + w) }')" \
		"$(bench_median floor_read)" "$(bench_median floor_write)"
	printf 'no-op / daypart          %s\n' "$(bench_ratio noop daypart)"
	printf 'classes                  %s\n' "$(plan_classes)"
	printf 'peak memory of daypart   %s MiB\n' "$(awk '$1 == "daypart" && $3 > most { most = $3 } END { printf "%d", most / 1024 }' "$BENCH_DIR/times")"
}
