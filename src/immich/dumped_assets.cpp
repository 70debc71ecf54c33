// SPDX-License-Identifier: Apache-2.0
#include "immich/dumped_assets.hpp"

#include "base/text.hpp"
#include "sys/file.hpp"

#include <array>
#include <utility>
#include <vector>

namespace ib {
namespace {

constexpr std::size_t kBuffer = std::size_t{256} * 1024;
constexpr std::string_view kNull = "\\N";

/// A column of the spool and its names in Immich's versions.
struct Column {
  std::string_view name;
  std::string_view earlier = {};
  bool needed = false;
};

enum class Spool : std::uint8_t { user, album, album_user, album_asset, asset, sidecar };
constexpr std::size_t kSpools = 6;

struct SpoolLayout {
  Spool spool;
  std::string_view table;    ///< since 1.136
  std::string_view earlier;  ///< before
  std::vector<Column> columns;
};

// The positions of the cells in a spooled row.
namespace user {
enum : std::uint8_t { id, email, name };
}
namespace album {
enum : std::uint8_t { id, owner, name, description, order, deleted };
}
namespace album_user {
enum : std::uint8_t { album, user, role };
}
namespace album_asset {
enum : std::uint8_t { album, asset };
}
namespace asset {
enum : std::uint8_t {
  id,
  owner,
  path,
  file_name,
  checksum,
  algorithm,
  external,
  live_video,
  deleted,
  status,
  local_time,
  created,
  sidecar,
  visibility,
  visible,
};
}
namespace sidecar {
enum : std::uint8_t { asset, path, type };
}

const std::vector<SpoolLayout>& layouts()
{
  static const std::vector<SpoolLayout> kLayouts{
      {.spool = Spool::user,
       .table = "user",
       .earlier = "users",
       .columns = {{.name = "id", .needed = true},
                   {.name = "email", .needed = true},
                   {.name = "name"}}},
      {.spool = Spool::album,
       .table = "album",
       .earlier = "albums",
       .columns = {{.name = "id", .needed = true},
                   {.name = "ownerId"},
                   {.name = "albumName", .needed = true},
                   {.name = "description"},
                   {.name = "order"},
                   {.name = "deletedAt"}}},
      {.spool = Spool::album_user,
       .table = "album_user",
       .earlier = "albums_shared_users_users",
       .columns = {{.name = "albumId", .earlier = "albumsId", .needed = true},
                   {.name = "userId", .earlier = "usersId", .needed = true},
                   {.name = "role"}}},
      {.spool = Spool::album_asset,
       .table = "album_asset",
       .earlier = "albums_assets_assets",
       .columns = {{.name = "albumId", .earlier = "albumsId", .needed = true},
                   {.name = "assetId", .earlier = "assetsId", .needed = true}}},
      {.spool = Spool::asset,
       .table = "asset",
       .earlier = "assets",
       .columns = {{.name = "id", .needed = true},
                   {.name = "ownerId", .needed = true},
                   {.name = "originalPath", .needed = true},
                   {.name = "originalFileName"},
                   {.name = "checksum", .needed = true},
                   {.name = "checksumAlgorithm"},
                   {.name = "isExternal", .needed = true},
                   {.name = "livePhotoVideoId"},
                   {.name = "deletedAt", .needed = true},
                   {.name = "status", .needed = true},
                   {.name = "localDateTime"},
                   {.name = "fileCreatedAt"},
                   {.name = "sidecarPath"},
                   {.name = "visibility"},   // since 1.134
                   {.name = "isVisible"}}},  // before
      {.spool = Spool::sidecar,
       .table = "asset_file",
       .earlier = "asset_files",
       .columns = {{.name = "assetId", .needed = true},
                   {.name = "path", .needed = true},
                   {.name = "type", .needed = true}}},
  };
  return kLayouts;
}

/// A file of rows in the format of COPY data.
class RowFile {
public:
  static Result<RowFile> create(const Folder& folder, const std::string& name)
  {
    PendingFile file =
        TRY(PendingFile::create(folder, name + ".partial", name, PendingFile::Sync::later));
    return RowFile(std::move(file), folder.path() + "/" + name);
  }

