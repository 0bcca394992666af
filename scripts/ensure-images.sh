#!/usr/bin/env bash
# Builds the test images from Debian and npm packages, without an image registry, and prints their names as KEY=VALUE lines
# on stdout (for `eval` or $GITHUB_ENV); progress goes to stderr. Needs root, an engine (ensure-docker.sh) and npm.
# Exit 3: something it needs cannot be had.
#
# A tag is a hash of everything that decides an image, so an edit makes new tags; the old ones are removed. Looked at in order:
#   1. the engine has the tags                                                nothing to do
#   2. $ENSURE_IMAGES_CACHE/<key>.tar.zst (written with ENSURE_IMAGES_SAVE=1)   docker load, for hosted runners
#   3. build; the root filesystem's tarball stays in the cache, and its layer the same
#
# ENSURE_IMAGES        which ones, default "postgres node emulate redis lb ryuk"
# ENSURE_IMAGES_CACHE  default ~/.cache/mooring-test-images
# DEBIAN_MIRROR        default: what this host's apt is configured with (debian-sources.sh)
set -euo pipefail
exec </dev/null

scripts=$(cd "$(dirname "$0")" && pwd)
images=$scripts/../test/images
emulator_server=$scripts/../packages/testing/src/services/emulator-server.ts
cache=${ENSURE_IMAGES_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mooring-test-images}
names=${ENSURE_IMAGES:-postgres node emulate redis lb ryuk}
. "$images/versions.env"

say() { printf 'ensure-images: %s\n' "$*" >&2; }
now_ms() { date +%s%3N; }
elapsed() { echo "$(( $(now_ms) - ${1:-$started} )) ms"; }
started=$(now_ms)

# Debian's 20.10 client holds BuildKit itself; a newer one needs the buildx plugin, and without it the old builder.
docker=$(command -v docker) || { say "there is no docker client; run scripts/ensure-docker.sh"; exit 3; }
if "$docker" buildx version >/dev/null 2>&1; then
  export DOCKER_BUILDKIT=1
elif [[ "$(/usr/bin/docker --version 2>/dev/null)" == *" 20.10."* ]]; then
  docker=/usr/bin/docker
  export DOCKER_BUILDKIT=1
else
  export DOCKER_BUILDKIT=0
fi

