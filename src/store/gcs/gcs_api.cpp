// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/gcs_api.hpp"

#include "base/text.hpp"
#include "store/gcs/json_reply.hpp"

#include <array>

namespace ib {
namespace {

using nlohmann::json;

// Longer than any object's description. Google's sentences are short.
constexpr std::size_t kLongestSentence = 500;
constexpr std::size_t kWholeSeconds = std::string_view("2026-01-15T03:00:00").size();

std::string text_field(const json& object, const char* name)
{
  const auto field = object.find(name);
  return field != object.end() && field->is_string() ? field->get<std::string>() : std::string();
}

Result<ObjectInfo> object_from(const json& object)
{
  ObjectInfo info{.name = {text_field(object, "name")}};
  // Google's JSON writes 64-bit numbers as strings.
  info.size = parse_number<std::uint64_t>(text_field(object, "size"));
  if (info.name.value.empty())
    return fail(Errc::unavailable, "the store's reply describes no object");
  info.generation = parse_number<std::uint64_t>(text_field(object, "generation")).value_or(0);
  if (const Result<Crc32c> crc = Crc32c::parse_base64(text_field(object, "crc32c")))
    info.crc32c = *crc;
  info.storage_class = parse_storage_class(text_field(object, "storageClass"));
  // "2026-01-15T03:00:00.123Z": what is less than a second is cut off.
  const std::string created = text_field(object, "timeCreated").substr(0, kWholeSeconds);
  if (const Result<Timestamp> time = parse_timestamp(created)) info.created = *time;
  const auto metadata = object.find("metadata");
  if (metadata != object.end() && metadata->is_object()) {
    for (const auto& [key, value] : metadata->items()) {
      if (value.is_string()) info.metadata[key] = value.get<std::string>();
    }
  }
  return info;
}

/// The server's own message. Empty if the body is not Google's JSON, because a page of HTML does
/// not belong in an error.
std::string sentence_in(std::string_view body)
{
  const json reply = parse_json(body);
  if (!reply.is_object()) return {};
  const auto error = reply.find("error");
  if (error == reply.end()) return {};
  std::string sentence =
      error->is_object() ? text_field(*error, "message") : text_field(reply, "error_description");
  if (sentence.size() > kLongestSentence) sentence.resize(kLongestSentence);
  return printable(sentence);
}

/// Whether an error has one of these reasons
/// (https://cloud.google.com/storage/docs/json_api/v1/status-codes#403-forbidden).
bool has_reason(std::string_view body, std::initializer_list<std::string_view> reasons)
{
  const json reply = parse_json(body);
  const json::json_pointer errors("/error/errors");
  if (!reply.is_object() || !reply.contains(errors) || !reply.at(errors).is_array()) return false;
  return std::ranges::any_of(reply.at(errors), [&](const json& error) {
    return error.is_object() &&
           std::ranges::find(reasons, text_field(error, "reason")) != reasons.end();
  });
}

/// Too many requests.
bool is_rate_limit(std::string_view body)
{
  return has_reason(body, {"rateLimitExceeded", "userRateLimitExceeded"});
}

/// Nobody pays for the bucket any more: no right that could be granted would help.
bool is_unpaid(std::string_view body)
{
  return has_reason(body, {"accountDisabled", "userProjectAccountProblem"});
}

std::optional<std::chrono::milliseconds> retry_after(const HttpResponse& response)
{
  const std::optional<std::uint64_t> seconds =
      parse_number<std::uint64_t>(response.header("retry-after"));
  if (seconds && *seconds < 24UL * 3600) return std::chrono::seconds(*seconds);
  return std::nullopt;
}

}  // namespace

std::string percent_encode(std::string_view text)
{
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      encoded += c;
    } else {
      const std::byte byte{static_cast<unsigned char>(c)};
      encoded += "%" + to_hex({&byte, 1});
    }
  }
  return encoded;
}