  Result<> write(CopyCells cells)
  {
    bool first = true;
    for (const std::string_view cell : cells) {
      if (!std::exchange(first, false)) buffer_ += '\t';
      buffer_ += cell;
    }
    buffer_ += '\n';
    return buffer_.size() < kBuffer ? Result<>() : flush();
  }

  Result<> finish()
  {
    TRY(flush());
    return file_.commit_new();
  }

  Result<> each(const std::function<Result<>(CopyCells)>& take) const
  {
    InputFile file = TRY(InputFile::open(path_));
    file.will_read_sequentially();
    std::vector<std::byte> buffer(kBuffer);
    std::vector<std::string_view> cells;
    std::string open_row;
    for (;;) {
      const std::size_t size = TRY(file.read(buffer));
      if (size == 0) return {};
      std::string_view text = text_of(ByteView(buffer).first(size));
      for (std::size_t end = text.find('\n'); end != std::string_view::npos;
           end = text.find('\n')) {
        if (!open_row.empty()) open_row += text.substr(0, end);
        split_copy_row(open_row.empty() ? text.substr(0, end) : std::string_view(open_row), cells);
        TRY(take(cells));
        open_row.clear();
        text.remove_prefix(end + 1);
      }
      open_row += text;
    }
  }

private:
  RowFile(PendingFile file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  Result<> flush()
  {
    TRY(file_.write(bytes_of(buffer_)));
    buffer_.clear();
    return {};
  }

  PendingFile file_;
  std::string path_;
  std::string buffer_;
};

std::string text_in(std::string_view cell)
{
  return copy_value(cell).value_or("");
}
bool is_true(std::string_view cell)
{
  return cell == "t";
}

Result<Uuid> uuid_in(std::string_view cell, std::string_view table)
{
  if (const std::optional<Uuid> id = parse_uuid(cell)) return *id;
  return fail(Errc::corrupt,
              "the dump: table " + std::string(table) + " has '" + printable(cell) + "' for an id");
}

/// Parses "\\x0123...": a bytea in hexadecimal, its backslash escaped.
std::optional<Sha1> sha1_in(std::string_view cell)
{
  constexpr std::string_view kPrefix = "\\\\x";
  if (!cell.starts_with(kPrefix)) return std::nullopt;
  const Result<Sha1> sha1 = Sha1::parse(cell.substr(kPrefix.size()));
  return sha1 ? std::optional(*sha1) : std::nullopt;
}

/// Of the columns of newer and of older versions.
Visibility visibility_in(std::string_view visibility, std::string_view is_visible)
{
  if (visibility == kNull) return is_visible == "f" ? Visibility::hidden : Visibility::shown;
  if (visibility == "timeline" || visibility == "archive") return Visibility::shown;
  return visibility == "hidden" ? Visibility::hidden : Visibility::locked;
}

/// Reuses `out` for each row, so that a million rows do not cost a million allocations.
Result<> read_asset(CopyCells cells, DumpedAsset& out)
{
  out.id = TRY(uuid_in(cells[asset::id], "asset"));
  out.owner = TRY(uuid_in(cells[asset::owner], "asset"));
  out.original_path = text_in(cells[asset::path]);
  out.file_name = text_in(cells[asset::file_name]);
  out.external = is_true(cells[asset::external]);
  const bool of_bytes = cells[asset::algorithm] == kNull || cells[asset::algorithm] == "sha1";
  out.sha1 = of_bytes && !out.external ? sha1_in(cells[asset::checksum]) : std::nullopt;
  out.visibility = visibility_in(cells[asset::visibility], cells[asset::visible]);
  out.live_video = parse_uuid(cells[asset::live_video]);
  out.trashed = cells[asset::deleted] != kNull || cells[asset::status] != "active";
  out.taken = parse_copy_timestamp(cells[asset::local_time]);
  // A time that is no year of four digits stays unknown: another one would be a guess.
  if (cells[asset::local_time] == kNull) out.taken = parse_copy_timestamp(cells[asset::created]);
  return {};
}

/// The location in {"location": "/data"}, as jsonb is written. Empty if it escapes other characters
/// than a quote and a backslash. No server has had such a path.
std::string location_in(std::string_view json)
{
  constexpr std::string_view kKey = R"("location": ")";
  const std::size_t at = json.find(kKey);
  if (at == std::string_view::npos) return {};
  std::string location;
  for (std::size_t i = at + kKey.size(); i < json.size() && json[i] != '"'; ++i) {
    if (json[i] == '\\') {
      ++i;
      if (i == json.size() || (json[i] != '"' && json[i] != '\\')) return {};
    }
    location += json[i];
  }
  return location;
}

}  // namespace

struct DumpedAssets::State {
  explicit State(std::vector<RowFile> spools)
      : files(std::move(spools)), rows([this](const DumpTable& table) { return sink_for(table); })
  {}

