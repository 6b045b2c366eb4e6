#!/usr/bin/env bash
# Everything from unit tests to real VMs. Needs root for the second half: TAPs, namespaces, VMs.
# The last line is "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")"

passed=0
failed=0
skipped=0

# Adds up the summary that the test platform prints; a run that ends without one counts as a failure.
run_tests() {
    local project=$1 log
    log=$(mktemp)
    echo "── $project"
    dotnet run --no-build --configuration Release --project "test/$project" -- --no-progress 2>&1 |
        sed -u 's/\x1b\[[0-9;]*m//g' | tee "$log"
    local status=${PIPESTATUS[0]} ok bad
    ok=$(awk '$1 == "succeeded:" { n = $2 } END { print n + 0 }' "$log")
    bad=$(awk '$1 == "failed:" { n = $2 } END { print n + 0 }' "$log")
    skipped=$((skipped + $(awk '$1 == "skipped:" { n = $2 } END { print n + 0 }' "$log")))
    rm -f "$log"
    [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    passed=$((passed + ok))
    failed=$((failed + bad))
}

step() {
    echo "── $1"
    shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

if [ "$(id -u)" -eq 0 ]; then scripts/packages.sh test; fi
step "build.sh" ./build.sh
step "build" dotnet build MasterController.slnx --configuration Release --nologo --verbosity quiet
run_tests MasterController.Tests
run_tests MasterController.DashboardTests
if [ "$(id -u)" -eq 0 ]; then
    run_tests MasterController.LinuxTests
    run_tests MasterController.BrowserTests
    step "demo.sh" ./demo.sh --no-build
else
    echo "Not root: tests with real TAPs and VMs are left out."
fi

left_out=""
[ "$skipped" -eq 0 ] || left_out=", $skipped skipped"
echo "$passed passed, $failed failed$left_out"
[ "$failed" -eq 0 ]
