# Shared by the scripts beside it: `source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"`. Leaves the shell in the repository's root.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 70

# Build jobs: one per processor, two at least.
JOBS=${JOBS:-$(nproc)}

step() { printf '\n== %s\n' "$*" >&2; }
note() { printf '%s\n' "$*" >&2; }

# die EXIT_CODE MESSAGE...: the codes are those of sysexits.h, as in the programs.
die() {
	local code=$1
	shift
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit "$code"
}

have() { command -v "$1" >/dev/null 2>&1; }

# usage EXIT_CODE: the manual of a script is its opening comment.
usage() {
	sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$ROOT/scripts/$(basename "$0")" >&2
	exit "$1"
}

# as_root COMMAND...: directly, or through sudo.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		die 69 "needs root or sudo for: $*"
	fi
}

c_files() { find planner scheduler sql conf tests -name '*.[ch]' | sort; }

# Tests whose programs run threads of ours: those of the daemon, and those that load a large plan.
# shellcheck disable=SC2034 # for the scripts that source this one
THREADED_TESTS='^unit/scheduler/|^(integration|races|fault)/.*(daemon|release|scheduler|worker|plan_parts)'

# run_tests PRESET [REGEX [EXCEPT]]: its ctests, all or those whose names match, but for those that match EXCEPT; none is no error.
# Many tests wait as much as they work, so more of them run than there are processors.
# The sanitizers of clang 14 cannot live with the address randomisation of newer kernels, so it is switched off where that is allowed.
run_tests() {
	local build=build fixed=()
	if [ "$1" != dev ]; then
		build=build/$1
		setarch -R true 2>/dev/null && fixed=(setarch -R)
	fi
	"${fixed[@]}" ctest --test-dir "$build" --parallel $((JOBS + (JOBS + 1) / 2)) --output-on-failure --no-tests=ignore ${2:+--tests-regex "$2"} \
		${3:+--exclude-regex "$3"}
}

case ${1:-} in -h | --help) usage 0 ;; esac
