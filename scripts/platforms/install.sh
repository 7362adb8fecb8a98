#!/bin/sh
# Installs those Debian packages that `npm run platforms` needs to run other systems and that are missing,
# and says which. Wine is 64-bit only: Node for Windows needs no more.
exec "$(dirname "$0")/../../test/interop/peers/mono/install.sh" wine wine64 qemu-user \
  libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross libatomic1-arm64-cross
