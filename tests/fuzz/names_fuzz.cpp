// SPDX-License-Identifier: Apache-2.0
//
// Names of objects, and paths of files, that anybody may have chosen.
#include "base/text.hpp"
#include "core/names/extra_root.hpp"
#include "core/names/object_name.hpp"
#include "core/names/removable_name.hpp"
#include "core/names/restore_path.hpp"
#include "fuzz/fuzz.hpp"
#include "immich/dumped_assets.hpp"
#include "immich/media_paths.hpp"
#include "manifest/older_manifest.hpp"

#include <array>

namespace {

using namespace ib;

void check_name(const ObjectName& name)
{
  if (const auto time = manifest_time(name))
    fuzz::require(manifest_name(*time) == name, "a manifest has one name");
  if (const auto time = restore_point_time(name))
    fuzz::require(restore_point_name(*time) == name, "a restore point has one name");
  if (const auto time = proof_time(name))
    fuzz::require(proof_name(*time) == name, "a proof has one name");
  static_cast<void>(dump_time(name));
  static_cast<void>(checkpoint_number(name));
  static_cast<void>(taken_in_number(name));
  static_cast<void>(run_start(run_of(name)));
  if (const auto removable = RemovableName::of(name)) {
    for (const std::string_view kept : {kLibraryPrefix, kVersionsPrefix, kHashedPrefix})
      fuzz::require(!removable->name().value.starts_with(kept), "no photo can be removed");
    fuzz::require(name.value != kStoreMarker, "the store's marker cannot be removed");
    fuzz::require(is_valid_object_name(name.value), "what is removed has a valid name");
  }
}

void check_path(std::string_view path)
{
  if (const Result<std::string> inside = restore_path(path)) {
    fuzz::require(!inside->empty() && !inside->contains('\0'), "a restored file has a name");
    for (const std::string_view component : fuzz::split(*inside, '/'))
      fuzz::require(!component.empty() && component != "." && component != "..",
                    "a restored file lies below the target");
    fuzz::require("/" + *inside == path, "a file is restored at its own path");
  } else {
    fuzz::require_safe_to_show(inside.error());
  }
  for (const ObjectName& name : candidate_names(path, Sha256{}, Sha256{}, true, "0123456789abcdef"))
    fuzz::require(is_valid_object_name(name.value), "a file is stored under a valid name");
  if (const auto name = library_name(path))
    fuzz::require(name->value == "library" + std::string(path), "a name tells its path");
  if (const auto root = extra_root_of(path))
    fuzz::require(path.starts_with(kExtraRootsPrefix) && !root->contains('/'),
                  "an extra root's name is one component");
  const MediaPaths media({"/data", "upload"}, {{.name = "nas", .folder = "/mnt/nas"}});
  if (const auto inside = media.in_backup(path))
    for (const std::string_view component : fuzz::split(*inside, '/'))
      fuzz::require(component != "..", "a path of the database stays below its root");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::string_view text = fuzz::text_of_input(data, size);
  check_name({std::string(text)});
  check_path(text);
  const std::string shown = printable(text);
  fuzz::require_safe_to_show(shown);
  fuzz::require_safe_to_show(shell_quoted(text));
  fuzz::require(is_valid_utf8(to_utf8(text)), "JSON holds UTF-8");
  fuzz::require(unescape_bytes(escape_bytes(text)) == text, "escaped bytes come back");
  if (const auto id = parse_uuid(text)) fuzz::require(parse_uuid(to_text(*id)) == id, "an id");
  const std::string mapped = mapped_path(text, {{.from = "/data/", .to = "/"}});
  fuzz::require(mapped.starts_with('/'), "a mapped path begins with a slash");
  return 0;
}
