// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/gcs_listing.hpp"

#include "base/text.hpp"
#include "store/gcs/refusals.hpp"

#include <optional>
#include <utility>

namespace ib {
namespace {

class PageCursor final : public ObjectCursor {
public:
  PageCursor(GcsClient& client, PageRequest request, std::stop_token stop)
      : client_(client), request_(std::move(request)), stop_(std::move(stop))
  {}

  Result<std::optional<ObjectInfo>> next() override
  {
    for (;;) {
      while (position_ == page_.objects.size()) {
        if (started_ && page_.next_token.empty()) return std::nullopt;
        request_.page_token = page_.next_token;
        page_ = TRY(fetch_page(client_, request_, stop_));
        started_ = true;
        position_ = 0;
      }
      ObjectInfo& object = page_.objects[position_++];
      // manifest.db is replaced meanwhile: its older version may have been the last of a page.
      if (object.name.value == last_) continue;
      last_ = object.name.value;
      return std::move(object);
    }
  }

private:
  GcsClient& client_;
  PageRequest request_;
  std::stop_token stop_;
  ObjectPage page_;
  std::size_t position_ = 0;
  std::string last_;  // the name that was given out last
  bool started_ = false;
};

}  // namespace

Result<ObjectPage> fetch_page(GcsClient& client, const PageRequest& request,
                              const std::stop_token& stop)
{
  const std::string& store_prefix = client.bucket().prefix;
  const std::string prefix = store_prefix + request.prefix;
  std::string query =
      "/o?maxResults=" + std::to_string(request.limit) + "&fields=" +
      percent_encode(
          request.with_metadata
              ? "items(name,size,crc32c,generation,storageClass,timeCreated,metadata),nextPageToken"
              : "items(name,size,crc32c,generation,storageClass),nextPageToken");
  if (!prefix.empty()) query += "&prefix=" + percent_encode(prefix);
  if (!request.start.empty())
    query += "&startOffset=" + percent_encode(store_prefix + request.start);
  if (!request.page_token.empty()) query += "&pageToken=" + percent_encode(request.page_token);
  const HttpResponse response =
      TRY(client.send({.method = "GET", .url = client.api(query)}, Billing::class_a, stop));
  if (!response.is_success()) {
    return std::unexpected(
        explain_refused_listing(error_from(response, client.bucket().url() + ": listing"), client));
  }
  ObjectPage page = TRY(parse_page(response.body));
  for (ObjectInfo& object : page.objects) {
    if (!object.name.value.starts_with(prefix))
      return fail(Errc::invalid,
                  client.bucket().url() + ": the listing names an object that was not asked for: " +
                      printable(object.name.value),
                  "Something between this machine and Google Cloud Storage may have answered. "
                  "Check the network's proxy.");
    object.name.value.erase(0, store_prefix.size());
  }
  return page;
}

Result<ObjectInfo> find_object(GcsClient& client, const ObjectName& name,
                               const std::stop_token& stop)
{
  // The name itself sorts before all other names that begin with it.
  ObjectPage page =
      TRY(fetch_page(client, {.prefix = name.value, .start = name.value, .limit = 1}, stop));
  if (page.objects.empty() || page.objects.front().name != name)
    return fail(Errc::not_found, client.bucket().url() + ": there is no " + name.value);
  return std::move(page.objects.front());
}

Result<ObjectInfo> as_confirmed(GcsClient& client, ObjectInfo confirmed,
                                const std::stop_token& stop)
{
  confirmed.name.value.erase(0, client.bucket().prefix.size());
  if (confirmed.size && confirmed.crc32c) return confirmed;
  ObjectInfo listed = TRY(find_object(client, confirmed.name, stop));
  if (listed.size && listed.crc32c) return listed;
  return fail(Errc::corrupt, listed.name.value + ": " + std::string(kUntoldSize));
}

std::unique_ptr<ObjectCursor> list_pages(GcsClient& client, PageRequest request,
                                         const std::stop_token& stop)
{
  return std::make_unique<PageCursor>(client, std::move(request), stop);
}

}  // namespace ib
