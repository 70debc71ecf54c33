// SPDX-License-Identifier: Apache-2.0
#include "manifest/restore_set.hpp"

#include "manifest/cursors.hpp"
#include "manifest/record_row.hpp"
#include "manifest/sql.hpp"
#include "manifest/working_copy.hpp"

#include <utility>

namespace ib {
namespace {

constexpr std::string_view kPlacedForKey = "placed_for";

}  // namespace

struct RestoreSet::State {
  const WorkingCopy* copy;
  std::string select;
  std::optional<Statement> find = std::nullopt;
};

RestoreSet::RestoreSet(std::unique_ptr<State> state) : state_(std::move(state)) {}
RestoreSet::RestoreSet(RestoreSet&&) noexcept = default;
RestoreSet& RestoreSet::operator=(RestoreSet&&) noexcept = default;
RestoreSet::~RestoreSet() = default;

Result<RestoreSet> RestoreSet::open(const Manifest& manifest, std::string_view view,
                                    std::string_view definition)
{
  const WorkingCopy& copy = manifest.working_copy();
  TRY(execute(copy.db.get(), definition, "manifest"));
  return RestoreSet(std::make_unique<State>(
      State{.copy = &copy, .select = std::string(sql::kSelectRecords) + " " + std::string(view)}));
}

Result<RestoreSet> RestoreSet::of(const Manifest& manifest)
{
  return open(manifest, "restore_set", sql::kRestoreSet);
}

Result<RestoreSet> RestoreSet::as_in_library(const Manifest& manifest)
{
  return open(manifest, "library_set", sql::kLibrarySet);
}

Result<RestoreSet> RestoreSet::of_generation(const Manifest& manifest, std::uint64_t generation)
{
  // A view takes no parameters.
  constexpr std::string_view kPlaceholder = ":GENERATION:";
  const std::string number = std::to_string(generation);
  std::string definition(sql::kGenerationSet);
  for (std::size_t at = definition.find(kPlaceholder); at != std::string::npos;
       at = definition.find(kPlaceholder))
    definition.replace(at, kPlaceholder.size(), number);
  return open(manifest, "generation_set_" + number, definition);
}

Result<std::unique_ptr<RecordCursor>> RestoreSet::records() const
{
  return make_sorted_record_cursor(
      TRY(state_->copy->prepare(state_->select + " ORDER BY file_path")));
}

Result<std::optional<FileRecord>> RestoreSet::find(std::string_view path) const
{
  if (!state_->find)
    state_->find = TRY(state_->copy->prepare(state_->select + " WHERE file_path = ?1"));
  state_->find->bind(1, path);
  Result<std::optional<FileRecord>> record = read_first_record(*state_->find);
  state_->find->reset();
  return record;
}

Result<Placer> Placer::begin(Manifest& manifest)
{
  TRY(execute(manifest.working_copy().db.get(), sql::kBeginPlacing, "manifest"));
  return Placer(manifest);
}

Result<> Placer::place(std::string_view path, const FileRecord& content)
{
  WorkingCopy& copy = manifest_->working_copy();
  const std::int64_t number = TRY(manifest_->number_of(content));
  TRY(copy.begin_group());
  if (content.object_name() != FileRecord{.path = std::string(path), .content = {}}.object_name()) {
    const auto name = TRY(copy.use(sql::kNameContent));
    name->bind(1, number);
    name->bind(2, content.object_name().value);
    TRY(name->run());
  }
  const auto row = TRY(copy.use(sql::kPlace));
  row->bind(1, path);
  row->bind(2, number);
  bind_mtime(*row, 3, content.content.has_sha1 ? content.mtime_ns : kNoTime);
  return row->run();
}

Result<std::string> Placer::finish(std::string_view dump)
{
  WorkingCopy& copy = manifest_->working_copy();
  {
    const auto same = TRY(copy.use(sql::kPlacesTheSame));
    TRY(same->step());
    if (same->integer(0) != 0) return placed_for(*manifest_);
  }
  TRY(copy.begin_group());
  TRY(execute(copy.db.get(), sql::kTakePlaced, "manifest"));
  ++copy.revision;
  const auto row = TRY(copy.use(sql::kAnyPlaced));
  const std::string_view tied = TRY(row->step()) ? dump : std::string_view();
  TRY(manifest_->set_metadata(kPlacedForKey, tied));
  return std::string(tied);
}

Result<std::unique_ptr<RecordCursor>> placed_records(const Manifest& manifest)
{
  return make_sorted_record_cursor(TRY(manifest.working_copy().prepare(sql::kPlacedRecords)));
}

Result<std::string> placed_for(const Manifest& manifest)
{
  return TRY(manifest.metadata(kPlacedForKey)).value_or("");
}

}  // namespace ib
