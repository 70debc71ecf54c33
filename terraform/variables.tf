variable "project_id" {
  description = "The project of Google's that pays."
  type        = string
}

variable "bucket" {
  description = "The bucket's name, unique in the world."
  type        = string
}

variable "location" {
  description = "Where the bucket lies: a region such as europe-west3, or a multi-region such as EU. It cannot be changed later."
  type        = string
}

variable "name" {
  description = "What accounts, roles and the pool are called: another name for each backup in the same project."
  type        = string
  default     = "immich-backup"

  # "NAME-reader" has 30 characters at most, and a name of a pool does not begin with gcp-.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{3,21}[a-z0-9]$", var.name)) && !startswith(var.name, "gcp-")
    error_message = "A name has 5 to 23 lower-case letters, digits and hyphens. It begins with a letter, and not with gcp-."
  }
}

variable "prefix" {
  description = "The part of gs://bucket/prefix after the bucket, without slashes at its ends; empty where the backup has the bucket for itself."
  type        = string
  default     = ""

  validation {
    condition     = !startswith(var.prefix, "/") && !endswith(var.prefix, "/")
    error_message = "A prefix has no slash at its ends."
  }
}

variable "protection" {
  description = <<-END
    What brings back an object that was deleted or overwritten. "versioning": earlier versions stay for keep_versions_days.
    "retention": nothing can be deleted or overwritten for retention_days, by anybody; prune can delete only what is older. A bucket can have one of the two.
  END
  type        = string
  default     = "versioning"

  validation {
    condition     = contains(["versioning", "retention"], var.protection)
    error_message = "protection is versioning or retention."
  }
}

variable "keep_versions_days" {
  description = "With versioning: for how many days what was deleted or overwritten can be brought back."
  type        = number
  default     = 90

  validation {
    condition     = var.keep_versions_days >= 7
    error_message = "Nobody notices a loss within less than 7 days."
  }
}

variable "retention_days" {
  description = "With retention: for how many days nothing can be deleted."
  type        = number
  default     = 30

  validation {
    condition     = var.retention_days >= 1
    error_message = "retention_days is at least 1."
  }
}

variable "soft_delete_days" {
  description = "For how many days the bucket itself keeps what was deleted: 7 to 90, or 0 for none."
  type        = number
  default     = 30

  validation {
    condition     = var.soft_delete_days == 0 || (var.soft_delete_days >= 7 && var.soft_delete_days <= 90)
    error_message = "Google allows 0, or 7 to 90 days."
  }
}

variable "gke_namespace" {
  description = "On GKE: the namespace whose service accounts may act as Google's, without a key. Empty: not on GKE."
  type        = string
  default     = ""
}

variable "cluster_jwks" {
  description = "On any other cluster: its public keys, as `kubectl get --raw /openid/v1/jwks` prints them. Empty: keys, or GKE."
  type        = string
  default     = ""
}

variable "cluster_issuer" {
  description = "With cluster_jwks: the issuer of its tokens, `kubectl get --raw /.well-known/openid-configuration | jq -r .issuer`."
  type        = string
  default     = ""

  validation {
    condition     = var.cluster_issuer == "" || startswith(var.cluster_issuer, "https://")
    error_message = "The issuer begins with https://."
  }
}

variable "cluster_namespace" {
  description = "With cluster_jwks: the namespace that the backup runs in."
  type        = string
  default     = "immich"
}

variable "billing_account" {
  description = "With monthly_budget_usd: the account that the project is billed to."
  type        = string
  default     = ""
}

variable "monthly_budget_usd" {
  description = "Google writes an e-mail to the account's administrators at half, at all and at twice this sum. 0: no budget."
  type        = number
  default     = 0
}
