# Opens what was encrypted or wrapped for one key.
path "transit/keys/readers" {
  capabilities = ["read"]
}
path "transit/decrypt/readers" {
  capabilities = ["update"]
}
