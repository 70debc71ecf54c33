// SPDX-License-Identifier: Apache-2.0
#include "age/keys.hpp"

#include "age/bech32.hpp"
#include "base/text.hpp"
#include "sys/system.hpp"

#include <algorithm>

namespace ib {
namespace {

constexpr std::string_view kRecipientPrefix = "age";
constexpr std::string_view kIdentityPrefix = "age-secret-key-";
constexpr std::string_view kPublicHalf =
    "`age-keygen -y FILE` prints the public half of each identity in a file.";
constexpr std::size_t kRecipientLength = 62;  // in the X25519 kind

char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Whether `text` begins so, in either case.
bool begins(std::string_view text, std::string_view beginning)
{
  return std::ranges::equal(text.substr(0, beginning.size()), beginning, {}, lower);
}

/// Whether a secret key may be anywhere in `text`.
bool holds_secret(std::string_view text)
{
  return !std::ranges::search(text, kIdentityPrefix, {}, lower).empty();
}

/// Why `text` is no recipient. Repeats it only if it is a public key.
std::unexpected<Error> no_recipient(std::string_view text, const Error& cause)
{
  if (holds_secret(text))
    return fail(Errc::invalid,
                "a secret key is given where a recipient belongs: it must not be in a "
                "configuration",
                "A recipient is the public half and begins with age1. " + std::string(kPublicHalf));
  if (begins(text, "ssh-"))
    return fail(Errc::invalid, "an SSH key is no age recipient", "`age-keygen` makes age keys.");
  if (!begins(text, "age1"))
    return fail(Errc::invalid, "a recipient begins with age1, and this text does not",
                std::string(kPublicHalf));
  const std::string shown = printable(text.substr(0, kRecipientLength));
  // Recipients of plug-ins, of hardware and post-quantum ones have a second 1.
  if (text.find('1', kRecipientPrefix.size() + 1) != std::string_view::npos &&
      text.size() != kRecipientLength)
    return fail(Errc::invalid, "'" + shown + "': is a recipient of another kind",
                "Only keys of age's X25519 kind can be used, as `age-keygen` makes them.");
  return fail(Errc::invalid, "'" + shown + "': is no age recipient: " + cause.message,
              "Compare it with what `age-keygen` printed.");
}

/// Why `text` is no identity. Repeats nothing of it.
std::unexpected<Error> no_identity(std::string_view text, const Error& cause)
{
  constexpr std::string_view kIdentityHint =
      "An identity is one line that begins with AGE-SECRET-KEY-1, as `age-keygen` writes it.";
  if (begins(text, "age1"))
    return fail(Errc::invalid, "a recipient (public key) is given where an identity belongs",
                std::string(kIdentityHint));
  if (begins(text, "age-secret-key-pq-") || begins(text, "age-plugin-"))
    return fail(Errc::invalid, "an age identity of another kind",
                "Only keys of age's X25519 kind can be used, as `age-keygen` makes them.");
  if (has_bech32_prefix(text, kIdentityPrefix))
    return fail(Errc::invalid, "the identity is damaged: " + cause.message,
                "Take it from another copy.");
  return fail(Errc::invalid, "no age identity", std::string(kIdentityHint));
}

}  // namespace

Result<AgeRecipient> AgeRecipient::parse(std::string_view text)
{
  const std::string_view key = trimmed(text);
  const Result<Secret<32>> bytes = decode_bech32(kRecipientPrefix, key);
  if (!bytes) return no_recipient(key, bytes.error());
  const AgeRecipient recipient(X25519Point{bytes->bytes});
  // Any secret shows a point of low order, to which nothing can be encrypted.
  Secret<32> any;
  any.bytes.fill(std::byte{1});
  if (!x25519(any, recipient.point_))
    return no_recipient(key,
                        {.code = Errc::invalid, .message = "it is a point that no secret key has"});
  return recipient;
}

std::string AgeRecipient::text() const
{
  return encode_bech32(kRecipientPrefix, point_.bytes);
}

AgeIdentity::AgeIdentity(const Secret<32>& secret)
    : secret_(secret), recipient_(x25519_point(secret))
{}

AgeIdentity AgeIdentity::create()
{
  Secret<32> secret;
  fill_at_random(secret.bytes);
  return AgeIdentity(secret);
}

Result<AgeIdentity> AgeIdentity::parse(std::string_view text)
{
  const std::string_view key = trimmed(text);
  const Result<Secret<32>> secret = decode_bech32(kIdentityPrefix, key);
  if (!secret) return no_identity(key, secret.error());
  return AgeIdentity(*secret);
}

std::string AgeIdentity::secret_text() const
{
  std::string text = encode_bech32(kIdentityPrefix, secret_.bytes);
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

}  // namespace ib
