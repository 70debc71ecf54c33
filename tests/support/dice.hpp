// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>

namespace ib::test {

/// Random numbers that are the same on every machine for the same seed.
class Dice {
public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
  bool chance(std::size_t percent) { return below(100) < percent; }
  template <class Container>
  const auto& one_of(const Container& choices)
  {
    return *std::next(std::begin(choices), static_cast<std::ptrdiff_t>(below(std::size(choices))));
  }

private:
  std::mt19937_64 random_;
};

}  // namespace ib::test
