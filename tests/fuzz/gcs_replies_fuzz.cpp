// SPDX-License-Identifier: Apache-2.0
//
// The bodies of replies of Google Cloud Storage and of the servers that issue tokens. A reply that
// is not what it should be is an error, and nothing else.
#include "app/doctor/diagnosis.hpp"
#include "fuzz/fuzz.hpp"
#include "store/gcs/bucket_api.hpp"
#include "store/gcs/gcs_api.hpp"
#include "store/gcs/token_messages.hpp"

#include <algorithm>

namespace {

using namespace ib;

template <class T>
void check_error(const Result<T>& result)
{
  if (!result) fuzz::require_safe_to_show(result.error());
}

void check_token(const Result<Token>& token)
{
  check_error(token);
  if (!token) return;
  fuzz::require(!token->value.empty() &&
                    std::ranges::all_of(token->value, [](char c) { return c > ' ' && c < 127; }),
                "a token can stand in a header");
  fuzz::require(is_nameable(token->expires), "a token expires");
}

void check_bucket(std::string_view json)
{
  Result<BucketDescription> bucket = parse_bucket(json);
  check_error(bucket);
  if (!bucket) return;
  bucket->bucket = "photos";
  const BucketSettings& settings = bucket->settings.value();
  for (const Check& each :
       {judge_location(*bucket), judge_default_class("photos", settings),
        judge_versioning(settings), judge_retention(settings), judge_soft_delete(settings),
        judge_protection("photos", settings, std::nullopt), judge_lifecycle("photos", "", settings),
        judge_autoclass("photos", settings), judge_public_access("photos", settings),
        judge_uniform_access("photos", settings), judge_encryption(settings)})
    fuzz::require(!each.name.empty(), "a check has a name");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::string_view json = fuzz::text_of_input(data, size);
  const Result<ObjectInfo> object = parse_object(json);
  check_error(object);
  fuzz::require(!object || !object->name.value.empty(), "an object has a name");
  const Result<ObjectPage> page = parse_page(json);
  check_error(page);
  if (page)
    for (const ObjectInfo& each : page->objects)
      fuzz::require(!each.name.value.empty(), "an object has a name");
  check_bucket(json);
  check_error(parse_storage_layout(json));
  check_error(parse_permissions(json));
  for (const long status : {200L, 302L, 400L, 403L, 429L, 503L}) {
    const Error error = error_from({.status = status, .body = std::string(json)}, "an object");
    fuzz::require_safe_to_show(error);
    fuzz::require(error.message.size() < 4096, "an error is short");
  }
  check_token(parse_token_reply(json, Timestamp{}));
  check_token(parse_impersonation_reply(json));
  check_error(subject_token_in(json, "access_token"));
  const std::string refusal = refusal_in(json, {"secret-0123"});
  fuzz::require_safe_to_show(refusal);
  fuzz::require(!refusal.contains("secret-0123"), "a refusal repeats no secret");
  return 0;
}
