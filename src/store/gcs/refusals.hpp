// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "core/names/object_name.hpp"
#include "store/gcs/gcs_client.hpp"

namespace ib {

// Explains a server's refusal to a person: who was refused, and what to do. Returns any other error
// unchanged.

/// For a request that writes or reads an object.
Error explain_refusal(Error error, const ObjectName& name, const GcsClient& client);

/// For a request that removes an object.
Error explain_refused_removal(Error error, const ObjectName& name, const GcsClient& client);

/// For a listing or any other question about the bucket. If the bucket does not exist, the error
/// becomes `invalid`.
Error explain_refused_listing(Error error, const GcsClient& client);

}  // namespace ib
