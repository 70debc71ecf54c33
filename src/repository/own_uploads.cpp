// SPDX-License-Identifier: Apache-2.0
#include "repository/own_uploads.hpp"

#include "repository/encrypted_store.hpp"
#include "repository/signed_store.hpp"

namespace ib {

bool is_own_upload(const RepositoryContext& repository, const ObjectInfo& object)
{
  if (repository.signatures == nullptr || repository.signatures->is_own_upload(object)) return true;
  return repository.encryption != nullptr && repository.encryption->has_named(object) &&
         !repository.signatures->is_distrusted(object);
}

}  // namespace ib
