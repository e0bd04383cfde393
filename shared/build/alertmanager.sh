#!/usr/bin/env bash
# Unpacks Debian's Alertmanager into a folder, for the end-to-end tests. Installing
# the package would start a service on the machine; unpacking it starts nothing.
# The program reads its templates from where the package would have put them, so
# these are copied there.
#   alertmanager.sh FOLDER
set -euo pipefail

folder=$1
templates=/usr/share/prometheus/alertmanager
[ -x "$folder/usr/bin/prometheus-alertmanager" ] && [ -e "$templates/default.tmpl" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
apt-get download -qq prometheus-alertmanager >/dev/null 2>&1 || { apt-get update -qq && apt-get download -qq prometheus-alertmanager; }
mkdir -p "$folder"
dpkg -x prometheus-alertmanager_*.deb "$folder"

as=()
((EUID == 0)) || as=(sudo)
if [ ! -e "$templates/default.tmpl" ]; then
	"${as[@]}" mkdir -p "$templates"
	"${as[@]}" cp -r --no-preserve=ownership "$folder$templates/." "$templates"
fi
