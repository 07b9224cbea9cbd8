# scripts/bench plan: sourced by scripts/bench, which has set up a private server and the functions used here.
#
# Plans one synthetic audience several ways on the same server in the same run, ROUNDS times in turn: daypart; the best pure SQL (plan_by_sql.sql,
# whose opening comment says what it only approximates); Node.js with luxon and COPY (node/plan.mjs, once, as long as npm can be reached or has
# the packages already); and the floor: binary COPY of the same facts out and of the same slots in, then their indexes. no-op is planning again
# with nothing changed; changed is planning again when one person in a hundred has opted out, consented or joined the audience, by
# `daypart import`. Neither SQL nor Node.js can do that: they start over.
#
# Prints each time's median, ratios, and for several sizes the seconds per million people; single seconds mean little on a shared machine.
# Classes are the distinct combinations of place, text and facts of the audience. 10M people take some 20 GB of disk; run them once, on a quiet machine.
#
# At a million people and more each figure says how it stands to its aim: half the time of the best SQL, 1.5 times the floor, a no-op within 0.3 of a
# plan, 256 MiB. What a plan of a million people costs, in seconds of processor time: reading 1.0 in the server (messages of other systems 0.4, people
# 0.6), deciding and dealing 1.1 in the program, writing 1.5 in the server (rows 0.4, the two indexes 0.8, who goes without 0.3). Two processors share
# that from the first row to the last, so that it is the sum which holds back the first aim: 3.6 are 1.8 at the least, SQL is one process and takes 4 to
# 5. The indexes are half of the floor as well: the key begins with the bucket, so that sorting it compares twice. Planning again when a little has
# changed reads and judges everybody, and the queue besides: only the writing is saved, which leaves 0.8 of a plan. For less than that, who has not
# changed would have to be known without being read; sums by bucket do not tell it, since one person in a hundred is ten in every bucket.
#
# Of 10M people the first plan peaks at 194 MiB, those that follow at 113; with even pacing at 269, which is too much (the people of the largest class
# are sorted at once), and 166.
#
# Of 4M people and more some in Brazil wait for days beyond the horizon, where a sender may write to 100,000 a day (br-carriers.cfg). --volume N has
# it granted N instead, so that a smaller audience shows what that costs.
# shellcheck shell=bash

PLAN_NOW=2026-11-20T14:00:00Z
PLAN_SQL_NOW=2026-11-20T15:00:00Z
PLAN_LABELS=(daypart no-op changed sql floor_read floor_write)
PLAN_ROUNDS_MAX=9 # plan_change.sql

# plan_size TEXT: 100k, 4M or a plain number.
plan_size() {
	local number=${1%[kM]}
	[[ $number =~ ^[1-9][0-9]*$ ]] || die 64 "bench plan: a size is a number such as 100k or 4M, not \"$1\""
	case $1 in
	*k) echo $((number * 1000)) ;;
	*M) echo $((number * 1000000)) ;;
	*) echo "$number" ;;
	esac
}