std::string object_resource(const std::string& full_name, const Metadata& metadata,
                            const std::string& content_type, std::optional<Crc32c> crc32c,
                            StorageClass storage_class, const std::string& content_encoding)
{
  json resource{{"name", full_name},
                {"contentType", content_type},
                {"storageClass", to_string(storage_class)}};
  if (!content_encoding.empty()) resource["contentEncoding"] = content_encoding;
  if (!metadata.empty()) resource["metadata"] = metadata;
  if (crc32c) resource["crc32c"] = crc32c->base64();
  return resource.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<ObjectInfo> parse_object(std::string_view text)
{
  const json object = parse_json(text);
  if (!object.is_object()) return fail(Errc::unavailable, "the store's reply is not JSON");
  return object_from(object);
}

Result<ObjectPage> parse_page(std::string_view text)
{
  const json reply = parse_json(text);
  if (!reply.is_object()) return fail(Errc::unavailable, "the store's listing is not JSON");
  ObjectPage page{.objects = {}, .next_token = text_field(reply, "nextPageToken")};
  const auto items = reply.find("items");
  if (items == reply.end()) return page;
  if (!items->is_array())
    return fail(Errc::unavailable, "the store's listing has no list of items");
  for (const json& item : *items) page.objects.push_back(TRY(object_from(item)));
  return page;
}

Error error_from(const HttpResponse& response, std::string_view what)
{
  const std::string sentence = sentence_in(response.body);
  Error error{.code = Errc::invalid,
              .message = std::string(what) + ": status " + std::to_string(response.status) +
                         (sentence.empty() ? "" : ": " + sentence)};
  const long status = response.status;
  if (response.is_transient()) {
    error.code = Errc::unavailable;
    error.retry_after = retry_after(response);
    // Overload concerns all threads, even if the server does not say for how long.
    if (!error.retry_after && (status == 429 || status == 503))
      error.retry_after = std::chrono::milliseconds(0);
  } else if (status == 403 && is_rate_limit(response.body)) {
    error.code = Errc::unavailable;
    error.retry_after = retry_after(response).value_or(std::chrono::milliseconds(0));
  } else if (status == 401 || status == 403) {
    error.code = Errc::denied;
    if (status == 403 && is_unpaid(response.body)) {
      error.hint =
          "Nothing is wrong with the credential. Look at the billing account of the bucket's "
          "project, at https://console.cloud.google.com/billing: Google deletes what nobody pays "
          "for after some weeks.";
    }
  } else if (status == 404) {
    error.code = Errc::not_found;
  } else if (status == 412) {
    error.code = Errc::precondition_failed;
  } else if (status == 400 && sentence.contains("doesn't match calculated")) {
    error.code = Errc::corrupt;
  } else if (status == 400 && sentence.contains("requester pays bucket")) {
    error.hint =
        "Who asks this bucket pays for it, and not its owner. Name the project that pays with "
        "--billing-project. The credential needs serviceusage.services.use on it.";
  } else if (status >= 300 && status < 400) {
    error.message =
        std::string(what) + ": answered with a redirect to " + host_of(response.header("location"));
    error.hint =
        "Google Cloud Storage does not answer this way. Check STORAGE_EMULATOR_HOST and the "
        "network's proxy.";
  } else if (status >= 200 && status < 300) {
    error.code = Errc::unavailable;
  } else if (status >= 500) {
    error.code = Errc::io;
    error.hint =
        "Google Cloud Storage supports this request, so something else may have answered. Check "
        "STORAGE_EMULATOR_HOST and the network's proxy.";
  }
  return error;
}

std::optional<Crc32c> crc32c_in(std::string_view x_goog_hash)
{
  constexpr std::string_view kKey = "crc32c=";
  const std::size_t at = x_goog_hash.find(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  const Result<Crc32c> crc = Crc32c::parse_base64(x_goog_hash.substr(at + kKey.size(), 8));
  return crc ? std::optional(*crc) : std::nullopt;
}

Result<std::uint64_t> stored_bytes(const HttpResponse& response)
{
  const std::string_view range = response.header("range");
  if (range.empty()) return 0UL;
  constexpr std::string_view kPrefix = "bytes=0-";
  const std::optional<std::uint64_t> last =
      range.starts_with(kPrefix) ? parse_number<std::uint64_t>(range.substr(kPrefix.size()))
                                 : std::nullopt;
  if (!last) return fail(Errc::unavailable, "the store does not say how much of an upload it has");
  return *last + 1;
}

std::optional<Timestamp> parse_http_date(std::string_view text)
{
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  for (std::size_t month = 0; month < kMonths.size(); ++month) {
    if (text.substr(8, 3) != kMonths.at(month)) continue;
    const std::string number = std::to_string(month + 1);
    const std::string iso = std::string(text.substr(12, 4)) + "-" + (number.size() < 2 ? "0" : "") +
                            number + "-" + std::string(text.substr(5, 2)) + "T" +
                            std::string(text.substr(17, 8)) + "Z";
    const Result<Timestamp> time = parse_timestamp(iso);
    return time ? std::optional(*time) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace ib
