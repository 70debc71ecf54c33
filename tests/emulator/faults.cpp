// SPDX-License-Identifier: Apache-2.0
#include "emulator/faults.hpp"

namespace ib::emulator {
namespace {

std::optional<std::uint64_t> unsigned_of(const Json& value)
{
  const auto number = value.number();
  if (!number || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

/// Returns "", or what is wrong with the rule.
std::string parse_rule(const Json& from, FaultRule& rule)
{
  const std::map<std::string, std::string*, std::less<>> texts{
      {"id", &rule.id},     {"kind", &rule.kind},         {"method", &rule.method},
      {"path", &rule.path}, {"object", &rule.object},     {"retryAfter", &rule.retry_after},
      {"body", &rule.body}, {"redirect", &rule.redirect}, {"noSize", &rule.no_size}};
  const std::map<std::string, std::uint64_t*, std::less<>> numbers{
      {"nth", &rule.nth},
      {"times", &rule.times},
      {"forMs", &rule.for_ms},
      {"stallMs", &rule.stall_ms},
      {"bytesPerSecond", &rule.bytes_per_second}};
  const std::map<std::string, std::optional<std::uint64_t>*, std::less<>> places{
      {"resetInBody", &rule.reset_in_body},   {"storeOnly", &rule.store_only},
      {"cutReply", &rule.cut_reply},          {"stallInBody", &rule.stall_in_body},
      {"stallInReply", &rule.stall_in_reply}, {"flipStored", &rule.flip_stored},
      {"flipReply", &rule.flip_reply}};
  const std::map<std::string, bool*, std::less<>> switches{{"resetBefore", &rule.reset_before},
                                                           {"resetAfter", &rule.reset_after},
                                                           {"notJson", &rule.not_json},
                                                           {"noDate", &rule.no_date},
                                                           {"gzipReply", &rule.gzip_reply}};
  const std::map<std::string, int*, std::less<>> codes{{"status", &rule.status},
                                                       {"loseUpload", &rule.lose_upload}};
  if (!from.is_object()) return "a rule is not an object";
  for (const auto& [name, value] : from.object()) {
    const auto number = unsigned_of(value);
    if (const auto text = texts.find(name); text != texts.end()) {
      *text->second = value.text();
    } else if (const auto flag = switches.find(name); flag != switches.end()) {
      *flag->second = value.boolean();
    } else if (!number) {
      return "not a number, or an unknown member: " + name;
    } else if (const auto count = numbers.find(name); count != numbers.end()) {
      *count->second = *number;
    } else if (const auto place = places.find(name); place != places.end()) {
      *place->second = number;
    } else if (const auto code = codes.find(name); code != codes.end()) {
      *code->second = static_cast<int>(*number);
    } else {
      return "unknown member: " + name;
    }
  }
  return {};
}

}  // namespace

void FaultScript::add(FaultRule rule)
{
  const std::scoped_lock lock(mutex_);
  if (rule.id.empty()) rule.id = "fault " + std::to_string(entries_.size() + 1);
  entries_.push_back({.rule = std::move(rule)});
}

std::string FaultScript::add_json(std::string_view text)
{
  const auto parsed = Json::parse(text);
  if (!parsed) return "not JSON";
  const Json::Array list = parsed->is_array() ? parsed->array() : Json::Array{*parsed};
  std::vector<FaultRule> rules(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    std::string wrong = parse_rule(list[i], rules[i]);
    if (!wrong.empty()) return wrong;
  }
  for (FaultRule& rule : rules) add(std::move(rule));
  return {};
}

void FaultScript::clear()
{
  const std::scoped_lock lock(mutex_);
  entries_.clear();
}

std::optional<FaultRule> FaultScript::next(std::string_view kind, std::string_view method,
                                           std::string_view target, std::string_view object)
{
  const std::scoped_lock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  Entry* due = nullptr;
  for (Entry& entry : entries_) {
    const FaultRule& rule = entry.rule;
    if (!rule.kind.empty() && rule.kind != kind) continue;
    if (!rule.method.empty() && rule.method != method) continue;
    if (!rule.path.empty() && target.find(rule.path) == std::string_view::npos) continue;
    if (!rule.object.empty() && object.find(rule.object) == std::string_view::npos) continue;
    ++entry.matched;
    if (due != nullptr || entry.matched < rule.nth) continue;
    if (rule.for_ms != 0) {
      if (entry.hits > 0 && now - entry.first_hit >= std::chrono::milliseconds(rule.for_ms))
        continue;
    } else if (rule.times != 0 && entry.hits >= rule.times) {
      continue;
    }
    due = &entry;
  }
  if (due == nullptr) return std::nullopt;
  if (due->hits++ == 0) due->first_hit = now;
  return due->rule;
}

std::vector<FaultReport> FaultScript::report() const
{
  const std::scoped_lock lock(mutex_);
  std::vector<FaultReport> reports;
  for (const Entry& entry : entries_) reports.push_back({entry.rule.id, entry.hits});
  return reports;
}

std::string FaultScript::report_json() const
{
  Json::Array list;
  bool all = true;
  for (const FaultReport& report : report()) {
    all = all && report.hits > 0;
    list.emplace_back(
        Json::Object{{"id", report.id}, {"hits", static_cast<std::int64_t>(report.hits)}});
  }
  return Json(Json::Object{{"faults", std::move(list)}, {"allHit", all}}).dump();
}

}  // namespace ib::emulator