bench_plan() {
	local sizes=() rounds=3 node=yes size
	PLAN_VOLUME=
	while [ $# -gt 0 ]; do
		case $1 in
		--sizes) IFS=, read -r -a sizes <<<"$2" && shift 2 ;;
		--recipients) sizes+=("$2") && shift 2 ;;
		--rounds) rounds=$2 && shift 2 ;;
		--volume) PLAN_VOLUME=$2 && shift 2 ;;
		--no-node) node=no && shift ;;
		*) die 64 "bench plan: unknown option $1; it takes --sizes 100k,1M, --recipients N, --rounds N, --volume N and --no-node" ;;
		esac
	done
	[[ $rounds =~ ^[1-$PLAN_ROUNDS_MAX]$ ]] || die 64 "bench plan: --rounds is from 1 to $PLAN_ROUNDS_MAX"
	[ ${#sizes[@]} -gt 0 ] || sizes=(100k)
	for size in "${sizes[@]}"; do plan_size "$size" >/dev/null; done
	if [ "$node" = yes ]; then plan_node_install; fi
	for size in "${sizes[@]}"; do
		plan_one_size "$(plan_size "$size")" "$rounds"
		mv "$BENCH_DIR/times" "$BENCH_DIR/times.$size"
	done
	if [ ${#sizes[@]} -gt 1 ]; then plan_growth "${sizes[@]}"; fi
}

plan_one_size() {
	bench_database bench_plan
	note "generating $1 people"
	"$DAYPART" init >/dev/null
	bench_psql -v recipients="$1" -v now="$PLAN_SQL_NOW" -f tests/bench/plan_audience.sql
	if [ -n "$PLAN_VOLUME" ]; then
		bench_psql -c "UPDATE daypart.sender SET granted_daily_limit = $PLAN_VOLUME" -c "SELECT daypart.approve('campaign', 'bench')"
	fi
	plan_newcomers "$1" "$2"
	: >"$BENCH_DIR/times"
	plan_rounds "$1" "$2"
	plan_report "$1" "$2"
}

plan_newcomers() {
	psql -X -q -v ON_ERROR_STOP=1 -d "$BENCH_URL" -v recipients="$1" -v rounds="$2" -f tests/bench/plan_newcomers.sql >"$BENCH_DIR/recipients.csv"
	plan_import recipients
}

plan_import() { "$DAYPART" -q import "$1" "$BENCH_DIR/$1.csv" >/dev/null || die 70 "importing $1 failed: $(head -3 "$BENCH_DIR/$1.rejects.csv")"; }

plan_rounds() {
	local round
	for ((round = 1; round <= $2; round++)); do
		note "round $round of $2"
		plan_forget
		bench_time daypart "$DAYPART" -q --now "$PLAN_NOW" plan
		plan_floor
		bench_time sql bench_psql -v now="$PLAN_SQL_NOW" -f tests/bench/plan_by_sql.sql
		plan_drop slot_by_sql
		if [ "$round" = 1 ] && [ -d "$BENCH_DIR/node/node_modules" ]; then plan_node; fi
		bench_time no-op "$DAYPART" -q --now "$PLAN_NOW" plan
		plan_change "$1" "$round"
		bench_time changed "$DAYPART" -q --now "$PLAN_NOW" plan
	done
}

# Back to before the first plan; audience, consents and history stay.
plan_forget() { bench_psql -f tests/bench/plan_forget.sql; }

plan_drop() {
	plan_rows_of=$(bench_value "SELECT count(*) FROM daypart.$1")
	bench_psql -c "DROP TABLE daypart.$1" -c CHECKPOINT
	printf '%s %s\n' "$1" "$plan_rows_of" >>"$BENCH_DIR/rows"
}

# An audience that others joined is approved again.
plan_change() {
	bench_psql -v recipients="$1" -v round="$2" -v opt_outs="$BENCH_DIR/opt-outs.csv" -v consents="$BENCH_DIR/consents.csv" \
		-v audiences="$BENCH_DIR/audiences.csv" -f tests/bench/plan_change.sql
	plan_import opt-outs
	plan_import consents
	plan_import audiences
	bench_psql -c "SELECT daypart.approve('campaign', 'bench')" -c CHECKPOINT
}

# The same bytes without a planner: what it must read, then what it writes.
plan_floor() {
	bench_time floor_read bench_psql -f tests/bench/plan_floor_read.sql
	bench_psql -o "$BENCH_DIR/slots" -c "COPY (SELECT * FROM daypart.slot ORDER BY due_at) TO STDOUT (FORMAT binary)"
	bench_time floor_write bench_psql -f tests/bench/plan_floor_write.sql <"$BENCH_DIR/slots"
	rm "$BENCH_DIR/slots"
}

# Node.js -----------------------------------------------------------------------------------------------------------------------------------

# Into the bench's own folder. Without a network the peer is left out, not the benchmark.
plan_node_install() {
	if ! have node || ! have npm; then
		note "missing, will be installed for this benchmark: nodejs npm (--no-node leaves the peer out)"
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install --yes --no-install-recommends nodejs npm >&2 ||
			{ note "Node.js could not be installed: it is left out" && return 0; }
	fi
	cp -R tests/bench/node "$BENCH_DIR/node"
	note "npm installs luxon, pg and pg-copy-streams into the benchmark's temporary folder"
	if ! (cd "$BENCH_DIR/node" && npm ci --no-audit --no-fund --loglevel=error >&2); then
		note "npm could not install them (no network?): Node.js is left out"
		rm -rf "$BENCH_DIR/node/node_modules"
	fi
}

plan_node() {
	local -a at
	note "Node.js"
	mapfile -t at < <(psql -X -q -d "$BENCH_URL" -c '\echo :HOST' -c '\echo :PORT' -c '\echo :USER' -c '\echo :DBNAME')
	PGHOST=${at[0]} PGPORT=${at[1]} PGUSER=${at[2]} PGDATABASE=${at[3]} BENCH_NOW=$PLAN_SQL_NOW bench_time node node "$BENCH_DIR/node/plan.mjs"
	plan_drop slot_by_node
}

# Reports -----------------------------------------------------------------------------------------------------------------------------------

# How many classes the audience has, and how long it takes to make the law and the windows of all of them.
plan_classes() {
	bench_psql -c "DELETE FROM daypart.plan_state"
	"$DAYPART" -v --now "$PLAN_NOW" plan --dry-run 2>&1 >/dev/null | sed -n 's/.*: \([0-9]* classes.*\)/\1/p'
}

plan_rows() { awk -v table="$1" '$1 == table { rows = $2 } END { print rows }' "$BENCH_DIR/rows"; }

plan_peak() { awk -v label="$1" '$1 == label && $3 > most { most = $3 } END { printf "%d", most / 1024 }' "$BENCH_DIR/times"; }

# plan_aim VALUE AIM: how a figure that is to be at most AIM stands to it. Aims are for a million people and more.
plan_aim() {
	if [ "$plan_people" -ge 1000000 ]; then
		awk -v value="$1" -v aim="$2" 'BEGIN { if (value <= aim) printf "aim %s: met", aim; else printf "aim %s: missed by %.0f %%", aim, (value / aim - 1) * 100 }'
	fi
}

plan_floor_ratio() {
	awk -v d="$(bench_median daypart)" -v r="$(bench_median floor_read)" -v w="$(bench_median floor_write)" 'BEGIN { printf "%.2f", d / (r + w) }'
}

plan_report() {
	local plan_people=$1
	local labels=("${PLAN_LABELS[@]}")
	if grep -q '^node ' "$BENCH_DIR/times"; then labels+=(node); fi
	printf '\npeople %s, rounds %s; slots: daypart %s, sql %s; seconds\n' "$1" "$2" "$(bench_value "SELECT count(*) FROM daypart.slot")" \
		"$(plan_rows slot_by_sql)"
	bench_table "$BENCH_DIR/times" "${labels[@]}"
	printf 'daypart / sql            %s  %s\n' "$(bench_ratio daypart sql)" "$(plan_aim "$(bench_ratio daypart sql)" 0.50)"
	printf 'daypart / floor          %s  %s  (floor: read %s + write %s)\n' "$(plan_floor_ratio)" "$(plan_aim "$(plan_floor_ratio)" 1.50)" \
		"$(bench_median floor_read)" "$(bench_median floor_write)"
	if [[ " ${labels[*]} " = *" node "* ]]; then printf 'daypart / node           %s\n' "$(bench_ratio daypart node)"; fi
	printf 'no-op / daypart          %s  %s\n' "$(bench_ratio no-op daypart)" "$(plan_aim "$(bench_ratio no-op daypart)" 0.30)"
	printf '1 %% changed / daypart    %s\n' "$(bench_ratio changed daypart)"
	printf 'classes                  %s\n' "$(plan_classes)"
	printf 'peak memory of daypart   %s MiB, no-op %s, changed %s  %s\n' "$(plan_peak daypart)" "$(plan_peak no-op)" "$(plan_peak changed)" \
		"$(plan_aim "$(printf '%s\n' "$(plan_peak daypart)" "$(plan_peak changed)" | sort -n | tail -1)" 256)"
}

# Linear growth is a row of equal numbers.
plan_growth() {
	local label size
	printf '\nseconds per million people\n%-14s' ''
	printf ' %8s' "$@" && echo
	for label in "${PLAN_LABELS[@]}"; do
		printf '%-14s' "$label"
		for size in "$@"; do
			awk -v label="$label" '$1 == label { print $2 }' "$BENCH_DIR/times.$size" | sort -n |
				awk -v people="$(plan_size "$size")" '{ v[NR] = $1 } END { printf " %8.2f", v[int((NR + 1) / 2)] / people * 1e6 }'
		done
		echo
	done
}
