#!/usr/bin/env bash
# Measures, in network and process namespaces of its own; what was measured goes to out/bench/NAME.json as well.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
    cat <<'TEXT'
Usage: ./bench.sh start|lifecycle|pool|network|external|dashboard [--only PART,…] [--build]

  start      mctl beside "ip -V" in turns, the controller until it is ready, the size of both binaries (about 15 s)
  lifecycle  ten VMs from POST to the guest's ready line, each beside the same QEMU without a controller; memory of
             the controller with 0 and 10 VMs (about 3 minutes where QEMU emulates)
  pool       address pools beside their limits and peers (about 5 minutes, and 5 GiB of memory)
  network    the host network with up to 65,533 VMs beside bare system calls (about 8 minutes, and 6 GiB of memory)

  external   1,000 VMs with IPv6 and 5,000 forwards beside bare system calls, and one forward among 50,000 (about 1 minute)
  dashboard  each view in Chromium with 65,533 leases beside 100, and the weight of the first page (about 4 minutes)

  --only     with pool, network or external, some parts of it alone, so many as are named:
             pool
               size    memory of an empty pool           memory  lease and release beside a dictionary
               expand  a /24 to a /8 and to a /16        open    a million leases from the state file
               store   durable leases beside SQLite      http    leases over the Unix socket
               cni     beside CNI's host-local           sets    beside a set of all free addresses
             network
               attach  65,533 VMs, and the same bare     single  one more with 0 to 65,000 present
               restart with 65,533, and detach all       processes beside ip, sysctl, nft, and CNI's bridge
               traffic packets with and without rules    warm    whether TAPs made ahead would pay
             external
               attach  1,000 VMs, and the same bare      forwards found and changed among 50,000
  --build    build out/bin anew; without it what is there is measured, and built only where it is missing

Prints a table and writes out/bench/NAME.json. docs/performance.md says what the figures mean.
TEXT
}

name=${1:-}
case "$name" in
start | lifecycle | dashboard) known=() ;;
pool) known=(size memory expand open store http cni sets) ;;
network) known=(attach single restart warm processes traffic) ;;
external) known=(attach forwards) ;;
'' | -h | --help)
    usage
    exit 0
    ;;
*)
    usage >&2
    exit 2
    ;;
esac
shift
build=false
parts=()
while [ $# -gt 0 ]; do
    case "$1" in
    --build) build=true ;;
    --only)
        IFS=, read -ra parts <<<"${2:-}"
        if [ ${#known[@]} -eq 0 ] || [ ${#parts[@]} -eq 0 ]; then
            usage >&2
            exit 2
        fi
        for part in "${parts[@]}"; do
            if [[ " ${known[*]} " != *" $part "* ]]; then
                echo "bench.sh $name has no part \"$part\"" >&2
                usage >&2
                exit 2
            fi
        done
        shift
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
    shift
done

if [ "$(id -u)" -ne 0 ]; then
    echo "bench.sh makes namespaces and VMs: run it as root" >&2
    exit 1
fi

scripts/packages.sh test
if [ "$name" = pool ] || [ "$name" = network ]; then scripts/packages.sh bench; fi
# The host network is measured without the programs, by the code that they are made of.
if [ "$name" = network ] || [ "$name" = external ]; then
    :
elif $build || [ ! -x out/bin/master-controller ] || [ ! -x out/bin/mctl ] || [ ! -d out/dashboard ]; then ./build.sh; fi
if [ "$name" = dashboard ]; then
    program=BrowserBench
    dotnet publish bench/MasterController.BrowserBench --configuration Release \
        --output out/publish/BrowserBench --nologo --verbosity quiet --disable-build-servers
else
    program=Bench
    dotnet publish bench/MasterController.Bench --configuration Release --runtime linux-x64 \
        --output out/publish/Bench --nologo --verbosity quiet --disable-build-servers
fi

# Ends the namespace of processes with its first process, so that no VM is left, and removes what they used.
finish() {
    local status=$?
    trap - EXIT INT TERM
    if [ -n "${namespace:-}" ]; then
        kill -KILL "$namespace" 2>/dev/null || true
        wait "$namespace" 2>/dev/null || true
    fi
    for id in "$work"/*/state/id; do
        [ -f "$id" ] || continue
        group=master-controller-$(head -c 8 "$id")
        # Empty once its processes have gone, which a killed namespace leaves to the kernel.
        for _ in $(seq 50); do
            find /sys/fs/cgroup -depth -type d -path "*/$group*" -exec rmdir {} + 2>/dev/null && break
            sleep 0.1
        done
    done
    rm -rf "$work"
    exit $status
}

work=$(mktemp -d /var/tmp/master-controller-bench.XXXXXX)
chmod 0711 "$work" # VMs run as users of their own
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir "$work/packages"
if [ "$name" = lifecycle ]; then
    # The namespace has no way to a package mirror, so what the image is made of is fetched here.
    kernel=$(apt-cache depends linux-image-cloud-amd64 | awk '$1 == "Depends:" { print $2; exit }')
    (cd "$work/packages" && apt-get download -qq -o APT::Sandbox::User=root "$kernel" busybox-static)
fi

if [ $program = BrowserBench ]; then
    command=(out/publish/BrowserBench/MasterController.BrowserBench "$PWD" "$work")
else
    command=(out/publish/Bench/MasterController.Bench "$name" "$PWD" "$work" ${parts[@]+"${parts[@]}"})
fi

# An uplink that leads nowhere is enough for a controller. In the background, so that a signal to this script is not
# kept until the measurement is over.
unshare --net --pid --mount-proc --fork --kill-child -- bash -euc '
    ip link set lo up
    ip link add uplink0 type veth peer name isp0
    ip address add 198.51.100.2/24 dev uplink0
    ip link set uplink0 up
    ip link set isp0 up
    ip route add default via 198.51.100.1
    status=0
    "$@" || status=$?
    exit $status
' bench "${command[@]}" &
namespace=$!
wait "$namespace"
