// SPDX-License-Identifier: Apache-2.0
// Tests the promises of every store (store/object_store.hpp, store/store_inspector.hpp). Each
// backend instantiates the suite:
//     INSTANTIATE_TEST_SUITE_P(DirStore, ObjectStoreContract, testing::Values(backend),
//     backend_name);
#pragma once

#include "store/object_store.hpp"
#include "store/store_inspector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <string>

namespace ib::test {

/// The properties in which backends may differ.
struct Capabilities {
  StoreFeatures features = {};
  bool lists_library_metadata =
      false;                 ///< list() tells the metadata of objects below library/, too
  bool has_folders = false;  ///< "a" and "a/b" cannot both be objects
  std::size_t longest_component = std::numeric_limits<std::size_t>::max();
};

/// An empty store for one test. It is removed with this object.
class StoreUnderTest {
public:
  virtual ~StoreUnderTest() = default;
  virtual ObjectStore& store() = 0;
  virtual StoreInspector& inspector() = 0;
  /// Another client of the same store.
  virtual std::unique_ptr<ObjectStore> open_again() = 0;
  /// Why the store cannot keep metadata on this machine. Empty if it can.
  virtual std::string no_metadata_because() { return {}; }
};

struct Backend {
  std::string name;
  Capabilities capabilities;
  std::function<std::unique_ptr<StoreUnderTest>()> make;
};

inline std::string backend_name(const testing::TestParamInfo<Backend>& backend)
{
  return backend.param.name;
}

class ObjectStoreContract : public testing::TestWithParam<Backend> {
protected:
  ObjectStoreContract() : under_test_(GetParam().make()) {}

  ObjectStore& store() { return under_test_->store(); }
  StoreInspector& inspector() { return under_test_->inspector(); }
  StoreUnderTest& under_test() { return *under_test_; }
  const Capabilities& capabilities() const { return GetParam().capabilities; }

private:
  std::unique_ptr<StoreUnderTest> under_test_;
};

}  // namespace ib::test
