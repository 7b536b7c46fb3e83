#!/bin/sh
# A signer that is run for each signature: the message on stdin, a DER signature on stdout.
#
#   openssl.sh KEY.pem      mode once, stdin raw, output der, algorithm ES256
#
# The exit status is OpenSSL's. What it says on stderr stays out of every failure of hardkey.
set -eu
exec openssl dgst -sha256 -sign "$1"
