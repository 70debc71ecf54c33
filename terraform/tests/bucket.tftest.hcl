# terraform test: plans alone, of a provider that is not asked anything.
mock_provider "google" {}

variables {
  project_id = "p"
  bucket     = "photos"
  location   = "europe-west3"
}

run "by_default" {
  command = plan

  assert {
    condition     = google_storage_bucket.backup.storage_class == "STANDARD" && google_storage_bucket.backup.uniform_bucket_level_access && google_storage_bucket.backup.public_access_prevention == "enforced"
    error_message = "class, uniform access, public access prevention"
  }
  assert {
    condition     = google_storage_bucket.backup.soft_delete_policy[0].retention_duration_seconds == 2592000
    error_message = "soft delete"
  }
  assert {
    condition     = google_storage_bucket.backup.versioning[0].enabled && length(google_storage_bucket.backup.retention_policy) == 0
    error_message = "versioning, and no retention policy beside it"
  }
  # The promise: no rule deletes by age what is current.
  assert {
    condition     = alltrue([for rule in google_storage_bucket.backup.lifecycle_rule : alltrue([for c in rule.condition : c.days_since_noncurrent_time == 90 && c.with_state == "ARCHIVED"])])
    error_message = "a lifecycle rule deletes what is current"
  }
  assert {
    condition     = length(google_storage_bucket_iam_member.grant) == 9 && length(google_service_account_iam_member.gke) == 0 && length(google_iam_workload_identity_pool.cluster) == 0 && length(google_billing_budget.budget) == 0
    error_message = "what is not asked for is not made"
  }
}

run "retention" {
  command = plan
  variables {
    protection     = "retention"
    retention_days = 10
  }

  assert {
    condition     = !google_storage_bucket.backup.versioning[0].enabled && google_storage_bucket.backup.retention_policy[0].retention_period == 864000 && length(google_storage_bucket.backup.lifecycle_rule) == 0
    error_message = "a retention policy, and no versioning beside it"
  }
}

run "least_roles" {
  command = plan
  variables {
    prefix = "home"
  }

  assert {
    condition     = alltrue([for role, permissions in local.roles : !contains(permissions, "storage.objects.delete") || contains(["replacer", "deleter"], role)])
    error_message = "only two roles may delete"
  }
  assert {
    condition     = google_storage_bucket_iam_member.grant["backup_replaces"].condition[0].expression == join(" || ", [for name in ["manifest.db", "manifest.json", "manifest.db.age", "manifest.json.age"] : "resource.name == \"projects/_/buckets/photos/objects/home/${name}\""])
    error_message = "the backup replaces the copies for people alone"
  }
  assert {
    condition     = google_storage_bucket_iam_member.grant["backup_reads"].condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/photos/objects/home/manifest\") || resource.name.startsWith(\"projects/_/buckets/photos/objects/home/runs/\")"
    error_message = "the backup reads manifests and runs alone"
  }
  assert {
    condition     = alltrue([for name in local.grants["pruner_deletes"].names : contains(["database/", "manifest-", "proofs/", "runs/"], name)]) && length(google_storage_bucket_iam_member.grant["pruner_deletes"].condition) == 1
    error_message = "the pruner deletes no photo"
  }
  # Whoever deletes or replaces the marker makes every run stop. Without the keys of an encrypted store, only the owner's identity opens it.
  assert {
    condition     = alltrue([for id, grant in local.grants : alltrue([for name in grant.names : !startswith("manifest.store.json", name) && !startswith("manifest.keys-20260115T030000Z.age", name)]) if contains(["replacer", "deleter"], grant.role)])
    error_message = "the marker or the keys of an encrypted store can be deleted"
  }
  assert {
    condition     = alltrue([for id, grant in local.grants : !contains(["replacer", "deleter", "reader", "prover"], grant.role) || length(grant.names) > 0])
    error_message = "a right to read or delete without a condition"
  }
}

run "two_in_one_project" {
  command = plan
  variables {
    name = "cabin-photos"
  }

  assert {
    condition     = sort([for account in google_service_account.account : account.account_id]) == tolist(["cabin-photos", "cabin-photos-pruner", "cabin-photos-reader"])
    error_message = "accounts of another backup have names of their own"
  }
  assert {
    condition     = alltrue([for role in google_project_iam_custom_role.role : startswith(role.role_id, "cabin_photos_")])
    error_message = "roles of another backup have names of their own"
  }
}

run "services" {
  command = plan
  variables {
    cluster_jwks       = "{\"keys\": []}"
    cluster_issuer     = "https://kubernetes.default.svc"
    monthly_budget_usd = 5
    billing_account    = "012345-6789AB-CDEF01"
  }

  assert {
    condition     = length(setsubtract(["iam.googleapis.com", "storage.googleapis.com", "sts.googleapis.com", "iamcredentials.googleapis.com", "billingbudgets.googleapis.com", "cloudresourcemanager.googleapis.com"], keys(google_project_service.service))) == 0 && alltrue([for service in google_project_service.service : !service.disable_on_destroy])
    error_message = "the services are on, and stay on"
  }
}

run "a_name_that_is_too_long" {
  command = plan
  variables {
    name = "the-photos-of-the-whole-family"
  }
  expect_failures = [var.name]
}

run "gke" {
  command = plan
  variables {
    gke_namespace = "immich"
  }

  assert {
    condition     = google_service_account_iam_member.gke["immich-backup"].member == "serviceAccount:p.svc.id.goog[immich/immich-backup]" && length(google_service_account_iam_member.gke) == 3
    error_message = "each account of the cluster is its own account of Google's"
  }
}

run "uploaded_keys" {
  command = plan
  variables {
    cluster_jwks   = "{\"keys\": []}"
    cluster_issuer = "https://kubernetes.default.svc"
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.cluster[0].oidc[0].jwks_json == "{\"keys\": []}" && google_iam_workload_identity_pool_provider.cluster[0].oidc[0].allowed_audiences[0] == "immich-backup"
    error_message = "the cluster's keys are uploaded"
  }
  assert {
    condition     = length(google_service_account_iam_member.cluster) == 3
    error_message = "each account of the cluster is bound"
  }
}

run "budget" {
  command = plan
  variables {
    monthly_budget_usd = 5
    billing_account    = "012345-6789AB-CDEF01"
  }

  assert {
    condition     = google_billing_budget.budget[0].amount[0].specified_amount[0].units == "5" && length(google_billing_budget.budget[0].threshold_rules) == 3
    error_message = "the budget"
  }
}

run "keys_without_an_issuer" {
  command = plan
  variables {
    cluster_jwks = "{\"keys\": []}"
  }
  expect_failures = [google_iam_workload_identity_pool_provider.cluster]
}

run "a_loss_that_nobody_can_notice" {
  command = plan
  variables {
    keep_versions_days = 1
  }
  expect_failures = [var.keep_versions_days]
}
