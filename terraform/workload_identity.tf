# On GKE the metadata server vouches for the pods.
resource "google_service_account_iam_member" "gke" {
  for_each           = var.gke_namespace == "" ? {} : google_service_account.account
  service_account_id = each.value.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:${var.project_id}.svc.id.goog[${var.gke_namespace}/${each.key}]"
}

# Elsewhere Google checks the cluster's tokens by the keys that are uploaded here. It need not reach the cluster.
resource "google_iam_workload_identity_pool" "cluster" {
  count                     = var.cluster_jwks == "" ? 0 : 1
  workload_identity_pool_id = var.name
  display_name              = var.name
  depends_on                = [google_project_service.service]
}

resource "google_iam_workload_identity_pool_provider" "cluster" {
  count                              = var.cluster_jwks == "" ? 0 : 1
  workload_identity_pool_id          = google_iam_workload_identity_pool.cluster[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "cluster"
  attribute_mapping                  = { "google.subject" = "assertion.sub" }
  attribute_condition                = "assertion.sub.startsWith(\"system:serviceaccount:${var.cluster_namespace}:immich-backup\")"

  oidc {
    issuer_uri        = var.cluster_issuer
    allowed_audiences = ["immich-backup"]
    jwks_json         = var.cluster_jwks
  }

  lifecycle {
    precondition {
      condition     = var.cluster_issuer != ""
      error_message = "cluster_jwks needs cluster_issuer."
    }
  }
}

resource "google_service_account_iam_member" "cluster" {
  for_each           = var.cluster_jwks == "" ? {} : google_service_account.account
  service_account_id = each.value.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principal://iam.googleapis.com/${google_iam_workload_identity_pool.cluster[0].name}/subject/system:serviceaccount:${var.cluster_namespace}:${each.key}"
}