key=$({
  (cd "$images" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
  cat "$emulator_server" "$scripts/ensure-images.sh"
  uname -m
} | sha256sum | cut -c1-16)
tag() { echo "mooring-test/$1:$key"; }

all_there() {
  local name
  for name in $names; do "$docker" image inspect "$(tag "$name")" >/dev/null 2>&1 || return 1; done
}

print_and_exit() {
  local name
  for name in $names; do
    if [[ "$name" == ryuk ]]; then printf 'RYUK_CONTAINER_IMAGE=%s\n' "$(tag ryuk)"
    else printf 'TEST_IMAGE_%s=%s\n' "${name^^}" "$(tag "$name")"; fi
  done
  exit 0
}

"$docker" version --format '{{.Server.Version}}' >/dev/null 2>&1 || { say "no engine answers; run scripts/ensure-docker.sh"; exit 3; }
mkdir -p "$cache"
exec 9>"$cache/.lock"
flock -w 900 9 || { say "another ensure-images.sh has been at it for 15 minutes"; exit 3; }
if all_there; then say "all of them are there ($key, $(elapsed))"; print_and_exit; fi

saved="$cache/$key.tar.zst"
if [[ -s "$saved" ]] && command -v zstd >/dev/null; then
  say "loading $saved"
  zstd -qdc "$saved" | "$docker" load >&2 || true
  if all_there; then say "loaded ($(elapsed))"; print_and_exit; fi
  say "$saved did not hold them all; building"
fi

[[ "$(id -u)" == 0 ]] || { say "building a root filesystem needs root"; exit 3; }
missing=()
for program in mmdebstrap zstd; do command -v "$program" >/dev/null || missing+=("$program"); done
if (( ${#missing[@]} )); then
  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
  apt=(apt-get -qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0)
  "${apt[@]}" update >/dev/null 9>&- || true
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1 9>&- || { say "cannot install ${missing[*]}"; exit 3; }
fi

work=$(mktemp -d)
trap 'umount -l "$work/ram" 2>/dev/null || true; rm -rf "$work"' EXIT

# 1. The root filesystem. Unpacking is all small files and fsyncs: in memory it takes a half to a third of the time.
sources=$("$scripts/debian-sources.sh" "$SUITE")
rootfs="$cache/rootfs-$(sha256sum <<<"$SUITE 1 $sources" | cut -c1-12).tar"
find "$cache" -name 'rootfs-*.tar' -mtime +7 -delete # so that the next build gets security updates
if [[ ! -s "$rootfs" ]]; then
  since=$(now_ms)
  mkdir "$work/ram"
  mount -t tmpfs -o size=1g tmpfs "$work/ram" 2>/dev/null || true
  part="${rootfs%.tar}.part.tar"
  bootstrap=(mmdebstrap --quiet --variant=minbase --mode=root --dpkgopt=force-unsafe-io
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*'
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright')
  if [[ "$sources" == *https://* ]]; then bootstrap+=(--include=ca-certificates); fi
  # Without a mirror mmdebstrap takes its own default, with updates and security.
  if [[ -n "$sources" ]]; then TMPDIR="$work/ram" "${bootstrap[@]}" "$SUITE" "$part" - <<<"$sources" >&2
  else TMPDIR="$work/ram" "${bootstrap[@]}" "$SUITE" "$part" >&2; fi
  tar --delete -f "$part" ./etc/hostname ./etc/resolv.conf 2>/dev/null || true # copies of this host's
  mv "$part" "$rootfs"
  say "root filesystem, $(stat -c %s "$rootfs") bytes, $(elapsed "$since")"
fi
base=$(tag base)
"$docker" import -c 'ENV LANG=C.UTF-8' -c 'CMD ["bash"]' "$rootfs" "$base" >/dev/null

# 2. What npm has is fetched here, where its settings and certificates are, and copied in: neither ends up in an image.
case "$(uname -m)" in
  x86_64) arch=x64 ;;
  aarch64) arch=arm64 ;;
  *) say "npm has no node package for $(uname -m)"; exit 3 ;;
esac
context="$work/context"
cp -r "$images" "$context"
npm_install() { # directory package
  mkdir "$work/$1"
  echo '{"private":true}' >"$work/$1/package.json"
  npm --prefix "$work/$1" install --ignore-scripts --no-audit --no-fund --loglevel=error "$2" >"$work/$1.log" 2>&1 9>&- \
    || { cat "$work/$1.log" >&2; say "npm install $2 failed"; return 3; }
}
npm_install npm-node "node-linux-$arch@$NODE_VERSION" &
node_install=$!
npm_install npm-emulate "emulate@$EMULATE_VERSION"
wait "$node_install"
mv "$work/npm-node/node_modules/node-linux-$arch/bin/node" "$context/node/node"
mv "$work/npm-emulate/node_modules" "$context/emulate/node_modules"
find "$context/emulate" -name '*.map' -delete
echo '{"private":true,"type":"module"}' >"$context/emulate/package.json"
cp "$emulator_server" "$context/emulate/"
say "root filesystem and npm packages are there ($(elapsed))"

# 3. The images: those of Debian packages side by side, node and what stands on it one after the other.
build() { # name base-image
  local since
  since=$(now_ms)
  "$docker" build -q --build-arg BASE="$2" --label "org.mooring-test.key=$key" -t "$(tag "$1")" "$context/$1" \
    >/dev/null 2>"$work/$1.log" 9>&- || { cat "$work/$1.log" >&2; say "building $1 failed"; return 1; }
  say "built $1 in $(elapsed "$since")"
}
builds=()
for name in $names; do
  case $name in postgres | redis | lb) build "$name" "$base" & builds+=($!) ;; esac
done
build node "$base"
for name in $names; do
  case $name in emulate | ryuk) build "$name" "$(tag node)" ;; esac
done
for pid in ${builds[@]+"${builds[@]}"}; do wait "$pid"; done
say "built all ($(elapsed))"

if [[ "${ENSURE_IMAGES_SAVE:-0}" == 1 ]]; then
  since=$(now_ms)
  tags=()
  for name in $names; do tags+=("$(tag "$name")"); done
  "$docker" save "${tags[@]}" | zstd -q -T0 -3 -f -o "$saved.part"
  mv "$saved.part" "$saved"
  find "$cache" -name '*.tar.zst' ! -name "$key.tar.zst" -delete
  say "saved $saved, $(stat -c %s "$saved") bytes, $(elapsed "$since")"
fi

# Images of older keys go, unless a container uses them.
"$docker" images --format '{{.Repository}}:{{.Tag}}' | grep -E "^mooring-test/(base|${names// /|}):" | grep -v ":$key\$" |
  xargs -r "$docker" rmi >/dev/null 2>&1 || true
"$docker" image prune -f --filter label=org.mooring-test.key >/dev/null 2>&1 || true
print_and_exit
