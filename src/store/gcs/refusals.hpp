// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "core/names/object_name.hpp"
#include "store/gcs/gcs_client.hpp"

namespace ib {

// What a refusal of the server means for a person: who was refused, and what to do. An error of any
// other kind is returned as it is.

/// Of a request that writes or reads an object.
Error explain_refusal(Error error, const ObjectName& name, const GcsClient& client);

/// Of a request that removes an object.
Error explain_refused_removal(Error error, const ObjectName& name, const GcsClient& client);

/// Of a listing, or of any other question about the bucket. A bucket that does not exist is
/// `invalid`.
Error explain_refused_listing(Error error, const GcsClient& client);

}  // namespace ib
