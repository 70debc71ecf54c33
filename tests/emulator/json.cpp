// SPDX-License-Identifier: Apache-2.0
#include "emulator/json.hpp"

#include "emulator/http_message.hpp"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace ib::emulator {
namespace {

Json converted(const nlohmann::json& from)
{
  if (from.is_boolean()) return from.get<bool>();
  if (from.is_number_integer()) return from.get<std::int64_t>();
  if (from.is_number()) return from.get<double>();
  if (from.is_string()) return from.get<std::string>();
  if (from.is_array()) {
    Json::Array array;
    for (const auto& item : from) array.push_back(converted(item));
    return array;
  }
  if (from.is_object()) {
    Json::Object object;
    for (const auto& [name, value] : from.items()) object.emplace(name, converted(value));
    return object;
  }
  return {};
}

}  // namespace

std::optional<Json> Json::parse(std::string_view text)
{
  const nlohmann::json parsed = nlohmann::json::parse(text, nullptr, false);
  if (parsed.is_discarded()) return std::nullopt;
  return converted(parsed);
}

const Json& Json::operator[](std::string_view member) const
{
  static const Json null;
  const auto it = object().find(member);
  return it == object().end() ? null : it->second;
}

const Json::Array& Json::array() const
{
  static const Array none;
  const auto* array = std::get_if<Array>(&value_);
  return array != nullptr ? *array : none;
}

const Json::Object& Json::object() const
{
  static const Object none;
  const auto* object = std::get_if<Object>(&value_);
  return object != nullptr ? *object : none;
}

Json::Object& Json::mutable_object()
{
  if (!is_object()) value_ = Object{};
  return std::get<Object>(value_);
}

std::string Json::text(std::string_view otherwise) const
{
  if (const std::string* text = string()) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&value_)) return std::to_string(*number);
  return std::string(otherwise);
}

std::optional<std::int64_t> Json::number() const
{
  if (const auto* number = std::get_if<std::int64_t>(&value_)) return *number;
  if (const auto* number = std::get_if<double>(&value_)) return static_cast<std::int64_t>(*number);
  if (const std::string* text = string()) return parse_signed(*text);
  return std::nullopt;
}

bool Json::boolean(bool otherwise) const
{
  const auto* value = std::get_if<bool>(&value_);
  return value != nullptr ? *value : otherwise;
}

void append_quoted(std::string& out, std::string_view text)
{
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escape.data();
    } else {
      out += c;
    }
  }
  out += '"';
}

void Json::dump(std::string& out) const
{
  if (const std::string* text = string()) {
    append_quoted(out, *text);
  } else if (is_array()) {
    out += '[';
    for (bool first = true; const Json& item : array()) {
      if (!std::exchange(first, false)) out += ',';
      item.dump(out);
    }
    out += ']';
  } else if (is_object()) {
    out += '{';
    for (bool first = true; const auto& [name, value] : object()) {
      if (!std::exchange(first, false)) out += ',';
      append_quoted(out, name);
      out += ':';
      value.dump(out);
    }
    out += '}';
  } else if (const auto* truth = std::get_if<bool>(&value_)) {
    out += *truth ? "true" : "false";
  } else if (const auto* whole = std::get_if<std::int64_t>(&value_)) {
    out += std::to_string(*whole);
  } else if (const auto* real = std::get_if<double>(&value_)) {
    out += std::to_string(*real);
  } else {
    out += "null";
  }
}

std::string Json::dump() const
{
  std::string out;
  dump(out);
  return out;
}

FieldMask::FieldMask(std::string_view text)
{
  if (!text.empty()) parse(text);
}

void FieldMask::parse(std::string_view& text)
{
  all_ = false;
  while (!text.empty() && text.front() != ')') {
    const auto end = text.find_first_of(",()/");
    const std::string_view name = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end, text.size()));
    FieldMask* mask = this;
    if (name == "*") {
      all_ = true;
    } else {
      mask = &members_[std::string(name)];
    }
    // a/b(c) means a(b(c)). Goes down one name at a time.
    while (!text.empty() && text.front() == '/') {
      text.remove_prefix(1);
      const auto next = text.find_first_of(",()/");
      const std::string_view below = trimmed(text.substr(0, next));
      text.remove_prefix(std::min(next, text.size()));
      if (below == "*") break;
      mask->all_ = false;
      mask = &mask->members_[std::string(below)];
    }
    if (!text.empty() && text.front() == '(') {
      text.remove_prefix(1);
      mask->parse(text);
      if (!text.empty()) text.remove_prefix(1);
    }
    if (!text.empty() && text.front() == ',') text.remove_prefix(1);
  }
}

const FieldMask& FieldMask::of(std::string_view name) const
{
  static const FieldMask everything;
  const auto it = members_.find(name);
  return it == members_.end() ? everything : it->second;
}

Json FieldMask::applied(const Json& value) const
{
  if (all_ && members_.empty()) return value;
  if (value.is_array()) {
    Json::Array items;
    for (const Json& item : value.array()) items.push_back(applied(item));
    return items;
  }
  Json::Object kept;
  for (const auto& [name, member] : value.object()) {
    if (wants(name)) kept.emplace(name, of(name).applied(member));
  }
  return kept;
}

bool ObjectWriter::member(std::string_view name)
{
  if (!mask_.wants(name)) return false;
  if (!std::exchange(first_, false)) out_ += ',';
  append_quoted(out_, name);
  out_ += ':';
  return true;
}

void ObjectWriter::text(std::string_view name, std::string_view value)
{
  if (member(name)) append_quoted(out_, value);
}

void ObjectWriter::number(std::string_view name, std::uint64_t value)
{
  if (member(name)) out_ += std::to_string(value);
}

void ObjectWriter::boolean(std::string_view name, bool value)
{
  if (member(name)) out_ += value ? "true" : "false";
}

void ObjectWriter::raw(std::string_view name, std::string_view json)
{
  if (member(name)) out_ += json;
}

}  // namespace ib::emulator
