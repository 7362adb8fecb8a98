#!/bin/sh
# Installs a KDC, and programs that speak Kerberos and NTLM, when something of it is missing.
exec "$(dirname "$0")/../peers/mono/install.sh" krb5-kdc krb5-admin-server krb5-user python3-gssapi gss-ntlmssp
