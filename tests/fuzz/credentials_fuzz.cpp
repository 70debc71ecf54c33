// SPDX-License-Identifier: Apache-2.0
//
// Files with credentials, and keys: a person may name any file as one. No error repeats a secret.
#include "fuzz/fuzz.hpp"
#include "repository/machine_key.hpp"
#include "store/gcs/credential_file.hpp"
#include "store/gcs/jwt.hpp"

#include <nlohmann/json.hpp>

namespace {

using namespace ib;

void require_no_secret_of(std::string_view json, const Error& error)
{
  constexpr std::size_t kTooLongForAWord = 16;
  const auto document = nlohmann::json::parse(json, nullptr, false);
  if (!document.is_object()) return;
  for (const char* name : {"private_key", "client_secret", "refresh_token"}) {
    const auto found = document.find(name);
    if (found == document.end() || !found->is_string()) continue;
    const auto secret = found->get<std::string>();
    fuzz::require(
        secret.size() < kTooLongForAWord || !(error.message + error.hint).contains(secret),
        "an error repeats no secret");
  }
}

bool is_safe(std::string_view url)
{
  return url.empty() || url.starts_with("https://") || url.starts_with("http://");
}

void check_account(const ExternalAccount& account)
{
  fuzz::require(is_safe(account.token_url) && is_safe(account.subject.url) &&
                    is_safe(account.impersonation_url),
                "secrets are sent to web servers alone");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::string_view text = fuzz::text_of_input(data, size);
  const Result<CredentialFile> file = parse_credential_file(text);
  if (!file) {
    require_no_secret_of(text, file.error());
    fuzz::require_safe_to_show(file.error());
  } else if (const auto* external = std::get_if<ExternalAccount>(&*file)) {
    check_account(*external);
  } else if (const auto* user = std::get_if<AuthorizedUser>(&*file)) {
    fuzz::require(is_safe(user->token_uri), "secrets are sent to web servers alone");
  } else if (const auto* service = std::get_if<ServiceAccountKey>(&*file)) {
    static_cast<void>(SigningKey::parse(service->private_key));
  }
  static_cast<void>(SigningKey::parse(text));
  static_cast<void>(account_of(text));

  const Result<MachineKey> key = MachineKey::parse(text, "machine.key");
  if (key)
    fuzz::require(MachineKey::parse(key->text(), "again")->public_key() == key->public_key(),
                  "a key is written as it was read");
  else
    fuzz::require_safe_to_show(key.error());
  const Result<PublicKey> public_key = parse_public_key(text);
  if (public_key)
    fuzz::require(parse_public_key(to_text(*public_key)) == *public_key, "a public key");
  else
    fuzz::require_safe_to_show(public_key.error());
  return 0;
}