  RowFile& file(Spool spool) { return files.at(std::to_underlying(spool)); }

  Result<DumpRows::RowSink> sink_for(const DumpTable& table)
  {
    if (table.schema != "public") return DumpRows::RowSink();
    if (table.name == "system_metadata") return metadata_sink(table);
    for (const SpoolLayout& layout : layouts()) {
      if (table.name == layout.table || table.name == layout.earlier)
        return spool_sink(layout, table);
    }
    return DumpRows::RowSink();
  }

  Result<DumpRows::RowSink> spool_sink(const SpoolLayout& layout, const DumpTable& table)
  {
    std::vector<std::optional<std::size_t>> places;
    for (const Column& column : layout.columns) {
      std::optional<std::size_t> place = table.column(column.name);
      if (!place && !column.earlier.empty()) place = table.column(column.earlier);
      if (!place && column.needed) {
        if (lacking.empty()) lacking = table.name + "." + std::string(column.name);
        return DumpRows::RowSink();
      }
      places.push_back(place);
    }
    seen.at(std::to_underlying(layout.spool)) = true;
    return [this, spool = layout.spool, places = std::move(places),
            out = std::vector<std::string_view>()](CopyCells cells) mutable -> Result<> {
      out.clear();
      for (const std::optional<std::size_t> place : places)
        out.push_back(place ? cells[*place] : kNull);
      return spool_row(spool, out);
    };
  }

  Result<> spool_row(Spool spool, CopyCells cells)
  {
    // Most of the rows are thumbnails and previews, which Immich can make again.
    if (spool == Spool::sidecar && cells[sidecar::type] != "sidecar") return {};
    if (spool == Spool::asset) {
      const std::string_view path = cells[asset::sidecar];
      if (path != kNull && !path.empty())
        TRY(file(Spool::sidecar)
                .write(std::array{cells[asset::id], path, std::string_view("sidecar")}));
    }
    return file(spool).write(cells);
  }

  DumpRows::RowSink metadata_sink(const DumpTable& table)
  {
    const std::optional<std::size_t> key = table.column("key");
    const std::optional<std::size_t> value = table.column("value");
    if (!key || !value) return {};
    return [this, key = *key, value = *value](CopyCells cells) -> Result<> {
      if (cells[key] == "MediaLocation") media_location = location_in(text_in(cells[value]));
      return {};
    };
  }

  Result<> each(Spool spool, const std::function<Result<>(CopyCells)>& take) const
  {
    return files.at(std::to_underlying(spool)).each(take);
  }

