#!/usr/bin/env bash
# Shows the whole system on this machine, in two network namespaces of its own; nothing else is touched.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
    cat <<'TEXT'
Usage: ./demo.sh [--keep] [--no-build]

Makes a "host" and an "internet" network namespace, starts the controller in the first, builds the golden image,
boots three VMs and checks what they can reach and what they cannot; kills the controller, grows the address pool and
takes that back, all under the running VMs; opens a web server in a guest to the internet in three ways. Exit status 0
only if everything held.

  --keep      leave it running and say how to talk to it and log in to the dashboard; end it with ./demo.sh --clean
  --clean     remove what --keep left
  --no-build  use out/bin as it is
TEXT
}

keep=false build=true clean=false
for argument in "$@"; do
    case "$argument" in
    --keep) keep=true ;;
    --no-build) build=false ;;
    --clean) clean=true ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
done

if [ "$(id -u)" -ne 0 ]; then
    echo "demo.sh makes network namespaces and TAPs: run it as root" >&2
    exit 1
fi

host=mc-demo-host
internet=mc-demo-internet
far=203.0.113.10
far6=2001:db8:feed::10
uplink_address=198.51.100.2
work=/var/tmp/master-controller-demo
state=$work/state
socket=$work/controller.sock
mctl=$PWD/out/bin/mctl
controller=$PWD/out/bin/master-controller
dashboard_address=127.0.0.1:8480
dashboard_url=http://$dashboard_address

bold=$(tput bold 2>/dev/null || true) green=$(tput setaf 2 2>/dev/null || true)
red=$(tput setaf 1 2>/dev/null || true) plain=$(tput sgr0 2>/dev/null || true)
held=0 broken=0 started=$SECONDS complete=false

say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# check TEXT COMMAND…: the command's success decides.
check() {
    local text=$1
    shift
    if "$@"; then
        printf '  %s✓%s %s\n' "$green" "$plain" "$text"
        held=$((held + 1))
    else
        printf '  %s✗ %s%s\n' "$red" "$text" "$plain"
        broken=$((broken + 1))
    fi
}

on_host() { nsenter --net="/run/netns/$host" "$@"; }
on_internet() { nsenter --net="/run/netns/$internet" "$@"; }
mctl() { "$mctl" --socket "$socket" "$@"; }
address_of() { mctl vm show "$1" -o json | jq -r .address; }
guest() { on_host curl -sS --max-time 20 "http://$1/cgi-bin/$2"; }
is_ready() {
    for _ in $(seq 300); do
        [ "$(mctl vm show "$1" -o json | jq -r .readyAt)" = null ] || return 0
        sleep 0.2
    done
    return 1
}
answers() { on_host ping -q -c 1 -W 2 "$1" >/dev/null; }
equals() { [ "$1" = "$2" ] || { echo "    got \"$1\", wanted \"$2\""; false; }; }
vm_processes() { mctl vm list -o json | jq -c '[.items[] | [.name, .pid]]'; }
lost() { grep -o '[0-9]* packets transmitted, [0-9]* received' "$work/ping.$1"; }
# Those up to the last answer: the one that is on its way when ping is told to end is not missing.
answers_of() {
    awk -F 'icmp_seq=' 'NF > 1 { n++; if ($2 + 0 > last) last = $2 + 0 } END { print n + 0 " of " last + 0 }' "$work/ping.$1"
}
all_answered() { [[ "$(answers_of "$1")" =~ ^([1-9][0-9]*)\ of\ ([0-9]+)$ ]] && [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ]; }
# What the kernel's firewall takes for networks of pools.
pool_networks() {
    on_host nft -j list set inet master_controller pool_networks |
        jq -r '[.nftables[] | .set? // empty | .elem[]? | .prefix | "\(.addr)/\(.len)"] | join(" ")'
}
# eventually COMMAND…: within ten seconds.
eventually() {
    for _ in $(seq 100); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.1
    done
    "$@"
}
# What the far side gets from a web server, which is the address that the server sees; "nothing" where none answers.
sees() { on_internet curl -sS --max-time 3 "http://$1/cgi-bin/whoami" 2>/dev/null || echo nothing; }
is_up() { on_host ip -j link show dev "$1" | jq -e '.[0].flags | index("UP")' >/dev/null; }
has_table() { on_host nft list table inet master_controller >/dev/null; }
close_web() {
    mctl vm close web tcp/80 >/dev/null
    equals "$(sees "[$web6]") $(sees "$public")" "nothing nothing"
}
repaired() { mctl net drift --history -o json | jq -r '[.items[] | select(.state == "repaired") | .name] | unique | join(" ")'; }
viewer_is_refused() {
    local said
    said=$(MASTER_CONTROLLER_KEY=$viewer_key "$mctl" --socket "$socket" vm create no 2>&1) && return 1
    sed 's/^/    /' <<<"$said"
    grep -qF operator <<<"$said"
}
stranger_gets() {
    setpriv --reuid 65534 --regid 65534 --clear-groups \
        curl -s -o /dev/null -w '%{http_code}' --unix-socket "$socket" http://localhost/api/v1/vms
}
# The sum of a metric's samples.
metric() {
    curl -s --unix-socket "$socket" http://localhost/metrics |
        awk -v name="$1" 'index($1, name) == 1 { sum += $2 } END { print sum + 0 }'
}
was_repaired() { repaired | tr ' ' '\n' | grep -qFx "$1"; }
# is_refused_for TEXT COMMAND…: mctl ends with 4, and says TEXT.
is_refused_for() {
    local text=$1 said status=0
    shift
    said=$(mctl "$@" 2>&1) || status=$?
    sed 's/^/    /' <<<"$said"
    [ $status -eq 4 ] && grep -qF "$text" <<<"$said"
}

