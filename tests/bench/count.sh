# scripts/bench count: sourced by scripts/bench, which has set up a private server and the functions used here.
#
# Counts the instructions of `daypart plan` under valgrind --tool=callgrind, where a neighbour's load changes nothing: two small audiences are
# planned, again with nothing changed, and the difference between the two is what a thousand people cost; the rest is paid once. To find a
# regression, run it before and after: differences of a per cent mean something. --functions N prints the dearest functions of planning the
# larger audience, their own instructions only.
# shellcheck shell=bash

COUNT_NOW=2026-11-20T14:00:00Z
COUNT_SMALL=5000
COUNT_LARGE=25000

bench_count() {
	local functions=0
	while [ $# -gt 0 ]; do
		case $1 in
		--functions) functions=$2 && shift 2 ;;
		*) die 64 "bench count: unknown option $1; it takes --functions N" ;;
		esac
	done
	[[ $functions =~ ^[0-9]+$ ]] || die 64 "bench count: --functions is a number"
	count_install
	count_audience "$COUNT_SMALL"
	count_audience "$COUNT_LARGE"
	count_report plan
	count_report no-op
	if [ "$functions" -gt 0 ]; then
		callgrind_annotate --show-percs=yes "$BENCH_DIR/plan.$COUNT_LARGE" 2>/dev/null | grep -E '^ *[0-9,]+ \(' | head -n "$((functions + 1))"
	fi
}

count_install() {
	have valgrind && return
	note "missing, will be installed: valgrind"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install --yes --no-install-recommends valgrind >&2
}

count_audience() {
	bench_database bench_count
	note "planning $1 people under callgrind"
	"$DAYPART" init >/dev/null
	bench_psql -v recipients="$1" -v now=2026-11-20T15:00:00Z -f tests/bench/plan_audience.sql
	count_plan "$BENCH_DIR/plan.$1"
	count_plan "$BENCH_DIR/no-op.$1"
}

count_plan() {
	valgrind --tool=callgrind --callgrind-out-file="$1" "$DAYPART" -q --now "$COUNT_NOW" plan >/dev/null 2>"$BENCH_DIR/valgrind" ||
		die 70 "daypart plan under callgrind failed: $(tail -3 "$BENCH_DIR/valgrind")"
}

count_of() { sed -n 's/^\(totals\|summary\): //p' "$1" | tail -1; }

count_report() {
	awk -v what="$1" -v small="$(count_of "$BENCH_DIR/$1.$COUNT_SMALL")" -v large="$(count_of "$BENCH_DIR/$1.$COUNT_LARGE")" \
		-v people="$((COUNT_LARGE - COUNT_SMALL))" -v least="$COUNT_SMALL" 'BEGIN {
			each = (large - small) / people
			printf "%-6s %8.3f million instructions per 1000 people, %9.1f million once\n", what, each / 1e3, (small - each * least) / 1e6
		}'
}
