// SPDX-License-Identifier: Apache-2.0
#include "manifest/photo_list.hpp"

#include "base/text.hpp"
#include "manifest/record_row.hpp"
#include "manifest/sql.hpp"
#include "manifest/sqlite.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kWhat = "the list of photos";
constexpr std::int64_t kVersion = 1;
// The codes of the columns `part` and `state`.
constexpr std::int64_t kVideo = std::to_underlying(PhotoPart::video);
constexpr std::int64_t kSidecar = std::to_underlying(PhotoPart::sidecar);
constexpr std::int64_t kMissing = std::to_underlying(PhotoState::missing);
constexpr std::int64_t kOutside = std::to_underlying(PhotoState::outside);
static_assert(std::to_underlying(PhotoState::stored) == 0 &&
              std::to_underlying(PhotoState::differs) == 1 && kMissing == 2 && kOutside == 3 &&
              kVideo == 1 && kSidecar == 2);

std::int64_t seconds_of(Timestamp time)
{
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::optional<Timestamp> time_in(const Statement& row, int column)
{
  if (row.is_null(column)) return std::nullopt;
  return Timestamp(std::chrono::seconds(row.integer(column)));
}

std::unexpected<Error> no_list(std::string_view why)
{
  return fail(Errc::invalid, std::string(kWhat) + ": " + std::string(why),
              "`immich-backup photos --write-list FILE` makes one.");
}

Result<Uuid> uuid_in(const Statement& row, int column)
{
  Uuid id;
  const ByteView blob = row.blob(column);
  if (blob.size() != Uuid::kSize) return no_list("an id has the wrong length");
  std::ranges::copy(blob, id.bytes.begin());
  return id;
}

}  // namespace

struct PhotoListWriter::State {
  Database db;
  StatementCache statements = {};
  std::optional<Transaction> group = std::nullopt;

  Result<StatementCache::Use> use(std::string_view sql) { return statements.use(db.get(), sql); }
  Result<bool> add_file(std::string_view sql, const Uuid& id, PhotoPart part,
                        const std::string& path, bool is_outside)
  {
    const auto row = TRY(use(sql));
    row->bind(1, ByteView(id.bytes));
    row->bind(2, std::int64_t{std::to_underlying(part)});
    row->bind(3, path);
    row->bind(4, is_outside ? kOutside : kMissing);
    TRY(row->run());
    return sqlite3_changes(db.get()) > 0;
  }
};

PhotoListWriter::PhotoListWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
PhotoListWriter::PhotoListWriter(PhotoListWriter&&) noexcept = default;
PhotoListWriter::~PhotoListWriter() = default;

Result<PhotoListWriter> PhotoListWriter::create(const std::string& file)
{
  auto state = std::make_unique<State>(
      State{.db = TRY(open_database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, kWhat))});
  TRY(execute(state->db.get(), sql::kCreatePhotoList, kWhat));
  TRY(execute(state->db.get(), sql::kIndexPhotoVideos, kWhat));
  state->group.emplace(TRY(Transaction::begin(state->db.get(), kWhat)));
  return PhotoListWriter(std::move(state));
}

Result<> PhotoListWriter::add(const PhotoUser& user)
{
  const auto row = TRY(state_->use(sql::kAddPhotoUser));
  row->bind(1, ByteView(user.id.bytes));
  row->bind(2, user.email);
  row->bind(3, user.name);
  return row->run();
}

Result<> PhotoListWriter::add(const AlbumSummary& album, const Uuid& id)
{
  const auto row = TRY(state_->use(sql::kAddPhotoAlbum));
  row->bind(1, ByteView(id.bytes));
  row->bind(2, album.name);
  row->bind(3, album.description);
  row->bind(4, album.owner);
  row->bind(5, std::int64_t{album.deleted});
  return row->run();
}

Result<> PhotoListWriter::add(const Photo& photo, const std::optional<Uuid>& live_video)
{
  const auto row = TRY(state_->use(sql::kAddPhoto));
  row->bind(1, ByteView(photo.id.bytes));
  row->bind(2, ByteView(photo.owner.bytes));
  row->bind(3, photo.file_name);
  if (photo.taken) {
    row->bind(4, seconds_of(*photo.taken));
  } else {
    row->bind_null(4);
  }
  row->bind(5, std::int64_t{photo.trashed});
  row->bind(6, photo.path);
  if (live_video) {
    row->bind(7, ByteView(live_video->bytes));
  } else {
    row->bind_null(7);
  }
  return row->run();
}

