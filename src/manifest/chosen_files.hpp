// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/digest.hpp"
#include "base/result.hpp"
#include "core/records/file_record.hpp"
#include "manifest/restore_set.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace ib {

/// A file that somebody wants back, by the path that it has in a database.
struct WantedFile {
  std::string path;          ///< as a record has it: "/upload/..."
  std::optional<Sha1> sha1;  ///< of its bytes, where the database knows it
  std::string asset;         ///< for messages: whose it is
  bool sidecar = false;
};

/// How a wanted file was found, where that is worth saying.
enum class Finding : std::uint8_t {
  missing,  ///< there is neither such a path nor such content
  differs,  ///< there is such a path, but its content is not what the database says, and nothing
            ///< else is
};

/// Wanted files on one side, what a restore brings on the other: where the content of each lies. In
/// a file of its own, so that memory does not grow with their number. One thread at a time.
class ChosenFiles {
public:
  /// Makes `file`, which must not exist.
  static Result<ChosenFiles> create(const std::string& file);
  ChosenFiles(ChosenFiles&&) noexcept;
  ~ChosenFiles();

  /// A path that is added twice counts once.
  Result<> add(const WantedFile& wanted);

  /// Looks each up in `set`. `by_content` is the manifest of a point whose audit has placed
  /// nothing: there a file that is absent, or something else than the database says, is looked for
  /// by its content, wherever that was stored. `tell` hears of those that were not found, in path
  /// order.
  Result<> resolve(const RestoreSet& set, Manifest* by_content,
                   const std::function<Result<>(Finding, const WantedFile&)>& tell);

  /// What was found, in path order: each record has the wanted path, and the object where its
  /// content lies.
  Result<std::unique_ptr<RecordCursor>> records() const;
  /// Whether one of them has this path.
  Result<bool> has(std::string_view path) const;

private:
  struct State;
  explicit ChosenFiles(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ib
