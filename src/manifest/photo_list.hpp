// SPDX-License-Identifier: Apache-2.0
//
// The photos of a restore point, as its database knows them and as a restore brings them, in an
// SQLite file of their own (docs/formats/photo-list.md). Reading a dump takes minutes; asking this
// takes milliseconds.
#pragma once

#include "base/result.hpp"
#include "core/records/albums.hpp"
#include "core/records/photo.hpp"
#include "core/selection/asset_selectors.hpp"
#include "manifest/chosen_files.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// What a list is of.
struct PhotoListOrigin {
  std::string store;
  Timestamp restore_point{};
  /// Assets that Immich shows nowhere, or only behind a PIN: they are not in the list.
  std::uint64_t not_shown = 0;
  /// Why the restore point was chosen, and the like.
  std::vector<std::string> notes = {};
  /// Why the list is not out of the point's own manifest, where it is not: then it may lack files,
  /// or name some that a restore does not bring.
  std::optional<std::string> obstacle = std::nullopt;
};

/// Makes a list: users, albums and photos first, then what an album holds and which files a photo
/// has. One thread at a time.
class PhotoListWriter {
public:
  /// Makes `file`, which must not exist.
  static Result<PhotoListWriter> create(const std::string& file);
  PhotoListWriter(PhotoListWriter&&) noexcept;
  ~PhotoListWriter();

  Result<> add(const PhotoUser& user);
  Result<> add(const AlbumSummary& album, const Uuid& id);
  /// `live_video`: the asset that is its moving half.
  Result<> add(const Photo& photo, const std::optional<Uuid>& live_video);
  /// What is no album or photo of the list is passed over.
  Result<> add_to_album(const Uuid& album, const Uuid& photo);
  /// False where the list has no such photo, by these two.
  Result<bool> add_file(const Uuid& photo, PhotoPart part, const std::string& path,
                        bool is_outside);
  /// To each photo whose moving half `video` is.
  Result<bool> add_to_live(const Uuid& video, PhotoPart part, const std::string& path,
                           bool is_outside);

  /// `differing`: the paths that resolve() told so of.
  Result<> place(const ChosenFiles& files, const std::vector<std::string>& differing);
  Result<> finish(const PhotoListOrigin& origin);

private:
  struct State;
  explicit PhotoListWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Reads one. One thread at a time.
class PhotoList {
public:
  /// invalid for a file that is no whole list, or of another version.
  static Result<PhotoList> open(const std::string& file);
  PhotoList(PhotoList&&) noexcept;
  ~PhotoList();

  const PhotoListOrigin& origin() const;
  Result<std::vector<PhotoUser>> users() const;
  /// By their names. The numbers are of the photos in the list.
  Result<std::vector<AlbumSummary>> albums() const;

  enum class Order : std::uint8_t {
    by_time,  ///< that they were taken; those without one first
    any,      ///< as they lie in the file: the fastest
  };
  /// Which photos to look at: those of one id, else of an album, else of some time; else all.
  struct Scope {
    std::optional<Uuid> id;
    std::optional<Uuid> album;
    std::optional<TakenRange> taken;
    Order order = Order::by_time;
  };
  /// An error of `take` ends the reading.
  Result<> each(const Scope& scope, const std::function<Result<>(const Photo&)>& take) const;
  Result<std::vector<PhotoFile>> files_of(const Uuid& photo) const;
  Result<std::vector<Uuid>> albums_of(const Uuid& photo) const;

private:
  struct State;
  explicit PhotoList(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ib
