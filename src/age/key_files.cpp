// SPDX-License-Identifier: Apache-2.0
//
// Files of keys, as keys.hpp has them.
#include "age/armor.hpp"
#include "age/decryption.hpp"
#include "age/header.hpp"
#include "age/keys.hpp"
#include "base/text.hpp"
#include "sys/file.hpp"

#include <algorithm>
#include <memory>

namespace ib {
namespace {

constexpr std::size_t kLargest = std::size_t{64} * 1024;

std::unexpected<Error> too_large(std::string_view name)
{
  return fail(Errc::invalid, printable(name) + ": is too large for a file of age identities",
              "Name the file that `age-keygen` wrote.");
}

/// One key in each line, beside empty lines and comments. May be none.
template <class Key>
Result<std::vector<Key>> parse_lines(std::string_view text, std::string_view name)
{
  std::vector<Key> keys;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == '#') continue;
    keys.push_back(
        TRY(Key::parse(line).context(printable(name) + ": line " + format_count(number))));
  }
  return keys;
}

Result<std::vector<AgeIdentity>> parse_identities(std::string_view text, std::string_view name)
{
  std::vector<AgeIdentity> identities = TRY(parse_lines<AgeIdentity>(text, name));
  if (identities.empty())
    return fail(Errc::invalid, printable(name) + ": there is no age identity in it",
                "`age-keygen` writes such a file.");
  return identities;
}

Result<std::vector<AgeIdentity>> parse_protected(std::string_view file, std::string_view name,
                                                 const AskPassphrase& ask)
{
  const auto plain = std::make_unique<Secret<kLargest>>();
  std::size_t size = 0;
  bool fits = true;
  AgeDecryptor decryptor(ask, [&](ByteView bytes) -> Result<> {
    fits = bytes.size() <= kLargest - size;
    if (!fits) return fail(Errc::invalid, "is too large");
    std::ranges::copy(bytes, plain->bytes.begin() + static_cast<std::ptrdiff_t>(size));
    size += bytes.size();
    return {};
  });
  Result<> read = decryptor.write(bytes_of(file));
  if (read) read = decryptor.finish();
  if (!fits) return too_large(name);
  TRY(std::move(read).context(printable(name)));
  return parse_identities(text_of(ByteView(plain->bytes).first(size)), name);
}

}  // namespace

Result<std::vector<AgeIdentity>> parse_age_identities(std::string_view text, std::string_view name,
                                                      const AskPassphrase& ask)
{
  const bool is_armored = is_armored_age_file(text);
  if (!is_armored && !is_age_file(text)) return parse_identities(text, name);
  if (!ask)
    return fail(Errc::invalid, printable(name) + ": the identity is itself encrypted",
                "Decrypt it first: `age -d` asks for its passphrase.");
  if (!is_armored) return parse_protected(text, name, ask);
  const std::vector<std::byte> file = TRY(decode_age_armor(text).context(printable(name)));
  return parse_protected(text_of(file), name, ask);
}

Result<std::vector<AgeIdentity>> load_age_identities(const std::string& path,
                                                     const AskPassphrase& ask)
{
  InputFile file = TRY(InputFile::open(path));
  const auto content = std::make_unique<Secret<kLargest + 1>>();
  const std::size_t size = TRY(file.read(content->bytes));
  if (size > kLargest) return too_large(path);
  return parse_age_identities(text_of(ByteView(content->bytes).first(size)), path, ask);
}

Result<std::vector<AgeRecipient>> load_age_recipients(const std::string& path)
{
  const std::string content = TRY(read_file(path, kLargest));
  std::vector<AgeRecipient> recipients = TRY(parse_lines<AgeRecipient>(content, path));
  if (recipients.empty())
    return fail(Errc::invalid, printable(path) + ": there is no age recipient in it",
                "`age-keygen -y FILE` prints the public half of each identity in a file.");
  return recipients;
}

}  // namespace ib
