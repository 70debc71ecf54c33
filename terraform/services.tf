# What of Google's the rest makes use of. They stay on where this is destroyed, since others may use them.
resource "google_project_service" "service" {
  for_each = toset(concat(
    ["iam.googleapis.com", "storage.googleapis.com"],
    var.gke_namespace == "" && var.cluster_jwks == "" ? [] : ["iamcredentials.googleapis.com", "sts.googleapis.com"],
    var.monthly_budget_usd == 0 ? [] : ["billingbudgets.googleapis.com", "cloudresourcemanager.googleapis.com"],
  ))
  service            = each.key
  disable_on_destroy = false
}
