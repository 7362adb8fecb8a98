#!/bin/sh
# Installs Prometheus, whose promtool checks what `metrics` prints, when it is missing.
command -v promtool >/dev/null || exec "$(dirname "$0")/../../interop/peers/mono/install.sh" prometheus
