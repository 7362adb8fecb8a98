#!/bin/sh
# Installs HAProxy, which test/port-sharing/daemon/fronts puts in front of daemons, when it is missing.
command -v haproxy >/dev/null || exec "$(dirname "$0")/../../../interop/peers/mono/install.sh" haproxy
