# Makes, lists, rotates, suspends, imports and ends keys, uses none of them, and lets none of them out.
path "transit/keys" {
  capabilities = ["list"]
}
path "transit/keys/+" {
  capabilities      = ["create", "read", "update", "delete"]
  denied_parameters = { "exportable" = [], "allow_plaintext_backup" = [] }
}
path "transit/keys/+/rotate" {
  capabilities = ["update"]
}
path "transit/keys/+/config" {
  capabilities       = ["update"]
  allowed_parameters = { "deletion_allowed" = [] }
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
  capabilities      = ["create", "update"]
  denied_parameters = { "exportable" = [], "allow_plaintext_backup" = [] }
}
