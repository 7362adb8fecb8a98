#!/bin/sh
# Installs etcd, the registry of test/fleet, when it is missing.
command -v etcd >/dev/null || exec "$(dirname "$0")/../interop/peers/mono/install.sh" etcd-server
