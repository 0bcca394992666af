#!/usr/bin/env bash
# Leaves a Docker engine answering, or says why there is none. Idempotent; needs no terminal; several may run at once.
#
#   exit 0  an engine answers at $DOCKER_HOST (default unix:///var/run/docker.sock)
#   exit 3  none can be had here: not root, no apt, a refused install, a kernel that lacks something
#
# DOCKERD_ARGS     default "--ip 127.0.0.1": published ports are on loopback only (testcontainers cannot say so per port)
# DOCKERD_LOG      default /var/log/mooring-dockerd.log
# DOCKERD_WAIT_S   default 40
# ENSURE_DOCKER_INSTALL=0  never install
set -euo pipefail
shopt -s extglob
exec </dev/null

socket=/var/run/docker.sock
log=${DOCKERD_LOG:-/var/log/mooring-dockerd.log}
wait_s=${DOCKERD_WAIT_S:-40}
read -r -a dockerd_args <<<"${DOCKERD_ARGS---ip 127.0.0.1}"

say() { printf 'ensure-docker: %s\n' "$*" >&2; }
give_up() { say "$*"; exit 3; }
now_ms() { date +%s%3N; }
started=$(now_ms)

foreign_engine() { [[ -n "${DOCKER_HOST:-}" && "$DOCKER_HOST" != "unix://$socket" ]]; }

# One round trip; curl is 20 times faster than the client, which may not even be installed yet.
answers() {
  if ! foreign_engine; then
    [[ -S "$socket" ]] || return 1
    if command -v curl >/dev/null; then
      [[ "$(curl -s -m 3 --unix-socket "$socket" http://localhost/_ping 2>/dev/null)" == OK ]]
      return
    fi
  fi
  timeout 5 docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

finish() {
  local version
  version=$(timeout 5 docker version --format '{{.Server.Version}}, API {{.Server.APIVersion}}' 2>/dev/null || echo 'version unknown')
  say "an engine answers ($version), $(( $(now_ms) - started )) ms"
  exit 0
}

if answers; then finish; fi
if foreign_engine; then give_up "DOCKER_HOST=$DOCKER_HOST does not answer, and it is not this script's to start"; fi
[[ "$(id -u)" == 0 ]] || give_up "no engine answers, and starting one needs root"

exec 9>/run/mooring-ensure-docker.lock
flock -w 300 9 || give_up "another ensure-docker.sh has been at it for five minutes"
if answers; then finish; fi # the other one started it

if ! command -v dockerd >/dev/null; then
  [[ "${ENSURE_DOCKER_INSTALL:-1}" != 0 ]] || give_up "dockerd is not installed, and ENSURE_DOCKER_INSTALL=0"
  command -v apt-get >/dev/null || give_up "dockerd is not installed, and there is no apt-get"
  say "installing docker.io"
  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l NEEDRESTART_SUSPEND=1
  apt=(apt-get -qq -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
  "${apt[@]}" update >/dev/null 9>&- || say "apt-get update complained; trying with what is there"
  "${apt[@]}" install -y --no-install-recommends docker.io >"$log.apt" 2>&1 9>&- \
    || { tail -n 15 "$log.apt" >&2; give_up "apt-get install docker.io failed"; }
  say "installed after $(( $(now_ms) - started )) ms"
  if answers; then finish; fi # an init system may have started it
fi

# A machine that was cut off leaves pid files behind, and dockerd refuses to start while the number belongs to a live
# process, whatever that is. A zombie has no exe, a stranger another one; "(deleted)" is an upgraded binary still running.
remove_if_stale() { # pidfile program
  local pid
  pid=$(cat "$1" 2>/dev/null || true)
  [[ -n "$pid" ]] || return 0
  if [[ "$(readlink "/proc/$pid/exe" 2>/dev/null)" != */"$2"?( \(deleted\)) ]]; then
    say "removing the stale $1 ($pid)"
    rm -f "$1"
  fi
}
remove_if_stale /var/run/docker.pid dockerd
remove_if_stale /var/run/docker/containerd/containerd.pid containerd

if [[ -s /var/run/docker.pid ]]; then
  say "dockerd $(cat /var/run/docker.pid) is there but silent; waiting for it"
else
  # Hosts with cgroup v1 and no init system have mounted nothing.
  if [[ ! -e /sys/fs/cgroup/cgroup.controllers && ! -d /sys/fs/cgroup/memory ]] && command -v cgroupfs-mount >/dev/null; then
    cgroupfs-mount || true
  fi
  say "starting dockerd ${dockerd_args[*]-} (log: $log)"
  # In a session of its own and without inherited descriptors: a caller that reads our output must see its end.
  setsid bash -c '
    for fd in /proc/$$/fd/*; do n=${fd##*/}; (( n > 2 && n != 255 )) && eval "exec $n>&-"; done
    exec dockerd "$@"' dockerd ${dockerd_args[@]+"${dockerd_args[@]}"} >"$log" 2>&1 9>&- &
  child=$!
fi

why() { grep -v 'level=info' "$log" 2>/dev/null | tail -n 10 >&2 || true; }
deadline=$(( $(now_ms) + wait_s * 1000 ))
until answers; do
  if (( $(now_ms) > deadline )); then why; give_up "dockerd did not answer within $wait_s s"; fi
  if [[ -n "${child:-}" ]] && ! kill -0 "$child" 2>/dev/null; then why; give_up "dockerd ended at once; see $log"; fi
  sleep 0.1
done
finish
