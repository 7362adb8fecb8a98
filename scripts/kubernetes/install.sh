#!/bin/sh
# Installs the schemas of Kubernetes, by which docs/kubernetes is checked, when they are missing.
cd "$(dirname "$0")" || exit
[ -d node_modules ] || exec npm ci --ignore-scripts --no-audit --no-fund
