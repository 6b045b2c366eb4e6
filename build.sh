#!/usr/bin/env bash
# Builds out/bin/master-controller and out/bin/mctl, both NativeAOT, and out/dashboard/master-controller-dashboard with
# what it serves.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v dotnet >/dev/null; then
    echo "the .NET 10 SDK is missing: dotnet is not in PATH" >&2
    exit 1
fi
scripts/packages.sh build

for project in Daemon Cli Dashboard; do
    dotnet publish "src/MasterController.$project" --configuration Release --runtime linux-x64 \
        --output "out/publish/$project" --nologo --verbosity quiet
done

mkdir -p out/bin
install -m 0755 out/publish/Daemon/master-controller out/publish/Cli/mctl out/bin/
for library in out/publish/Daemon/*.so; do
    [ -e "$library" ] && install -m 0644 "$library" out/bin/
done
rm -rf out/dashboard
mkdir out/dashboard
install -m 0755 out/publish/Dashboard/master-controller-dashboard out/dashboard/
cp -r out/publish/Dashboard/wwwroot out/publish/Dashboard/*.staticwebassets.endpoints.json out/dashboard/
ls -l out/bin out/dashboard
