// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/refusals.hpp"

#include "base/text.hpp"

#include <string>

namespace ib {
namespace {

/// What the credential needs besides, where somebody else than the bucket's owner pays.
std::string to_pay(const GcsClient& client)
{
  const std::string& project = client.billing_project();
  return project.empty() ? ""
                         : " It needs serviceusage.services.use on the project " +
                               printable(project) + ", too.";
}

/// " (service account backup@p.iam.gserviceaccount.com, from ...)"
std::string who(const GcsClient& client)
{
  return " (" + client.describe_credentials() + ")";
}

}  // namespace

Error explain_refusal(Error error, const ObjectName& name, const GcsClient& client)
{
  if (error.code == Errc::denied && error.hint.empty()) {
    error.message += who(client);
    error.hint = "The credential needs storage.objects.create and storage.objects.list on gs://" +
                 client.bucket().bucket + ". To read, it also needs storage.objects.get on " +
                 name.value + "." + to_pay(client);
  }
  return error;
}

Error explain_refused_removal(Error error, const ObjectName& name, const GcsClient& client)
{
  if (error.code == Errc::denied && error.hint.empty()) {
    error.message += who(client);
    error.hint = "Removing needs storage.objects.delete on " + name.value +
                 ", and no retention policy or hold of the bucket may protect it." + to_pay(client);
  }
  return error;
}

Error explain_refused_listing(Error error, const GcsClient& client)
{
  if (error.code == Errc::not_found) {
    error.code = Errc::invalid;
    error.message = client.bucket().url() +
                    ": there is no such bucket, or this credential may not know of it" +
                    who(client);
    error.hint =
        "Check --store and GCS_BUCKET. `gcloud storage buckets list` shows a project's buckets.";
  } else if (error.code == Errc::denied && error.hint.empty()) {
    error.message += who(client);
    error.hint = "Grant this credential storage.objects.list on the bucket." + to_pay(client);
  }
  return error;
}

}  // namespace ib