# Ends every process in a namespace of ours, by number.
end_processes() {
    local pids
    pids=$(ip netns pids "$1" 2>/dev/null || true)
    [ -z "$pids" ] || kill "$2" $pids 2>/dev/null || true
}

# Ends what has the dashboard's command line of this demo.
end_dashboard() {
    local pid
    for pid in $(pgrep -f "^$work/dashboard/master-controller-dashboard --socket $socket" || true); do
        kill "$pid" 2>/dev/null || true
    done
}

remove_all() {
    end_dashboard
    if [ -S "$socket" ]; then mctl vm delete --all --yes >/dev/null 2>&1 || true; fi
    for namespace in $host $internet; do
        [ -e "/run/netns/$namespace" ] || continue
        end_processes $namespace -TERM
        for _ in $(seq 50); do
            [ -n "$(ip netns pids $namespace 2>/dev/null)" ] || break
            sleep 0.1
        done
        end_processes $namespace -KILL
        ip netns delete $namespace
    done
    rm -rf "$work"
}

finish() {
    local status=$?
    trap - EXIT INT TERM
    if [ $status -ne 0 ] && [ -f "$work/controller.log" ]; then
        say "The controller's last words"
        tail -n 20 "$work/controller.log"
    fi
    if $keep && $complete; then
        say "Left running"
        echo "  $dashboard_url"
        echo "  log in with  $admin_key"
        echo "  $mctl --socket $socket vm list"
        echo "  $mctl --socket $socket stats"
        echo "  $mctl --socket $socket events"
        echo "  nsenter --net=/run/netns/$host ping $(address_of one)"
        echo "  ./demo.sh --clean      ends and removes it"
    else
        remove_all
    fi
    exit $status
}

