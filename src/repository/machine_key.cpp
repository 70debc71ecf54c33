// SPDX-License-Identifier: Apache-2.0
#include "repository/machine_key.hpp"

#include "base/text.hpp"
#include "sys/file.hpp"
#include "sys/secret.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kPublicPrefix = "ed25519:";
constexpr std::string_view kSecretPrefix = "IMMICH-BACKUP-MACHINE-KEY-1:";
constexpr std::uint64_t kLargestKeyFile = std::uint64_t{16} * 1024;
constexpr std::size_t kShownDigits = 16;
// Three keys out of one secret. Another purpose needs another label.
constexpr std::string_view kSigningLabel = "immich-backup/1/signing";
constexpr std::string_view kTaggingLabel = "immich-backup/1/tagging";
constexpr std::string_view kOpeningLabel = "immich-backup/1/opening";

std::string without_spaces(std::string_view text)
{
  std::string plain;
  std::ranges::copy_if(text, std::back_inserter(plain),
                       [](char c) { return c != ' ' && c != '\n' && c != '\r' && c != '\t'; });
  return plain;
}

}  // namespace

std::string to_text(const PublicKey& key)
{
  return std::string(kPublicPrefix) + key.hex();
}

std::string short_text(const PublicKey& key)
{
  return std::string(kPublicPrefix) + key.hex().substr(0, kShownDigits);
}

Result<PublicKey> parse_public_key(std::string_view text)
{
  const std::string plain = without_spaces(text);
  Result<PublicKey> key = PublicKey::parse(
      plain.starts_with(kPublicPrefix) ? std::string_view(plain).substr(kPublicPrefix.size()) : "");
  if (key) return key;
  return fail(Errc::invalid, "'" + printable(text) + "': is no public key",
              "It is ed25519: and 64 digits, as `immich-backup init` and `recovery-kit` print it.");
}

MachineKey::MachineKey(const Sha256& secret)
    : secret_(secret),
      signing_(derived_key(secret.bytes, kSigningLabel)),
      tagging_(derived_key(secret.bytes, kTaggingLabel)),
      opening_(hkdf_sha256(secret.bytes, {}, kOpeningLabel))
{}

MachineKey::~MachineKey()
{
  wipe(secret_.bytes);
  wipe(tagging_.bytes);
}

MachineKey MachineKey::create()
{
  Sha256 secret;
  fill_at_random(secret.bytes);
  MachineKey key(secret);
  wipe(secret.bytes);
  return key;
}

Result<MachineKey> MachineKey::parse(std::string_view text, std::string_view name)
{
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line = without_spaces(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(kSecretPrefix)) continue;
    Sha256 secret;
    if (from_hex(std::string_view(line).substr(kSecretPrefix.size()), secret.bytes))
      return MachineKey(secret);
  }
  return fail(Errc::invalid, printable(name) + ": is no machine key",
              "`immich-backup init` makes one. If this was one, take it from a copy of it.");
}

std::string MachineKey::text() const
{
  return "# The machine key of an Immich backup. Keep it secret, and keep a copy of it.\n"
         "# Its public half: " +
         to_text(public_key()) + "\n" + std::string(kSecretPrefix) + secret_.hex() + "\n";
}

Result<MachineKey> load_machine_key(const std::string& path)
{
  return MachineKey::parse(TRY(read_file(path, kLargestKeyFile)), path);
}

Result<MachineKey> create_machine_key(const std::string& path)
{
  const std::string absolute = absolute_path(path);
  const std::size_t slash = absolute.rfind('/');
  if (slash == std::string::npos || slash + 1 == absolute.size())
    return fail(Errc::invalid, path + ": is no file's name");
  const std::string name = absolute.substr(slash + 1);
  Folder folder = TRY(Folder::create(slash == 0 ? "/" : absolute.substr(0, slash), Readers::owner));
  folder.set_readers(Readers::owner);
  MachineKey key = MachineKey::create();
  PendingFile file = TRY(PendingFile::create(folder, name + ".part", name, PendingFile::Sync::now));
  TRY(file.write(bytes_of(key.text())));
  TRY(file.commit_new());
  return key;
}

}  // namespace ib
