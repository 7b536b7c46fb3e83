#!/bin/sh
# A signer for hardkey's exec provider, one process for each signature: the message on stdin, the DER
# signature on stdout. The only argument is the file of the private key.
exec openssl dgst -sha256 -sign "$1" -binary
