#!/bin/sh
# Installs Chromium, in which the dashboard is looked at, when it is missing.
command -v chromium >/dev/null || exec "$(dirname "$0")/../../interop/peers/mono/install.sh" chromium
