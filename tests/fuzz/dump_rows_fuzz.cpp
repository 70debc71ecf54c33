// SPDX-License-Identifier: Apache-2.0
//
// The rows of a dump, and what they tell of Immich's assets, users and albums. The first byte is
// the size of the pieces that the dump comes in.
#include "fuzz/fuzz.hpp"
#include "immich/dumped_assets.hpp"
#include "postgres/dump_rows.hpp"

#include <algorithm>
#include <filesystem>

namespace {

using namespace ib;

/// The rows that pass, and how it ended.
std::string rows_of(std::string_view dump, std::size_t piece)
{
  std::string text;
  DumpRows rows([&](const DumpTable& table) -> Result<DumpRows::RowSink> {
    text += table.schema + "." + table.name + "\n";
    return [&, width = table.columns.size()](CopyCells cells) -> Result<> {
      fuzz::require(cells.size() == width, "a row has a cell for each column");
      for (const std::string_view cell : cells) {
        text += copy_value(cell).value_or("NULL") + "|";
        if (const auto time = parse_copy_timestamp(cell))
          fuzz::require(is_nameable(*time), "a time in a dump has a name");
      }
      return {};
    };
  });
  while (!dump.empty()) {
    const Result<> written = rows.write(bytes_of(dump.substr(0, piece)));
    if (!written) {
      fuzz::require_safe_to_show(written.error());
      return text + written.error().message;
    }
    dump.remove_prefix(std::min(piece, dump.size()));
  }
  return text;
}

Result<> read_assets(std::string_view dump)
{
  const std::string folder = fuzz::scratch_folder() + "/spool";
  std::filesystem::remove_all(folder);
  DumpedAssets assets = TRY(DumpedAssets::create(folder));
  TRY(assets.write(bytes_of(dump)));
  TRY(assets.finish());
  const auto pass = [](const auto&) -> Result<> { return {}; };
  const auto take_asset = [](const DumpedAsset& asset) -> Result<> {
    fuzz::require(!asset.taken || is_nameable(*asset.taken), "a photo's time has a name");
    return {};
  };
  // Each may fail by itself.
  for (const Result<>& read :
       {assets.each_user(pass), assets.each_album(pass), assets.each_album_user(pass),
        assets.each_album_asset(pass), assets.each_asset(take_asset), assets.each_sidecar(pass)})
    if (!read) fuzz::require_safe_to_show(read.error());
  return {};
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  fuzz::Input input(data, size);
  const std::size_t piece = std::size_t{input.byte()} + 1;
  const std::string_view dump = input.rest();
  fuzz::require(rows_of(dump, piece) == rows_of(dump, std::max<std::size_t>(1, dump.size())),
                "a dump is read in pieces");
  const Result<> read = read_assets(dump);
  if (!read) fuzz::require_safe_to_show(read.error());
  return 0;
}
