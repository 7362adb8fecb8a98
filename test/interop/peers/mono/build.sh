#!/bin/sh
# Builds the Mono service and client: build.sh OUTPUT_DIRECTORY
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
out=$1
mkdir -p "$out"
references='-r:System.ServiceModel -r:System.Runtime.Serialization -r:System.Core -r:System.Xml'
mcs -nologo -warnaserror $references -out:"$out/service.exe" "$here"/contract/*.cs "$here"/service/*.cs
mcs -nologo -warnaserror $references -out:"$out/client.exe" "$here"/contract/*.cs "$here"/client/*.cs
