#!/usr/bin/env bash
# sweep-test-containers.sh [MINUTES]: removes containers (with their anonymous volumes) and unused networks that carry
# testcontainers' label and are older than MINUTES (default 60). 0 takes a parallel run's too: only where nothing else tests.
set -euo pipefail
exec </dev/null
minutes=${1:-60}
before=$(( $(date +%s) - minutes * 60 ))
label=label=org.testcontainers=true

is_old() { # kind id; what is gone already is not old
  local created
  created=$(docker "$1" inspect -f '{{json .Created}}' "$2" 2>/dev/null | tr -d '"') || return 1
  (( $(date -d "$created" +%s) <= before ))
}

docker ps -aq --no-trunc --filter "$label" | while read -r id; do
  if is_old container "$id" && docker rm -fv "$id" >/dev/null 2>&1; then echo "sweep: removed container ${id:0:12}" >&2; fi
done
docker network ls -q --filter "$label" | while read -r id; do
  [[ "$(docker network inspect -f '{{len .Containers}}' "$id" 2>/dev/null)" == 0 ]] || continue
  if is_old network "$id" && docker network rm "$id" >/dev/null 2>&1; then echo "sweep: removed network $id" >&2; fi
done
