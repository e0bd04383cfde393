#!/usr/bin/env bash
# Unpacks Debian's Alertmanager into a folder, for the end-to-end tests. Installing
# the package would start a service on the machine; unpacking it starts nothing.
#   alertmanager.sh FOLDER
set -euo pipefail

folder=$1
[ -x "$folder/usr/bin/prometheus-alertmanager" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
apt-get download -qq prometheus-alertmanager >/dev/null 2>&1 || { apt-get update -qq && apt-get download -qq prometheus-alertmanager; }
mkdir -p "$folder"
dpkg -x prometheus-alertmanager_*.deb "$folder"
