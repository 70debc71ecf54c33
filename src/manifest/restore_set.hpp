// SPDX-License-Identifier: Apache-2.0
//
// What a restore of a point brings, and where. Whatever claims something of that reads it here: the
// audit, the drill, `verify`, `status`, listings, and the restore itself.
#pragma once

#include "core/records/file_record.hpp"
#include "manifest/manifest.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// The files of a point, out of a manifest, which must outlive it. One thread at a time.
class RestoreSet {
public:
  /// The rows that are not archived, and what the audit placed: content that Immich's database
  /// names at a path where the library has nothing, or something else.
  static Result<RestoreSet> of(const Manifest& manifest);
  /// The rows alone: the library's own bytes, at its own paths. Also for a point without an audit.
  static Result<RestoreSet> as_in_library(const Manifest& manifest);
  /// The rows as the run of `generation` left them, out of the history of a newer manifest. For a
  /// point whose own manifest is gone: what was placed then is not known any more.
  static Result<RestoreSet> of_generation(const Manifest& manifest, std::uint64_t generation);

  RestoreSet(RestoreSet&&) noexcept;
  RestoreSet& operator=(RestoreSet&&) noexcept;
  ~RestoreSet();

  /// In the byte order of their paths. Nothing may be written meanwhile.
  Result<std::unique_ptr<RecordCursor>> records() const;
  Result<std::optional<FileRecord>> find(std::string_view path) const;

private:
  struct State;
  explicit RestoreSet(std::unique_ptr<State> state);
  static Result<RestoreSet> open(const Manifest& manifest, std::string_view view,
                                 std::string_view definition);
  std::unique_ptr<State> state_;
};

/// Places content for a restore, anew and as a whole: what one audit says. One thread at a time.
class Placer {
public:
  /// `manifest` must outlive it.
  static Result<Placer> begin(Manifest& manifest);

  /// The object of `content` is what a restore puts at `path`.
  Result<> place(std::string_view path, const FileRecord& content);

  /// Puts this in the place of what an earlier audit has placed, for the dump of that name. The
  /// manifest counts as changed only if the two differ. Returns the name of the dump that what the
  /// manifest has now was placed for: an earlier one where nothing differs, and "" where nothing is
  /// placed.
  Result<std::string> finish(std::string_view dump);

private:
  explicit Placer(Manifest& manifest) : manifest_(&manifest) {}
  Manifest* manifest_;
};

/// What the audit has placed: paths in byte order, each with the content that a restore puts there.
/// Nothing may be written meanwhile.
Result<std::unique_ptr<RecordCursor>> placed_records(const Manifest& manifest);

/// As Placer::finish() has returned it.
Result<std::string> placed_for(const Manifest& manifest);

}  // namespace ib