  std::vector<RowFile> files;
  DumpRows rows;
  std::array<bool, kSpools> seen{};
  std::string lacking;  ///< a missing column of a known version: "asset.checksum"
  std::string media_location;
};

DumpedAssets::DumpedAssets(std::unique_ptr<State> state) : state_(std::move(state)) {}
DumpedAssets::DumpedAssets(DumpedAssets&&) noexcept = default;
DumpedAssets::~DumpedAssets() = default;

Result<DumpedAssets> DumpedAssets::create(const std::string& folder)
{
  const Folder spool = TRY(Folder::create(folder));
  std::vector<RowFile> files;
  for (const char* name : {"user", "album", "album_user", "album_asset", "asset", "sidecar"})
    files.push_back(TRY(RowFile::create(spool, name)));
  return DumpedAssets(std::make_unique<State>(std::move(files)));
}

Result<> DumpedAssets::write(ByteView plain_sql)
{
  return state_->rows.write(plain_sql);
}

Result<> DumpedAssets::finish()
{
  for (RowFile& file : state_->files) TRY(file.finish());
  for (const Spool needed : {Spool::asset, Spool::user, Spool::album, Spool::album_asset}) {
    if (state_->seen.at(std::to_underlying(needed)) && state_->lacking.empty()) continue;
    const std::string what =
        state_->lacking.empty()
            ? "table " + std::string(layouts().at(std::to_underlying(needed)).table) + " is"
            : "column " + printable(state_->lacking) + " is";
    return fail(Errc::invalid,
                "the dump's tables are not those of an Immich version that this program knows: " +
                    what + " not there",
                "Choose files by their paths instead, or restore the database and look in Immich.");
  }
  return {};
}

const std::string& DumpedAssets::media_location() const
{
  return state_->media_location;
}

Result<> DumpedAssets::each_user(const Take<PhotoUser>& take) const
{
  return state_->each(Spool::user, [&](CopyCells cells) -> Result<> {
    const Uuid id = TRY(uuid_in(cells[user::id], "user"));
    return take(
        {.id = id, .email = text_in(cells[user::email]), .name = text_in(cells[user::name])});
  });
}

Result<> DumpedAssets::each_album(const Take<DumpedAlbum>& take) const
{
  return state_->each(Spool::album, [&](CopyCells cells) -> Result<> {
    const Uuid id = TRY(uuid_in(cells[album::id], "album"));
    return take({.id = id,
                 .owner = parse_uuid(cells[album::owner]),
                 .name = text_in(cells[album::name]),
                 .description = text_in(cells[album::description]),
                 .order = text_in(cells[album::order]),
                 .deleted = cells[album::deleted] != kNull});
  });
}

Result<> DumpedAssets::each_album_user(const Take<DumpedAlbumUser>& take) const
{
  return state_->each(Spool::album_user, [&](CopyCells cells) -> Result<> {
    const Uuid album = TRY(uuid_in(cells[album_user::album], "album_user"));
    const Uuid user = TRY(uuid_in(cells[album_user::user], "album_user"));
    return take({.album = album, .user = user, .role = text_in(cells[album_user::role])});
  });
}

Result<> DumpedAssets::each_album_asset(const Take<DumpedAlbumAsset>& take) const
{
  return state_->each(Spool::album_asset, [&](CopyCells cells) -> Result<> {
    const Uuid album = TRY(uuid_in(cells[album_asset::album], "album_asset"));
    const Uuid asset = TRY(uuid_in(cells[album_asset::asset], "album_asset"));
    return take({.album = album, .asset = asset});
  });
}

Result<> DumpedAssets::each_asset(const Take<DumpedAsset>& take) const
{
  DumpedAsset row;
  return state_->each(Spool::asset, [&](CopyCells cells) -> Result<> {
    TRY(read_asset(cells, row));
    return take(row);
  });
}

Result<> DumpedAssets::each_sidecar(const Take<DumpedSidecar>& take) const
{
  return state_->each(Spool::sidecar, [&](CopyCells cells) -> Result<> {
    const Uuid asset = TRY(uuid_in(cells[sidecar::asset], "asset_file"));
    return take({.asset = asset, .path = text_in(cells[sidecar::path])});
  });
}

}  // namespace ib
