# Signs with one key, and reads its public half. Wrapping for readers takes their public key alone.
path "transit/keys/issuer" {
  capabilities = ["read"]
}
path "transit/sign/issuer" {
  capabilities = ["update"]
}
path "transit/keys/readers" {
  capabilities = ["read"]
}
