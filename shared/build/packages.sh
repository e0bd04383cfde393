#!/usr/bin/env bash
# Makes sure that Debian's packages are there: installs what is missing as root or
# with sudo, and otherwise says which one command does.
#   packages.sh PACKAGE…
set -euo pipefail

missing=()
for package in "$@"; do
	dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
done
((${#missing[@]})) || exit 0

as=()
if ((EUID != 0)); then
	if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
		printf 'These packages are missing. Install them with:\n\n  sudo apt-get update && sudo apt-get install -y --no-install-recommends %s\n\nand run this again.\n' "${missing[*]}" >&2
		exit 1
	fi
	as=(sudo)
fi
printf 'Installing: %s\n' "${missing[*]}"
log=$(mktemp)
if ! { "${as[@]}" apt-get update -qq && "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
	tail -n 30 "$log" >&2
	printf 'The packages could not be installed; see above (the whole log: %s).\n' "$log" >&2
	exit 1
fi
rm -f "$log"
