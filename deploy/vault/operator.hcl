# Makes, lists, rotates, suspends, imports and ends keys, and uses none of them.
path "transit/keys" {
  capabilities = ["list", "read"]
}
path "transit/keys/+" {
  capabilities = ["create", "read", "update", "delete"]
}
path "transit/keys/+/rotate" {
  capabilities = ["update"]
}
path "transit/keys/+/config" {
  capabilities = ["update"]
}
path "transit/keys/+/soft-delete" {
  capabilities = ["delete"]
}
path "transit/keys/+/soft-delete-restore" {
  capabilities = ["update"]
}
path "transit/wrapping_key" {
  capabilities = ["read"]
}
path "transit/keys/+/import" {
  capabilities = ["create", "update"]
}
