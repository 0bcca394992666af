#!/usr/bin/env bash
# What the suites use besides Node and the engine, from Debian packages; nothing where it is there. Exit 3 when it cannot be had.
#   strace, iproute2   the witness of the isolation suite (without them a hook inside Node watches, and sees less)
#   postgresql-15      the database of process mode
#   gcc, libc6-dev     the program that exchanges names in the race tests (else python3, else a slower loop)
set -euo pipefail
exec </dev/null
missing=()
command -v strace >/dev/null || missing+=(strace)
command -v ip >/dev/null || missing+=(iproute2)
command -v cc >/dev/null || missing+=(gcc libc6-dev)
compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql-15)
(( ${#missing[@]} )) || exit 0
if [[ "$(id -u)" != 0 ]] || ! command -v apt-get >/dev/null; then
  echo "ensure-tools: missing ${missing[*]}, and this is not root with apt" >&2; exit 3
fi
echo "ensure-tools: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -qq -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
"${apt[@]}" update >/dev/null || true
"${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null || { echo "ensure-tools: apt-get install ${missing[*]} failed" >&2; exit 3; }
