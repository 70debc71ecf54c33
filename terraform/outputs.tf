output "gcs_bucket" {
  description = "What GCS_BUCKET is to be."
  value       = var.prefix == "" ? google_storage_bucket.backup.name : "${google_storage_bucket.backup.name}/${var.prefix}"
}

output "accounts" {
  description = "The service accounts' e-mail addresses: for annotations on GKE, or to make a key of."
  value       = { for id, account in google_service_account.account : id => account.email }
}

output "credential_configs" {
  description = "With cluster_jwks: what belongs into components/workload-identity-jwks/credential-config.yaml. Not secret."
  value = var.cluster_jwks == "" ? {} : {
    for id, account in google_service_account.account : "${id}.json" => jsonencode({
      type                              = "external_account"
      audience                          = "//iam.googleapis.com/${google_iam_workload_identity_pool_provider.cluster[0].name}"
      subject_token_type                = "urn:ietf:params:oauth:token-type:jwt"
      token_url                         = "https://sts.googleapis.com/v1/token"
      service_account_impersonation_url = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account.email}:generateAccessToken"
      credential_source                 = { file = "/var/run/secrets/google/token", format = { type = "text" } }
    })
  }
}
