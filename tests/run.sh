# ./assay test [--only PROJECT] [--filter TEXT] [--chaos N] [--kills N] [RUNNER OPTION...], sourced by the launcher: sets up what the tests need, builds, runs every test project, closes with "N passed, N failed".
# shellcheck shell=bash disable=SC2154

# A test project that takes longer hangs; it is ended and counted as failed. The slowest takes about five minutes on two busy cores.
bound=600

usage() {
  cat <<'USAGE'
usage: ./assay test [--only PROJECT]... [--filter TEXT]... [RUNNER OPTION]...
       ./assay test --chaos N [--seed S] [RUNNER OPTION]...
       ./assay test --kills N [RUNNER OPTION]...
       ./assay test --fuzz N [--seed S] [RUNNER OPTION]...

  --only PROJECT   only tests/PROJECT, e.g. --only Broker
  --filter TEXT    only tests whose full name contains TEXT, e.g. --filter AccuracyTests
  --chaos N        only the crash tests, of the stream engine and of the demo, with N faults instead of 20 and 10, each shown as it happens
  --kills N        only the embedded broker's durability test, with N kills instead of 20
  --fuzz N         only the mutated requests to the embedded broker, N of them instead of 20,000
  --seed S         with --chaos or --fuzz: the choices of the run that printed this seed
  RUNNER OPTION    passed on to each test program, e.g. -showLiveOutput, -stopOnFail

With CI=true a skipped test counts as failed. KAFKA_HOME names a distribution of Apache Kafka to test against as well.
USAGE
}

projects=() options=() filtered='' live=''
while [ $# -gt 0 ]; do
  case $1 in
    --only | --filter | --chaos | --kills | --fuzz | --seed)
      [ $# -ge 2 ] || { say "assay: $1 needs a value."; usage >&2; exit 2; }
      case $1 in
        --only)
          [ -f "$root/tests/$2/Assay.$2.Tests.csproj" ] ||
            { say "assay: there is no test project $2; there are: $(cd "$root/tests" && printf '%s\n' */*.Tests.csproj | cut -d/ -f1 | paste -sd' ')."; exit 2; }
          projects+=("$2")
          ;;
        --filter) options+=(-method "*$2*"); filtered=1 ;;
        --kills)
          [[ $2 =~ ^[1-9][0-9]{0,5}$ ]] || { say "assay: --kills $2: a whole number is needed."; exit 2; }
          export ASSAY_BROKER_KILLS=$2
          projects=(Broker) live=1 filtered=1 bound=$((120 + 5 * $2))
          options+=(-method '*DurabilityTests.Everything_acknowledged_survives_kills' -diagnostics)
          ;;
        --fuzz)
          [[ $2 =~ ^[1-9][0-9]{0,7}$ ]] || { say "assay: --fuzz $2: a whole number is needed."; exit 2; }
          export ASSAY_FUZZ_CASES=$2
          # Some 4,000 a second; a second test takes a quarter of them.
          projects=(Broker) live=1 filtered=1 bound=$((420 + $2 / 1000))
          options+=(-class '*.FuzzTests' -showLiveOutput)
          ;;
        --chaos | --seed)
          [[ $2 =~ ^[1-9][0-9]{0,9}$ ]] || { say "assay: $1 $2: a whole number is needed."; exit 2; }
          [ "$1" = --chaos ] || { export ASSAY_CHAOS_SEED=$2 ASSAY_FUZZ_SEED=$2; shift 2; continue; }
          export ASSAY_CHAOS_FAULTS=$2
          # Three times over, for two brokers and the demo, at several seconds a fault.
          projects=(Chaos) live=1 bound=$((420 + 30 * $2))
          options+=(-showLiveOutput)
          ;;
      esac
      shift 2
      ;;
    --help | -h | '-?') usage; exit 0 ;;
    -*) options+=("$1"); shift; while [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; do options+=("$1"); shift; done ;;
    *) say "assay: $1 is no option of ./assay test."; usage >&2; exit 2 ;;
  esac
done

case ${#projects[@]} in
  0) what=Assay.slnx stamp=test.stamp ;;
  1) what=tests/${projects[0]} stamp=test-${projects[0]}.stamp ;;
  *) what=Assay.slnx stamp=test.stamp ;;
esac
# The longest come first, so that no core waits long for the last one. Those that measure or kill processes run alone, at the end.
[ ${#projects[@]} -gt 0 ] || mapfile -t projects < <(cd "$root/tests" && printf '%s\n' */*.Tests.csproj | cut -d/ -f1)
longest=() long=() side_by_side=() alone=()
for project in "${projects[@]}"; do
  case $project in
    Integration | Conformance | Chaos) alone+=("$project") ;;
    Streams | Broker) longest+=("$project") ;;
    Ingest | Sink) long+=("$project") ;;
    *) side_by_side+=("$project") ;;
  esac
