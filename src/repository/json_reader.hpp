// SPDX-License-Identifier: Apache-2.0
//
// How JSON documents are written and read: those of a store, the journal of `serve`, and what the
// program's own commands print. For their sources alone.
#pragma once

#include "base/digest.hpp"
#include "base/nesting.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/names/object_name.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ib {

using Json = nlohmann::ordered_json;

/// Documents are for people as well: indented.
inline std::string dump_document(const Json& json)
{
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Reads fields out of a JSON object that anybody may have written. The first field that is not
/// what it must be is remembered, and reading goes on with defaults.
class JsonReader {
public:
  JsonReader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {}

  std::string text(const char* key, bool required = false)
  {
    const Json* value = find(key, required);
    if (value == nullptr) return {};
    if (!value->is_string()) return wrong<std::string>(key, "a text");
    return value->get<std::string>();
  }

  std::uint64_t number(const char* key)
  {
    const Json* value = find(key, false);
    if (value == nullptr) return 0;
    if (!value->is_number_unsigned()) return wrong<std::uint64_t>(key, "a whole number");
    return value->get<std::uint64_t>();
  }

  std::optional<double> amount(const char* key)
  {
    const Json* value = find(key, false);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) return wrong<std::optional<double>>(key, "a number");
    return value->get<double>();
  }

  std::vector<std::string> texts(const char* key)
  {
    std::vector<std::string> texts;
    const Json* array = array_within(key);
    if (array == nullptr) return texts;
    for (const Json& element : *array) {
      if (!element.is_string()) return wrong<std::vector<std::string>>(key, "an array of texts");
      texts.push_back(element.get<std::string>());
    }
    return texts;
  }

  bool flag(const char* key, bool required = false)
  {
    const Json* value = find(key, required);
    if (value == nullptr) return false;
    if (!value->is_boolean()) return wrong<bool>(key, "true or false");
    return value->get<bool>();
  }

  std::optional<Timestamp> time(const char* key, bool required = false)
  {
    const std::string written = text(key, required);
    if (written.empty()) return std::nullopt;
    const Result<Timestamp> parsed = parse_timestamp(written);
    return parsed ? std::optional(*parsed) : wrong<std::optional<Timestamp>>(key, "a time");
  }

  Sha256 sha256(const char* key)
  {
    const Result<Sha256> parsed = Sha256::parse(text(key, true));
    return parsed ? *parsed : wrong<Sha256>(key, "a SHA-256");
  }

  ObjectName object(const char* key)
  {
    const std::string name = text(key, true);
    return is_valid_object_name(name) ? ObjectName{name}
                                      : wrong<ObjectName>(key, "an object's name");
  }

  /// Whether there is something other than null.
  bool has(const char* key) const
  {
    const auto it = json_.find(key);
    return it != json_.end() && !it->is_null();
  }

  /// An object within this one, or null.
  const Json* object_within(const char* key)
  {
    const Json* value = find(key, false);
    if (value == nullptr || value->is_object()) return value;
    return wrong<const Json*>(key, "an object");
  }

  const Json* array_within(const char* key)
  {
    const Json* value = find(key, false);
    if (value == nullptr || value->is_array()) return value;
    return wrong<const Json*>(key, "an array");
  }

  void take_fault_of(const JsonReader& inner)
  {
    if (fault_.empty()) fault_ = inner.fault_;
  }

  Result<> finish() const
  {
    if (fault_.empty()) return {};
    return fail(Errc::corrupt, fault_);
  }

private:
  const Json* find(const char* key, bool required)
  {
    const auto it = json_.find(key);
    if (it != json_.end() && !it->is_null()) return &*it;
    if (required && fault_.empty()) fault_ = where_ + ": lacks '" + key + "'";
    return nullptr;
  }

  template <class T>
  T wrong(const char* key, const char* expected)
  {
    if (fault_.empty()) fault_ = where_ + ": '" + key + "' is not " + expected;
    return T{};
  }

  const Json& json_;
  std::string where_;
  std::string fault_;
};

/// corrupt unless it is a JSON object; `name` is what the message calls it.
inline Result<Json> parse_object(std::string_view text, std::string_view name)
{
  Json json = nests_deeper(text) ? Json() : Json::parse(text, nullptr, false);
  if (!json.is_object()) return fail(Errc::corrupt, std::string(name) + ": is not a JSON object");
  return json;
}

}  // namespace ib
