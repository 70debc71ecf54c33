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

/// One page of a listing. Names are without the store's prefix, here and in the reply.
struct PageRequest {
  std::string prefix;
  std::string start = {};       ///< the first name that is wanted; empty: from the beginning
  std::string page_token = {};  ///< of the page before; empty: the first page
  unsigned limit = 1000;        ///< objects at most; the server gives 1000 and no more
  bool with_metadata = true;
};

/// By one Class A operation.
Result<ObjectPage> fetch_page(GcsClient& client, const PageRequest& request,
                              const std::stop_token& stop);

/// All objects from `request` on, page by page. `client` must outlive the cursor.
std::unique_ptr<ObjectCursor> list_pages(GcsClient& client, PageRequest request);

}  // namespace ib
