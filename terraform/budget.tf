data "google_project" "this" {
  count      = var.monthly_budget_usd == 0 ? 0 : 1
  depends_on = [google_project_service.service]
}

resource "google_billing_budget" "budget" {
  count           = var.monthly_budget_usd == 0 ? 0 : 1
  billing_account = var.billing_account
  display_name    = var.name

  budget_filter {
    projects = ["projects/${data.google_project.this[0].number}"]
  }

  amount {
    specified_amount {
      currency_code = "USD"
      units         = tostring(var.monthly_budget_usd)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 1.0, 2.0]
    content {
      threshold_percent = threshold_rules.value
    }
  }

  lifecycle {
    precondition {
      condition     = var.billing_account != ""
      error_message = "monthly_budget_usd needs billing_account."
    }
  }
}