start_controller() {
    # nsenter becomes the controller, so that this is the controller's own number.
    nsenter --net="/run/netns/$host" "$controller" --config "$work/master-controller.toml" \
        >>"$work/controller.log" 2>&1 &
    controller_pid=$!
    for _ in $(seq 200); do
        if curl -sf --unix-socket "$socket" http://localhost/readyz >/dev/null 2>&1; then return 0; fi
        kill -0 "$controller_pid" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

if $clean; then
    remove_all
    exit 0
fi
if [ -e /run/netns/$host ]; then
    echo "a demo is there already; ./demo.sh --clean removes it" >&2
    exit 1
fi

say "Installing and building"
scripts/packages.sh test
scripts/packages.sh run
if $build; then ./build.sh; fi
[ -x "$controller" ] && [ -x "$mctl" ] && [ -d out/dashboard ] || { echo "out/bin or out/dashboard is empty: leave out --no-build" >&2; exit 1; }

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$work/packages"
# The demo's host has no way to a package mirror, so what its image is made of is fetched here.
kernel=$(apt-cache depends linux-image-cloud-amd64 | awk '$1 == "Depends:" { print $2; exit }')
(cd "$work/packages" && apt-get download -qq -o APT::Sandbox::User=root "$kernel" busybox-static)

say "Two namespaces: a host with an uplink, and an internet behind it"
ip netns add $host
ip netns add $internet
ip -n $host link add uplink0 type veth peer name isp0 netns $internet
ip -n $host link set lo up
ip -n $host address add $uplink_address/24 dev uplink0
ip -n $host link set uplink0 up
ip -n $host route add default via 198.51.100.1
ip -n $host -6 address add 2001:db8:1250::fffe/64 dev uplink0 nodad
ip -n $internet link set lo up
ip -n $internet address add 198.51.100.1/24 dev isp0
ip -n $internet address add $far/32 dev lo
ip -n $internet link set isp0 up
ip -n $internet -6 address add 2001:db8:1250::ffff/64 dev isp0 nodad
ip -n $internet -6 address add $far6/128 dev lo nodad
ip -n $host -6 route add default via 2001:db8:1250::ffff
on_internet busybox httpd -p "$far:80" -h "$PWD/demo/internet"
on_internet busybox httpd -p "[$far6]:80" -h "$PWD/demo/internet"
# Counts what arrives with another source than the uplink's: there must be none.
on_internet nft -f - <<'NFT'
table inet watch {
  counter not-the-uplink { }
  chain input {
    type filter hook input priority 0;
    iifname "isp0" ip saddr != 198.51.100.0/24 counter name "not-the-uplink"
  }
}
NFT
leaked() { on_internet nft -j list counters table inet watch | jq '.nftables[] | .counter? // empty | .packets'; }
echo "  $host: uplink0 $uplink_address   $internet: isp0 198.51.100.1, server $far"

cat >"$work/master-controller.toml" <<TOML
state_dir = "$state"
socket = "$socket"

[external]
ipv6 = "2001:db8:1250::/64"
ipv4 = ["198.51.100.32/28"]

[log]
format = "console"

[image]
extra_files = "$PWD/demo/guest"
packages = "$work/packages"
TOML

say "The controller"
check "starts and is ready" start_controller

say "The golden image"
mctl image build
check "is built and listed" mctl image list

say "Three VMs"
for name in one two three; do mctl vm create $name >/dev/null & done
wait $(jobs -p | grep -v "^$controller_pid$")
mctl vm list
check "have the addresses .2, .3 and .4" equals \
    "$(mctl vm list -o json | jq -r '[.items[].address] | sort | join(" ")')" \
    "192.168.100.2 192.168.100.3 192.168.100.4"
for name in one two three; do
    check "$name says on its console that it is ready" is_ready $name
    check "$name answers its host" answers "$(address_of $name)"
done

say "What a guest reaches"
for name in one two three; do
    address=$(address_of $name)
    check "$name reaches its gateway" equals "$(guest "$address" "reach?192.168.100.1")" yes
    check "$name reaches the far side" equals "$(guest "$address" "reach?$far")" yes
done
one=$(address_of one) two=$(address_of two)
check "the far side sees the uplink's address, not the guest's" \
    equals "$(guest "$one" "fetch?$far/cgi-bin/whoami")" "$uplink_address"

say "What a guest does not reach"
check "one VM cannot reach another" equals "$(guest "$one" "reach?$two")" no
check "a spoofed source gets no answer" equals \
    "$(guest "$one" "spoof?203.0.113.99,$far")" "3 packets transmitted, 0 packets received, 100% packet loss"
check "and none of it arrives at the far side" equals "$(leaked)" 0

say "SIGKILL to the controller, and a new one"
pids=()
for name in one two three; do
    on_host ping -q -i 0.1 -c 100 -W 2 "$(address_of $name)" >"$work/ping.$name" &
    pids+=($!)
done
sleep 2
before=$(vm_processes)
kill -KILL "$controller_pid"
wait "$controller_pid" 2>/dev/null || true
sleep 1
check "a new controller takes over" start_controller
check "the same VM processes run on" equals "$(vm_processes)" "$before"
wait "${pids[@]}" || true
for name in one two three; do
    check "$name: $(lost $name)" grep -q ' 0% packet loss' "$work/ping.$name"
done

say "Deleting a VM"
mctl vm delete three
check "its address cools down" equals "$(mctl pool show default -o json | jq -r .cooling)" 1
mctl vm create four >/dev/null
check "and goes to nobody else meanwhile" equals "$(address_of four)" 192.168.100.5
mctl pool show default

say "Growing the pool: what it would do"
check "four is ready" is_ready four
mctl pool expand default 192.168.0.0/16 --plan
check "nothing has changed" equals "$(pool_networks)" 192.168.100.0/24

say "Growing the pool, under running VMs that are pinged all the while"
before=$(vm_processes)
pids=()
for name in one two four; do
    # nsenter becomes ping, so that this is ping's own number.
    nsenter --net="/run/netns/$host" ping -i 0.01 "$(address_of $name)" >"$work/ping.$name" &
    pids+=($!)
done
mctl pool expand default 192.168.0.0/16 --yes
check "the host is ready for it" equals "$(pool_networks)" 192.168.0.0/16
check "the same VM processes run on" equals "$(vm_processes)" "$before"
mctl vm create five >/dev/null
check "the next VM has the first address of the new network" equals "$(address_of five)" 192.168.0.2
check "five is ready" is_ready five
check "it reaches its gateway, 192.168.0.1" equals "$(guest 192.168.0.2 "reach?192.168.0.1")" yes
check "it reaches the far side" equals "$(guest 192.168.0.2 "reach?$far")" yes
check "an old one still reaches its own, 192.168.100.1" equals "$(guest "$one" "reach?192.168.100.1")" yes
check "and the far side" equals "$(guest "$one" "reach?$far")" yes
mctl pool show default
mctl pool stats default
mctl ip why 192.168.0.2
mctl ip why 192.168.100.1

say "Taking it back"
mctl pool history default
check "is refused while five is there, which is named" is_refused_for 192.168.0.2 \
    pool rollback default --yes
mctl vm delete five
mctl pool rollback default --yes
check "the old network is back" equals "$(pool_networks)" 192.168.100.0/24
check "the same VM processes run on" equals "$(vm_processes)" "$before"
kill -INT "${pids[@]}"
wait "${pids[@]}" || true
for name in one two four; do
    check "$name: $(answers_of $name) pings answered, from before it grew to after that was taken back" all_answered $name
done

say "Others meddle with the host network"
mctl net status
tap=$(mctl vm show one -o json | jq -r .tap)
on_host ip link set "$tap" down
check "a TAP that was taken down is up again" eventually is_up "$tap"
on_host nft flush ruleset
check "a firewall that was flushed is back" eventually has_table
check "both are on record" eventually was_repaired "$tap"
mctl net drift --history
check "one reaches the far side" equals "$(guest "$one" "reach?$far")" yes

say "Where a VM may send to, changed while it runs"
mctl vm egress one --deny "$far"
check "one no longer reaches the far side" equals "$(guest "$one" "reach?$far")" no
check "two does" equals "$(guest "$two" "reach?$far")" yes
mctl vm egress one --reset >/dev/null
check "and one again" equals "$(guest "$one" "reach?$far")" yes
mctl net traffic

say "A web server in a guest, opened to the internet in three ways"
mctl external show
mctl vm create web --ipv6 >/dev/null
check "web is ready" is_ready web
web=$(address_of web)
web6=$(mctl vm show web -o json | jq -r .ipv6)
check "it has an IPv6 address that its IPv4 address leads to" equals "$web6" \
    "2001:db8:1250::$(cut -d. -f3,4 --output-delimiter=: <<<"$web")"
check "the far side sees that address when web asks" equals "$(guest "$web" "fetch?$far6/cgi-bin/whoami")" "$web6"
check "and gets nothing when it asks: everything is closed" equals "$(sees "[$web6]")" nothing
mctl vm open web tcp/80 --plan
mctl vm open web tcp/80
check "over IPv6 web sees the far side's own address" equals "$(sees "[$web6]")" 2001:db8:1250::ffff
mctl forward add 8080 web:80
check "by a port of the host it sees the far side" equals "$(sees "$uplink_address:8080")" 198.51.100.1
public=$(mctl vm attach-address web -q)
check "a one-to-one IPv4 address is given to it" equals "$public" 198.51.100.33
check "by that it sees the far side" equals "$(sees "$public")" 198.51.100.1
check "and the far side sees that, no longer the uplink's" \
    equals "$(guest "$web" "fetch?$far/cgi-bin/whoami")" "$public"
check "another VM gets in as the far side does" equals "$(guest "$one" "fetch?$public/cgi-bin/whoami")" "$one"
mctl vm open web
mctl external check web
mctl external history
check "closed again, the far side gets nothing" close_web
mctl vm delete web
check "and deleted, all of it is free" equals \
    "$(mctl external show -o json | jq -c '[.counts[] | .used]')" "[0,0,0]"

say "Who may do what"
admin_key=$(mctl key create admin --role admin -q)
viewer_key=$(mctl key create viewer --role viewer -q)
check "a viewer's key shows VMs" env MASTER_CONTROLLER_KEY="$viewer_key" "$mctl" --socket "$socket" vm list
check "and makes none" viewer_is_refused
check "a user of this machine without a key sees nothing" equals "$(stranger_gets)" 401
mctl key list
mctl audit
mctl stats
check "/metrics has how long three guests took to be ready" \
    equals "$(metric master_controller_vm_ready_seconds_count)" 3

say "The dashboard, a process without any right"
cp -r out/dashboard "$work/dashboard"
setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set=-all \
    "$work/dashboard/master-controller-dashboard" --socket "$socket" --listen $dashboard_address \
    >"$work/dashboard.log" 2>&1 &
check "serves its log-in page" eventually curl -sf $dashboard_url/login
check "and shows nothing to whoever is not logged in" equals \
    "$(curl -s -o /dev/null -w '%{http_code}' $dashboard_url/vms)" 302

complete=true
say "$held checks held, $broken did not ($((SECONDS - started)) s)"
[ "$broken" -eq 0 ]
