#!/usr/bin/env bash
# What the suites use besides Node and the engine, from Debian packages; nothing where it is there. Exit 3 when it cannot be had.
#   strace, iproute2   the witness of the isolation suite (without them a hook inside Node watches, and sees less)
#   postgresql-15      the database of process mode
#   postgresql-N-hypopg  indexes that are only pretended, for the Postgres server's explain and advise
#   pgbouncer, openssh   a pooler and a tunnel in front of it; openssl for its certificates
#   gcc, libc6-dev     the program that exchanges names in the race tests (else python3, else a slower loop)
set -euo pipefail
exec </dev/null
missing=()
command -v strace >/dev/null || missing+=(strace)
command -v ip >/dev/null || missing+=(iproute2)
command -v cc >/dev/null || missing+=(gcc libc6-dev)
compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql-15)
newest=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null | sort -n | tail -1)
[[ -e "/usr/share/postgresql/${newest:-15}/extension/hypopg.control" ]] || missing+=("postgresql-${newest:-15}-hypopg")
[[ -x /usr/sbin/pgbouncer ]] || missing+=(pgbouncer)
[[ -x /usr/sbin/sshd ]] || missing+=(openssh-server)
command -v ssh >/dev/null || missing+=(openssh-client)
command -v openssl >/dev/null || missing+=(openssl)
(( ${#missing[@]} )) || exit 0
if [[ "$(id -u)" != 0 ]] || ! command -v apt-get >/dev/null; then
  echo "ensure-tools: missing ${missing[*]}, and this is not root with apt" >&2; exit 3
fi
echo "ensure-tools: installing ${missing[*]}" >&2
# The suites start what they need by themselves: no service of the machine's own.
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
apt=(apt-get -qq -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
"${apt[@]}" update >/dev/null || true
"${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null || { echo "ensure-tools: apt-get install ${missing[*]} failed" >&2; exit 3; }
