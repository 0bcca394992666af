#!/usr/bin/env bash
# build-server-image.sh SERVER TAG: the image of a built server (servers/SERVER/Dockerfile) on a runtime of 143 MB that has
# node and the libraries it needs, and no shell, package manager or setuid program. Needs an engine; the runtime is made once
# a week, so that it gets security updates, and needs root and mmdebstrap.
#
# SERVER_RUNTIME  an image to stand on instead, for instance node:24-bookworm-slim
# NODE_BINARY     default: the one the workspace develops with
# DEBIAN_SUITE    default bookworm
set -euo pipefail
exec </dev/null

root=$(cd "$(dirname "$0")/.." && pwd)
server=${1:?usage: build-server-image.sh SERVER TAG}
image=${2:?usage: build-server-image.sh SERVER TAG}
suite=${DEBIAN_SUITE:-bookworm}
node=${NODE_BINARY:-$root/node_modules/node/bin/node}

give_up() { printf 'build-server-image: %s\n' "$*" >&2; exit 3; }
[[ -f "$root/servers/$server/dist/bin.js" ]] || give_up "servers/$server is not built; run pnpm build"
command -v docker >/dev/null || give_up "there is no docker client"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make_runtime() { # image
  [[ -x "$node" ]] || give_up "there is no node at $node; set NODE_BINARY"
  command -v mmdebstrap >/dev/null || give_up "mmdebstrap is not installed; set SERVER_RUNTIME to an image with node"
  local sources tree="$work/tree"
  sources=$("$root/scripts/debian-sources.sh" "$suite")
  # Unpacked, not configured: nothing of it ever runs.
  local bootstrap=(mmdebstrap --quiet --variant=extract --include=libc6,libstdc++6,libgcc-s1,base-files,netbase)
  if [[ -n "$sources" ]]; then "${bootstrap[@]}" "$suite" "$work/root.tar" - <<<"$sources" >&2
  else "${bootstrap[@]}" "$suite" "$work/root.tar" >&2; fi
  # Which mirror it came from, and this host's own names, are nobody's business.
  tar --delete -f "$work/root.tar" ./etc/apt ./var/lib/apt ./var/cache/apt
  tar --delete -f "$work/root.tar" ./etc/hostname ./etc/resolv.conf 2>/dev/null || true
  mkdir -p "$tree/usr/bin" "$tree/etc"
  cp "$node" "$tree/usr/bin/node"
  chmod 755 "$tree/usr/bin/node"
  printf 'root:x:0:0::/:/none\nnode:x:1000:1000::/:/none\n' >"$tree/etc/passwd"
  printf 'root:x:0:\nnode:x:1000:\n' >"$tree/etc/group"
  tar --append -f "$work/root.tar" --owner=0 --group=0 -C "$tree" ./usr/bin/node ./etc/passwd ./etc/group
  docker import -c 'ENV PATH=/usr/bin:/bin' "$work/root.tar" "$1" >/dev/null
  rm -f "$work/root.tar"
}

runtime=${SERVER_RUNTIME:-}
if [[ -z "$runtime" ]]; then
  runtime="mooring-test/runtime:$suite-$("$node" -p process.versions.node 2>/dev/null || echo none)-$(date -u +%G.%V)"
  docker image inspect "$runtime" >/dev/null 2>&1 || make_runtime "$runtime"
fi

# Only what the Dockerfile copies, whatever else lies in the server's folder and whichever builder the client has.
mkdir "$work/context"
cp -r "$root/servers/$server/"{Dockerfile,package.json,SKILL.md,dist} "$work/context/"
docker build -q --build-arg RUNTIME="$runtime" -t "$image" "$work/context" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