done
side_by_side=("${longest[@]}" "${long[@]}" "${side_by_side[@]}")

# Missing Debian packages: installed where that is possible; else the tests that need them say so and are skipped.
install_programs() {
  local missing=()
  command -v dpkg-query >/dev/null || return 0
  while read -r name _; do
    case $name in '' | '#'*) continue ;; esac
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done <"$root/tests/debian-packages"
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    say "not installed, so some tests will be skipped: ${missing[*]} (apt-get install ${missing[*]})"
    return 0
  fi
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  local get=(apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -qq)
  "${get[@]}" install -y --no-install-recommends "${missing[@]}" >"$tools/apt.log" 2>&1 ||
    { "${get[@]}" update && "${get[@]}" install -y --no-install-recommends "${missing[@]}"; } >"$tools/apt.log" 2>&1 ||
    say "${missing[*]} could not be installed, so some tests will be skipped: see $tools/apt.log"
}

mkdir -p "$tools" 2>/dev/null || true
install_programs &
programs=$!
prepare "$stamp" "$what" "src schemas tests" demo "$root/src/Demo" test "$root/tests"
wait "$programs"
unset -f usage install_programs

[ "${CI-}" != true ] || options+=(-failSkips)
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
# An interrupt ends the running test programs too: each runs in a process group of its own.
trap 'trap - EXIT; kill $(jobs -p) 2>/dev/null; wait; rm -rf "$logs"; exit 130' INT TERM

run_project() { # PROJECT
  local log=$logs/$1 began=$SECONDS status=0
  local run=(timeout --kill-after=10 "$bound" dotnet "$root/tests/$1/bin/Release/net10.0/Assay.$1.Tests.dll" -noLogo -noColor -longRunning 60)
  if [ -n "$live" ]; then
    "${run[@]}" "${options[@]}" 2>&1 </dev/null | tee "$log" || status=$?
  else
    "${run[@]}" "${options[@]}" >"$log" 2>&1 </dev/null || status=$?
  fi
  [ $status != 124 ] && [ $status != 137 ] || echo "tests/$1 was ended after $bound s." >>"$log"
  echo "$status $((SECONDS - began))" >"$log.status"
}

passed=0 failed=0 skipped=0
report() { # PROJECT: adds its counts up, prints its line and, where something failed, all it printed
  local status seconds total errors failures skips
  read -r status seconds <"$logs/$1.status"
  read -r total errors failures skips < <(sed -nE \
    's/^ +[^ ]+ +Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+),.*/\1 \2 \3 \4/p' "$logs/$1" | tail -n 1) || true
  : "${total:=0}" "${errors:=0}" "${failures:=0}" "${skips:=0}"
  # A program that died without a failed test (a crash, a hang, an error outside of tests) is itself the failure.
  [ "$status" = 0 ] || [ $((errors + failures)) -gt 0 ] || errors=1
  passed=$((passed + total - failures - skips)) failed=$((failed + failures + errors)) skipped=$((skipped + skips))
  if [ $((errors + failures)) -gt 0 ]; then
    printf '✗ %s: %s failed (%s s)\n' "$1" $((errors + failures)) "$seconds"
    [ -n "$live" ] || cat "$logs/$1"
  else
    printf '✓ %s: %s passed%s (%s s)\n' "$1" $((total - skips)) "$([ "$skips" = 0 ] || echo ", $skips skipped")" "$seconds"
    grep -E '\[SKIP\]' -A 1 "$logs/$1" | grep -v '^--$' || true
  fi
}

# Two at a time: that is what two cores bear with stable results.
waiting=("${side_by_side[@]}")
running=()
while [ ${#waiting[@]} -gt 0 ] || [ ${#running[@]} -gt 0 ]; do
  while [ ${#waiting[@]} -gt 0 ] && [ ${#running[@]} -lt 2 ]; do
    run_project "${waiting[0]}" &
    running+=("${waiting[0]}"); waiting=("${waiting[@]:1}")
  done
  wait -n || true
  still=()
  for project in "${running[@]}"; do
    if [ -f "$logs/$project.status" ]; then report "$project"; else still+=("$project"); fi
  done
  running=("${still[@]}")
done
for project in "${alone[@]}"; do
  run_project "$project" & wait $! || true
  report "$project"
done

if [ $((passed + failed + skipped)) = 0 ] && [ -n "$filtered" ]; then
  say "assay: no test's full name contains that text."
  failed=1
fi
printf '\n%s passed, %s failed%s\n' "$passed" "$failed" "$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ "$failed" = 0 ]
exit
