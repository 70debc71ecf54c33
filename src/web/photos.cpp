// SPDX-License-Identifier: Apache-2.0
#include "web/photos.hpp"

#include "base/text.hpp"
#include "core/names/uuid.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>
#include <vector>

namespace ib {
namespace {

/// A list takes some hundred bytes a photo.
constexpr std::size_t kKeptLists = 3;
constexpr std::size_t kLongestValue = 1024;
/// A list never changes: its restore point does not.
constexpr std::chrono::hours kLong{24};
/// What asks the store may fail, and succeed soon after.
constexpr std::chrono::seconds kFresh{5};

// The options of `photos` and `download` that a question may have.
constexpr std::array<std::string_view, 7> kSelectors{"album", "user",    "taken", "name",
                                                     "asset", "trashed", "below"};
constexpr std::array<std::string_view, 3> kListing{"by", "skip", "limit"};
// Of one answer: the page asks for the rest.
constexpr std::uint64_t kMostPhotos = 1000;

/// What a browser shows and cannot run. What is not here is downloaded.
struct MediaType {
  std::string_view end, type;
};
constexpr std::array<MediaType, 14> kShown{{{".jpg", "image/jpeg"},
                                            {".jpeg", "image/jpeg"},
                                            {".png", "image/png"},
                                            {".gif", "image/gif"},
                                            {".webp", "image/webp"},
                                            {".avif", "image/avif"},
                                            {".bmp", "image/bmp"},
                                            {".heic", "image/heic"},
                                            {".heif", "image/heif"},
                                            {".jxl", "image/jxl"},
                                            {".mp4", "video/mp4"},
                                            {".m4v", "video/mp4"},
                                            {".mov", "video/quicktime"},
                                            {".webm", "video/webm"}}};

std::string value_of(const Photos::Query& query, const std::string& key)
{
  const auto found = query.find(key);
  return found == query.end() ? "" : found->second;
}

bool is_plain(const std::string& value)
{
  return value.size() <= kLongestValue && is_valid_utf8(value) &&
         std::ranges::none_of(
             value, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

/// "--album=..." and so on, each with its value, so that none can be another option.
template <std::size_t N>
void pass_on(const Photos::Query& query, const std::array<std::string_view, N>& names,
             Answers::Arguments& arguments)
{
  for (const auto& [key, value] : query)
    if (!value.empty() && std::ranges::find(names, key) != names.end())
      arguments.push_back(std::string("--").append(key).append("=").append(value));
}

bool is_approved(const Photos::Query& query)
{
  return value_of(query, "approved") == "yes";
}

std::string end_of(const std::string& name)
{
  const std::size_t dot = name.rfind('.');
  std::string end = dot == name.npos ? "" : name.substr(dot);
  std::ranges::transform(end, end.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return end;
}

/// The first problem of a report, or what else was said.
std::string problem_in(const std::string& json_or_text)
{
  const Json json = Json::parse(json_or_text, nullptr, false);
  if (json.is_object() && json.contains("problems") && json["problems"].is_array() &&
      !json["problems"].empty() && json["problems"].front().is_object())
    return JsonReader(json["problems"].front(), "").text("message");
  std::string line = json_or_text.substr(0, json_or_text.find('\n'));
  constexpr std::string_view kProgram = "immich-backup: ";
  if (line.starts_with(kProgram)) line.erase(0, kProgram.size());
  return line;
}

}  // namespace

Result<std::size_t> Download::read(std::span<std::byte> buffer)
{
  const std::size_t size = TRY(process_.read(buffer));
  if (size > 0) return size;
  const Exit exit = TRY(process_.finish());
  constexpr int kIncomplete = 3, kDamage = 4;
  // What was passed on is right also where the whole is incomplete.
  if (exit.status == 0 || exit.status == kIncomplete) return 0;
  if (may_lack_ && exit.status == kDamage) return 0;
  return fail(Errc::io, problem_in(exit.stderr_tail));
}

Result<std::unique_ptr<Photos>> Photos::create(
    std::function<Program(const Answers::Arguments&)> program, const std::string& folder,
    const std::function<Timestamp()>& now, const std::stop_token& stop)
{
  Folder lists = TRY(Folder::create(folder, Readers::owner));
  for (const FolderEntry& entry : TRY(lists.entries()))
    if (entry.kind == FileKind::file) TRY(lists.remove_file(entry.name));
  return std::unique_ptr<Photos>(new Photos(std::move(program), std::move(lists), now, stop));
}

PageAnswer Photos::ask(Answers& answers, const Answers::Arguments& arguments,
                       std::chrono::seconds at_most_so_old)
{
  const auto answer = answers.ask(arguments, at_most_so_old);
  if (!answer) return refusal(503, answer.error().message);
  if (!Json::accept((*answer)->text)) return refusal(503, "the command gave no answer");
  constexpr int kUsage = 2;
  return {.status = (*answer)->exit_status == kUsage ? 400 : 200, .body = (*answer)->text};
}

std::variant<std::string, PageAnswer> Photos::list_file(const Query& query)
{
  for (const auto& [key, value] : query)
    if (!is_plain(value)) return refusal(400, "'" + printable(key) + "' is no text");
  const Result<Timestamp> at = parse_timestamp(value_of(query, "at"));
  if (!at) return refusal(400, "at is the time of a restore point");
  const std::string time = format_iso(*at);
  const std::string name = time + ".db";
  std::string path = folder_.path() + "/" + name;
  if (folder_.stat(name)) return path;
  const std::lock_guard one(listing_);
  if (folder_.stat(name)) return path;
  Answers::Arguments arguments{"photos", "--at=" + time, "--write-list=" + path, "--by=year",
                               "--json"};
  if (is_approved(query)) arguments.emplace_back("--yes");
  const auto answer = stores_answers_.ask(arguments, std::chrono::seconds(0));
  if (!answer) return refusal(503, answer.error().message);
  if (folder_.stat(name)) {
    remove_old_lists();
    return path;
  }
  if (!Json::accept((*answer)->text)) return refusal(503, "the command gave no answer");
  return PageAnswer{.status = (*answer)->exit_status == 2 ? 400 : 200, .body = (*answer)->text};
}

void Photos::remove_old_lists()
{
  const Result<std::vector<FolderEntry>> entries = folder_.entries();
  if (!entries) return;
  std::vector<std::pair<std::int64_t, std::string>> lists;
  for (const FolderEntry& entry : *entries)
    if (const Result<FileStat> stat = folder_.stat(entry.name))
      lists.emplace_back(stat->mtime_ns, entry.name);
  std::ranges::sort(lists, std::greater());
  for (std::size_t i = kKeptLists; i < lists.size(); ++i)
    static_cast<void>(folder_.remove_file(lists[i].second));
}

PageAnswer Photos::list(const Query& query)
{
  std::variant<std::string, PageAnswer> file = list_file(query);
  if (auto* refused = std::get_if<PageAnswer>(&file)) return *refused;
  Query limited = query;
  const std::optional<std::uint64_t> limit = parse_number<std::uint64_t>(value_of(query, "limit"));
  limited.erase("limit");
  limited.emplace("limit", std::to_string(std::min(limit.value_or(kMostPhotos), kMostPhotos)));
  Answers::Arguments arguments{"photos", "--list=" + std::get<std::string>(file), "--json"};
  pass_on(limited, kSelectors, arguments);
  pass_on(limited, kListing, arguments);
  return ask(answers_, arguments, kLong);
}

PageAnswer Photos::price(const Query& query)
{
  std::variant<std::string, PageAnswer> file = list_file(query);
  if (auto* refused = std::get_if<PageAnswer>(&file)) return *refused;
  Answers::Arguments arguments{"download", "--list=" + std::get<std::string>(file), "--dry-run",
                               "--json"};
  const std::string part = value_of(query, "part");
  arguments.push_back(part.empty() ? "--zip" : "--part=" + part);
  pass_on(query, kSelectors, arguments);
  return ask(stores_answers_, arguments, kFresh);
}

std::variant<Json, PageAnswer> Photos::photo(const Query& query)
{
  const std::optional<Uuid> id = parse_uuid(value_of(query, "asset"));
  if (!id) return refusal(400, "asset is the id of a photo");
  PageAnswer answer = list({{"at", value_of(query, "at")},
                            {"approved", value_of(query, "approved")},
                            {"asset", to_text(*id)}});
  const Json json = Json::parse(answer.body, nullptr, false);
  const Json* photos = json.is_object() ? JsonReader(json, "").array_within("photos") : nullptr;
  if (answer.status != 200 || photos == nullptr) return answer;
  if (photos->empty()) return refusal(404, "this restore point has no such photo");
  return photos->front();
}

PageAnswer Photos::history(const Query& query)
{
  std::variant<Json, PageAnswer> found = photo(query);
  if (auto* refused = std::get_if<PageAnswer>(&found)) return *refused;
  return ask(stores_answers_,
             {"history", "--json", "--", JsonReader(std::get<Json>(found), "").text("path")},
             kFresh);
}

std::variant<OpenDownload, PageAnswer> Photos::begin(Answers::Arguments arguments,
                                                     const Query& query, bool may_lack)
{
  if (is_approved(query)) arguments.emplace_back("--yes");
  if (++running_ > kMostDownloads) {
    --running_;
    return refusal(503, "others are being downloaded: try again when one has ended");
  }
  Result<Subprocess> process = Subprocess::start(program_(arguments), stop_);
  if (!process) {
    --running_;
    return refusal(503, process.error().message);
  }
  process->close_stdin();
  OpenDownload open;
  open.bytes = std::make_unique<Download>(*std::move(process), may_lack, running_);
  return open;
}

std::variant<OpenDownload, PageAnswer> Photos::open_zip(const Query& query)
{
  std::variant<std::string, PageAnswer> file = list_file(query);
  if (auto* refused = std::get_if<PageAnswer>(&file)) return *refused;
  Answers::Arguments arguments{"download", "--list=" + std::get<std::string>(file), "--zip"};
  pass_on(query, kSelectors, arguments);
  std::variant<OpenDownload, PageAnswer> open = begin(std::move(arguments), query, true);
  if (auto* download = std::get_if<OpenDownload>(&open)) {
    const std::string title = value_of(query, "title");
    download->name = (title.empty() ? "photos" : title) + ".zip";
    download->type = "application/zip";
  }
  return open;
}

std::variant<OpenDownload, PageAnswer> Photos::open_file(const Query& query)
{
  std::variant<Json, PageAnswer> found = photo(query);
  if (auto* refused = std::get_if<PageAnswer>(&found)) return *refused;
  const Json& photo = std::get<Json>(found);
  std::string part = value_of(query, "part");
  if (part.empty()) part = "original";
  const Json* files = JsonReader(photo, "").array_within("files");
  const Json* wanted = nullptr;
  if (files != nullptr)
    for (const Json& each : *files)
      if (JsonReader(each, "").text("part") == part && each.contains("size")) wanted = &each;
  if (wanted == nullptr)
    return refusal(404, "this restore point does not bring this file of the photo");
  std::variant<std::string, PageAnswer> file = list_file(query);
  if (auto* refused = std::get_if<PageAnswer>(&file)) return *refused;
  std::variant<OpenDownload, PageAnswer> open =
      begin({"download", "--list=" + std::get<std::string>(file),
             "--asset=" + value_of(query, "asset"), "--part=" + part},
            query, false);
  if (auto* download = std::get_if<OpenDownload>(&open)) {
    const std::string path = JsonReader(*wanted, "").text("path");
    download->size = JsonReader(*wanted, "").number("size");
    download->name = part == "original" ? JsonReader(photo, "").text("file_name")
                                        : path.substr(path.rfind('/') + 1);
    download->type = "application/octet-stream";
    for (const MediaType& shown : kShown) {
      if (end_of(path) != shown.end) continue;
      download->type = shown.type;
      download->can_be_shown = true;
    }
  }
  return open;
}

}  // namespace ib
