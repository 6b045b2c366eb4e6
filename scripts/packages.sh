#!/usr/bin/env bash
# Installs the Debian packages that a task needs, those that are missing only.
#   scripts/packages.sh build|run|test|bench
set -euo pipefail

build=(clang lld zlib1g-dev)
run=(qemu-system-x86 libnftables1 e2fsprogs util-linux xz-utils)
test=(iproute2 iptables iputils-ping curl jq busybox-static cpio nftables procps xfsprogs btrfs-progs
    fish zsh chromium prometheus)
# What the controller is measured beside.
bench=(containernetworking-plugins)

case "${1:-}" in
build) wanted=("${build[@]}") ;;
run) wanted=("${run[@]}") ;;
test) wanted=("${build[@]}" "${run[@]}" "${test[@]}") ;;
bench) wanted=("${bench[@]}") ;;
*)
    echo "usage: $0 build|run|test|bench" >&2
    exit 2
    ;;
esac

missing=()
for package in "${wanted[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "missing packages; as root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
fi
echo "Installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
