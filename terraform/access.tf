# Three accounts, each with the least that it can do with. docs/security.md says what a thief could do with each.
locals {
  # Service accounts of the cluster, and which account of Google's each one is.
  accounts = {
    immich-backup        = var.name
    immich-backup-reader = "${var.name}-reader"
    immich-backup-pruner = "${var.name}-pruner"
  }

  objects = "projects/_/buckets/${var.bucket}/objects/${var.prefix == "" ? "" : "${var.prefix}/"}"

  # role, and the objects that it holds for; none: the whole bucket
  grants = {
    # create, list, and see how the bucket is set
    backup_writes = { account = "immich-backup", role = "writer", names = [] }
    backup_reads  = { account = "immich-backup", role = "reader", names = ["manifest", "runs/"] }
    # the copies for people; in an encrypted store their names end with .age
    backup_replaces = { account = "immich-backup", role = "replacer", names = ["manifest.db", "manifest.json", "manifest.db.age", "manifest.json.age"], exact = true }

    reader_lists  = { account = "immich-backup-reader", role = "lister", names = [] }
    reader_reads  = { account = "immich-backup-reader", role = "reader", names = [""] }
    reader_proves = { account = "immich-backup-reader", role = "prover", names = ["proofs/"] }

    pruner_lists   = { account = "immich-backup-pruner", role = "lister", names = [] }
    pruner_reads   = { account = "immich-backup-pruner", role = "reader", names = ["manifest", "runs/", "proofs/"] }
    pruner_deletes = { account = "immich-backup-pruner", role = "deleter", names = ["database/", "manifest-", "proofs/", "runs/"] }
  }

  roles = {
    writer   = ["storage.buckets.get", "storage.objects.create", "storage.objects.list"]
    lister   = ["storage.buckets.get", "storage.objects.list"]
    reader   = ["storage.objects.get"]
    prover   = ["storage.objects.create"]
    replacer = ["storage.objects.delete"]
    deleter  = ["storage.objects.delete"]
  }
}

resource "google_service_account" "account" {
  for_each     = local.accounts
  account_id   = each.value
  display_name = "immich-backup: ${each.value}"
  depends_on   = [google_project_service.service]
}

resource "google_project_iam_custom_role" "role" {
  for_each    = local.roles
  role_id     = "${replace(var.name, "-", "_")}_${each.key}"
  title       = "${var.name} ${each.key}"
  permissions = each.value
  depends_on  = [google_project_service.service]
}

resource "google_storage_bucket_iam_member" "grant" {
  for_each = local.grants
  bucket   = google_storage_bucket.backup.name
  role     = google_project_iam_custom_role.role[each.value.role].id
  member   = "serviceAccount:${google_service_account.account[each.value.account].email}"

  dynamic "condition" {
    for_each = length(each.value.names) == 0 ? [] : [each.value.names]
    content {
      title = replace(each.key, "_", "-")
      expression = join(" || ", [for name in condition.value :
        try(each.value.exact, false) ? "resource.name == \"${local.objects}${name}\"" : "resource.name.startsWith(\"${local.objects}${name}\")"
      ])
    }
  }
}
