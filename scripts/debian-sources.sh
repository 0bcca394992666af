#!/usr/bin/env bash
# debian-sources.sh SUITE: prints the apt lines ("deb URI SUITE main") of a suite, its updates and its security suite, as
# this host's own apt has them, so that images come from the same place and no script names one.
#
# DEBIAN_MIRROR wins over the host's (DEBIAN_SECURITY_MIRROR defaults to "$DEBIAN_MIRROR-security").
# Nothing is printed where the host has no such suite: mmdebstrap then uses its own default.
set -euo pipefail
exec </dev/null
suite=${1:?usage: debian-sources.sh SUITE}

if [[ -n "${DEBIAN_MIRROR:-}" ]]; then
  mirror=${DEBIAN_MIRROR%/}
  printf 'deb %s %s main\n' \
    "$mirror" "$suite" "$mirror" "$suite-updates" "${DEBIAN_SECURITY_MIRROR:-$mirror-security}" "$suite-security"
  exit 0
fi

# apt itself knows, whether its files are one-line or deb822; suites of third parties do not match.
command -v apt-get >/dev/null || exit 0
apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
  awk -v suite="$suite" '
    $1 ~ /^https?:/ && $3 == "main" && ($2 == suite || $2 == suite "-updates" || $2 == suite "-security") { print "deb", $1, $2, $3 }' |
  LC_ALL=C sort -u
