#!/bin/sh
# The signer command of LAP's gateway: base64 and a line feed on stdin, base64 on stdout.
#
#   lap.sh KEY.pem          mode once, stdin base64, lineFeed true, output base64, algorithm Ed25519
#
# Ed25519 reads its message twice, so OpenSSL 3.0 wants a file and no pipe; it refuses an empty one.
set -eu
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
base64 -d >"$work/message"
openssl pkeyutl -sign -rawin -inkey "$1" -in "$work/message" -out "$work/signature"
base64 -w0 "$work/signature"
