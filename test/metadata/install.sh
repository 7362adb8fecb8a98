#!/bin/sh
# Installs libxml2's xmllint, and the schemas of WSDL and XML Schema, which check what services say of themselves.
[ -e /usr/bin/xmllint ] && [ -e /usr/lib/python3/dist-packages/xmlschema/schemas/WSDL/wsdl.xsd ] ||
  exec "$(dirname "$0")/../interop/peers/mono/install.sh" libxml2-utils python3-xmlschema
