#!/bin/sh
# Installs those Debian packages that `npm run platforms` needs to run other systems and that are missing,
# and says which. Wine is 64-bit only: Node for Windows needs no more.
set -eu
packages='wine wine64 qemu-user libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross libatomic1-arm64-cross'
missing=''
for package in $packages; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$status" = 'install ok installed' ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "installing$missing"
if ! command -v apt-get >/dev/null; then
  echo "platforms: no apt-get to install$missing with" >&2
  exit 1
fi
as_root=''
[ "$(id -u)" -eq 0 ] || as_root='sudo -n'
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The package lists may be old or absent; an install that fails is tried once more with new ones.
install() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >>"$log" 2>&1
}
if ! install; then
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >>"$log" 2>&1 || true
  install || { cat "$log" >&2; exit 1; }
fi
