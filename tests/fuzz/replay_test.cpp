// SPDX-License-Identifier: Apache-2.0
//
// Gives each fuzz target the files of its corpus, without a fuzzer: a fault that was mended once
// stays mended. The targets' functions have got names of their own (CMakeLists.txt).
#include <gtest/gtest.h>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#define FUZZ_TARGET(name) extern "C" int fuzz_##name(const std::uint8_t*, std::size_t);
#include "fuzz_targets.inc"
#undef FUZZ_TARGET

namespace {

struct Target {
  const char* name;
  int (*run)(const std::uint8_t*, std::size_t);
};

constexpr Target kTargets[] = {
#define FUZZ_TARGET(name) {#name, fuzz_##name},
#include "fuzz_targets.inc"
#undef FUZZ_TARGET
};

void PrintTo(const Target& target, std::ostream* out)
{
  *out << target.name;
}

class FuzzCorpus : public testing::TestWithParam<Target> {};

TEST_P(FuzzCorpus, IsReadWithoutAFault)
{
  const std::filesystem::path folder = std::filesystem::path(FUZZ_CORPUS) / GetParam().name;
  ASSERT_TRUE(std::filesystem::is_directory(folder)) << folder << " is missing";
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().string());
    // A fault ends this process: the last name that was printed tells of which input.
    static_cast<void>(std::fprintf(stderr, "%s\n", entry.path().c_str()));
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(GetParam().run(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
    ++files;
  }
  EXPECT_GT(files, 0) << folder << " is empty";
  // What a target gets before a fuzzer knows anything.
  EXPECT_EQ(GetParam().run(reinterpret_cast<const std::uint8_t*>(""), 0), 0);
}

INSTANTIATE_TEST_SUITE_P(All, FuzzCorpus, testing::ValuesIn(kTargets),
                         [](const auto& target) { return target.param.name; });

}  // namespace
