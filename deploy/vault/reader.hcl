# Opens what was encrypted or wrapped for one key.
path "transit/keys/readers" {
  capabilities = ["read"]
}
path "transit/decrypt/readers" {
  capabilities = ["update"]
}
# For the command alone: it looks the versions before a rotation up by the name of their key.
path "transit/keys" {
  capabilities = ["list"]
}
