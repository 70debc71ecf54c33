// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ib::emulator {

/// A JSON value. With it, most files need no JSON library.
class Json {
public:
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json, std::less<>>;

  Json() = default;
  Json(bool value) : value_(value) {}
  Json(std::int64_t value) : value_(value) {}
  Json(double value) : value_(value) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  /// Absent if the text is not JSON.
  static std::optional<Json> parse(std::string_view text);

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  const std::string* string() const { return std::get_if<std::string>(&value_); }
  /// The member. Null if it is absent or this is not an object.
  const Json& operator[](std::string_view member) const;
  const Array& array() const;
  const Object& object() const;
  Object& mutable_object();
  /// A string, or a number as it was written. `otherwise` for anything else.
  std::string text(std::string_view otherwise = {}) const;
  /// A number, or a string of digits. Absent for anything else.
  std::optional<std::int64_t> number() const;
  bool boolean(bool otherwise = false) const;

  std::string dump() const;
  void dump(std::string& out) const;

private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

/// Appends `text` in quotes.
void append_quoted(std::string& out, std::string_view text);

/// Google's parameter `fields`: "items(name,size),nextPageToken", "items/name", "*".
class FieldMask {
public:
  /// An empty `text` selects everything.
  explicit FieldMask(std::string_view text = {});
  bool wants(std::string_view name) const { return all_ || members_.contains(name); }
  /// The mask for the parts of this member.
  const FieldMask& of(std::string_view name) const;
  Json applied(const Json& value) const;

private:
  void parse(std::string_view& text);
  bool all_ = true;
  std::map<std::string, FieldMask, std::less<>> members_;
};

/// Writes one object, member by member. Leaves out members that the mask does not select.
class ObjectWriter {
public:
  ObjectWriter(std::string& out, const FieldMask& mask) : out_(out), mask_(mask) { out_ += '{'; }
  void end() { out_ += '}'; }

  void text(std::string_view name, std::string_view value);
  void text_unless_empty(std::string_view name, std::string_view value)
  {
    if (!value.empty()) text(name, value);
  }
  void number(std::string_view name, std::uint64_t value);
  void boolean(std::string_view name, bool value);
  void raw(std::string_view name, std::string_view json);
  bool wants(std::string_view name) const { return mask_.wants(name); }

private:
  bool member(std::string_view name);
  std::string& out_;
  const FieldMask& mask_;
  bool first_ = true;
};

}  // namespace ib::emulator
