# No lifecycle rule deletes by age what is current. An unchanged library rests on an old manifest, and a backup that has stopped must not lose its
# last dump: `immich-backup prune` knows what may go.
resource "google_storage_bucket" "backup" {
  name     = var.bucket
  location = var.location

  # LIST is billed at the bucket's class, and the program names the class of each object itself.
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  soft_delete_policy {
    retention_duration_seconds = var.soft_delete_days * 86400
  }

  versioning {
    enabled = var.protection == "versioning"
  }

  dynamic "retention_policy" {
    for_each = var.protection == "retention" ? [var.retention_days] : []
    content {
      retention_period = retention_policy.value * 86400
    }
  }

  # Of versions that are not current any more, since somebody deleted or overwrote them.
  dynamic "lifecycle_rule" {
    for_each = var.protection == "versioning" ? [var.keep_versions_days] : []
    content {
      action {
        type = "Delete"
      }
      condition {
        days_since_noncurrent_time = lifecycle_rule.value
        with_state                 = "ARCHIVED"
      }
    }
  }

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.service]
}
