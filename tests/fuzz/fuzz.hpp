// SPDX-License-Identifier: Apache-2.0
//
// What the fuzz targets share. A target is one file, <subject>_fuzz.cpp, with one function,
// LLVMFuzzerTestOneInput. It must neither crash nor hang, whatever bytes it gets, and it aborts
// where a promise is broken that holds for all bytes.
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Returns 0. Called by libFuzzer, and by replay_test.cpp for each file of the target's corpus.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace ib::fuzz {

/// Prints what does not hold, and aborts.
void require(bool holds, const char* what);

/// That a terminal shows `text` as lines, each of which the program wrote: it is UTF-8, and its
/// only control character is the newline.
void require_safe_to_show(std::string_view text);
/// The same for what people see of an error.
void require_safe_to_show(const Error& error);

inline std::string_view text_of_input(const std::uint8_t* data, std::size_t size)
{
  return {reinterpret_cast<const char*>(data), size};
}

/// Takes values off the front of an input. At its end, numbers are 0 and texts empty.
class Input {
public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(text_of_input(data, size)) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t byte();
  /// Numbers at the limits of their kind more often than others.
  std::int64_t number();
  /// Of up to 255 bytes; their number is its first byte.
  std::string_view text();
  /// Up to `separator`, which is dropped.
  std::string_view until(char separator);
  std::string_view rest() const { return rest_; }

private:
  std::string_view rest_;
};

/// The parts of `text` between separators.
std::vector<std::string_view> split(std::string_view text, char separator);

/// A folder of this process for what a target has to write to a file, removed at its end.
const std::string& scratch_folder();
/// Its file of this name, with this content.
std::string scratch_file(std::string_view name, std::string_view content);

}  // namespace ib::fuzz