Result<> PhotoListWriter::add_to_album(const Uuid& album, const Uuid& photo)
{
  const auto row = TRY(state_->use(sql::kAddAlbumPhoto));
  row->bind(1, ByteView(album.bytes));
  row->bind(2, ByteView(photo.bytes));
  return row->run();
}

Result<bool> PhotoListWriter::add_file(const Uuid& photo, PhotoPart part, const std::string& path,
                                       bool is_outside)
{
  return state_->add_file(sql::kAddPhotoFile, photo, part, path, is_outside);
}

Result<bool> PhotoListWriter::add_to_live(const Uuid& video, PhotoPart part,
                                          const std::string& path, bool is_outside)
{
  return state_->add_file(sql::kAddToLivePhoto, video, part, path, is_outside);
}

Result<> PhotoListWriter::place(const ChosenFiles& files, const std::vector<std::string>& differing)
{
  TRY(execute(state_->db.get(), sql::kIndexPhotoFiles, kWhat));
  for (const std::string& path : differing) {
    const auto row = TRY(state_->use(sql::kDiffers));
    row->bind(1, path);
    TRY(row->run());
  }
  const std::unique_ptr<RecordCursor> records = TRY(files.records());
  while (const std::optional<FileRecord> record = TRY(records->next())) {
    const auto row = TRY(state_->use(sql::kPlacePhotoFile));
    bind_content(*row, *record);
    bind_class(*row, 8, record->storage_class);
    bind_object(*row, 9, *record);
    TRY(row->run());
  }
  return {};
}

Result<> PhotoListWriter::finish(const PhotoListOrigin& origin)
{
  state_->statements.clear();
  TRY(execute(state_->db.get(), sql::kFinishPhotoList, kWhat));
  for (const std::string& note : origin.notes) {
    const auto row = TRY(state_->use(sql::kNotePhotoList));
    row->bind(1, note);
    TRY(row->run());
  }
  {
    const auto row = TRY(state_->use(sql::kDescribePhotoList));
    row->bind(1, origin.store);
    row->bind(2, format_iso(origin.restore_point));
    row->bind(3, static_cast<std::int64_t>(origin.not_shown));
    if (origin.obstacle) {
      row->bind(4, *origin.obstacle);
    } else {
      row->bind_null(4);
    }
    TRY(row->run());
  }
  TRY(state_->group->commit());
  state_->group.reset();
  state_->statements.clear();
  state_->db.reset();
  return {};
}

struct PhotoList::State {
  Database db;
  PhotoListOrigin origin;
  mutable StatementCache statements = {};

  Result<StatementCache::Use> use(std::string_view sql) const
  {
    return statements.use(db.get(), sql);
  }
};

PhotoList::PhotoList(std::unique_ptr<State> state) : state_(std::move(state)) {}
PhotoList::PhotoList(PhotoList&&) noexcept = default;
PhotoList::~PhotoList() = default;

Result<PhotoList> PhotoList::open(const std::string& file)
{
  auto state = std::make_unique<State>();
  state->db = TRY(open_database(file, SQLITE_OPEN_READONLY, file));
  TRY(distrust(state->db.get(), kWhat));
  // So much holds the index of 300,000 ids, by which the albums of each are looked up.
  TRY(execute(state->db.get(), sql::kReadPhotoList, kWhat));
  const auto about = state->use(sql::kAboutPhotoList);
  // Written last: without it, the file is no list, or not a whole one.
  if (!about || !TRY((*about)->step())) return no_list(file + " is not one");
  const Statement& row = **about;
  if (row.integer(0) != kVersion) return no_list(file + " is of another version of this program");
  const Result<Timestamp> time = parse_timestamp(row.text(2));
  if (!time) return no_list(file + " does not say of which restore point it is");
  state->origin = {.store = std::string(row.text(1)),
                   .restore_point = *time,
                   .not_shown = static_cast<std::uint64_t>(row.integer(3))};
  if (!row.is_null(4)) state->origin.obstacle = std::string(row.text(4));
  const auto note = TRY(state->use(sql::kNotesOfPhotoList));
  while (TRY(note->step())) state->origin.notes.emplace_back(note->text(0));
  return PhotoList(std::move(state));
}

