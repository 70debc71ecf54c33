// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "store/gcs/gcs_api.hpp"
#include "store/gcs/gcs_client.hpp"
#include "store/object_store.hpp"

#include <memory>
#include <stop_token>
#include <string>

namespace ib {

/// One page of a listing. Names here and in the reply are without the store's prefix.
struct PageRequest {
  std::string prefix;
  std::string start = {};       ///< the first name to list; empty: from the beginning
  std::string page_token = {};  ///< from the page before; empty: the first page
  unsigned limit = 1000;        ///< at most so many objects; the server never gives more than 1000
  bool with_metadata = true;
};

/// Fetches one page. Costs one Class A operation.
Result<ObjectPage> fetch_page(GcsClient& client, const PageRequest& request,
                              const std::stop_token& stop);

/// Describes one object, by a listing. not_found if there is none.
Result<ObjectInfo> find_object(GcsClient& client, const ObjectName& name,
                               const std::stop_token& stop);

/// The same as `confirmed`, which a reply to an upload told. Where that lacks size or CRC32C, a
/// listing is asked; corrupt where that does not tell them either.
Result<ObjectInfo> as_confirmed(GcsClient& client, ObjectInfo confirmed,
                                const std::stop_token& stop);

/// Lists all objects that `request` describes, page by page. `client` must outlive the cursor.
std::unique_ptr<ObjectCursor> list_pages(GcsClient& client, PageRequest request,
                                         const std::stop_token& stop);

}  // namespace ib