const PhotoListOrigin& PhotoList::origin() const
{
  return state_->origin;
}

Result<std::vector<PhotoUser>> PhotoList::users() const
{
  std::vector<PhotoUser> users;
  const auto row = TRY(state_->use(sql::kPhotoUsers));
  while (TRY(row->step()))
    users.push_back({.id = TRY(uuid_in(*row, 0)),
                     .email = std::string(row->text(1)),
                     .name = std::string(row->text(2))});
  return users;
}

Result<std::vector<AlbumSummary>> PhotoList::albums() const
{
  std::vector<AlbumSummary> albums;
  const auto row = TRY(state_->use(sql::kPhotoAlbums));
  while (TRY(row->step()))
    albums.push_back({.id = to_text(TRY(uuid_in(*row, 0))),
                      .name = std::string(row->text(1)),
                      .description = std::string(row->text(2)),
                      .owner = std::string(row->text(3)),
                      .assets = static_cast<std::uint64_t>(row->integer(5)),
                      .trashed = static_cast<std::uint64_t>(row->integer(6)),
                      .first = time_in(*row, 7),
                      .last = time_in(*row, 8),
                      .deleted = row->integer(4) != 0});
  return albums;
}

Result<> PhotoList::each(const Scope& scope,
                         const std::function<Result<>(const Photo&)>& take) const
{
  const bool has_range = scope.taken && !scope.taken->undated;
  const auto row = TRY(state_->use(scope.id                    ? sql::kPhotoOfId
                                   : scope.album               ? sql::kPhotosOfAlbum
                                   : has_range                 ? sql::kPhotosOfTime
                                   : scope.order == Order::any ? sql::kPhotos
                                                               : sql::kPhotosByTime));
  if (scope.id) {
    row->bind(1, ByteView(scope.id->bytes));
  } else if (scope.album) {
    row->bind(1, ByteView(scope.album->bytes));
  } else if (has_range) {
    row->bind(1, seconds_of(scope.taken->from));
    row->bind(2, seconds_of(scope.taken->until));
  }
  Photo photo;
  while (TRY(row->step())) {
    photo.id = TRY(uuid_in(*row, 0));
    photo.owner = TRY(uuid_in(*row, 1));
    photo.file_name = row->text(2);
    photo.taken = time_in(*row, 3);
    photo.trashed = row->integer(4) != 0;
    photo.path = row->text(5);
    photo.is_whole = row->integer(6) != 0;
    TRY(take(photo));
  }
  return {};
}

Result<std::vector<PhotoFile>> PhotoList::files_of(const Uuid& photo) const
{
  constexpr int kPart = 10, kPath = 11, kState = 12;
  std::vector<PhotoFile> files;
  const auto row = TRY(state_->use(sql::kFilesOfPhoto));
  row->bind(1, ByteView(photo.bytes));
  while (TRY(row->step())) {
    const std::int64_t part = row->integer(kPart);
    const std::int64_t state = row->integer(kState);
    if (part < 0 || part > kSidecar || state < 0 || state > kOutside)
      return no_list("a file is none that this version knows");
    PhotoFile file{.part = static_cast<PhotoPart>(part),
                   .path = std::string(row->text(kPath)),
                   .state = static_cast<PhotoState>(state)};
    if (state < kMissing) file.record = TRY(read_record(*row));
    files.push_back(std::move(file));
  }
  return files;
}

Result<std::vector<Uuid>> PhotoList::albums_of(const Uuid& photo) const
{
  std::vector<Uuid> albums;
  const auto row = TRY(state_->use(sql::kAlbumsOfPhoto));
  row->bind(1, ByteView(photo.bytes));
  while (TRY(row->step())) albums.push_back(TRY(uuid_in(*row, 0)));
  return albums;
}

}  // namespace ib
