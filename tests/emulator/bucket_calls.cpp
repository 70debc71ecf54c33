// SPDX-License-Identifier: Apache-2.0
#include "emulator/service.hpp"

namespace ib::emulator {

Service::Reply Service::list_buckets(Call& call)
{
  if (auto allowed = call.who->require("storage.buckets.list", "project"); !allowed) {
    return std::unexpected(allowed.error());
  }
  Json::Array items;
  const std::string prefix = call.query("prefix");
  const std::scoped_lock lock(buckets.mutex);
  for (const auto& [name, bucket] : buckets.all) {
    if (name.starts_with(prefix)) items.push_back(bucket.resource());
  }
  const Json::Object page{{"kind", "storage#buckets"}, {"items", std::move(items)}};
  return json_reply(FieldMask(call.query("fields")).applied(page).dump());
}

Service::Reply Service::create_bucket(Call& call)
{
  const auto config = Json::parse(call.body.text().value_or(""));
  if (!config || (*config)["name"].text().empty())
    return refuse(400, "required", "Required bucket name.");
  const std::string name = (*config)["name"].text();
  if (auto allowed = call.who->require("storage.buckets.create", name); !allowed) {
    return std::unexpected(allowed.error());
  }
  call.operation.bucket = name;
  const std::scoped_lock lock(buckets.mutex);
  const auto [it, created] = buckets.all.try_emplace(name, name, *config);
  if (!created)
    return refuse(409, "conflict", "Your previous request to create the named bucket succeeded.");
  return json_reply(it->second.resource().dump());
}

Service::Reply Service::delete_bucket(Call& call)
{
  const std::string& name = call.operation.bucket;
  if (auto allowed = call.who->require("storage.buckets.delete", name); !allowed) {
    return std::unexpected(allowed.error());
  }
  const std::scoped_lock lock(buckets.mutex);
  const Bucket* bucket = buckets.find(name);
  if (bucket == nullptr) return no_bucket();
  if (!bucket->empty())
    return refuse(409, "conflict", "The bucket you tried to delete is not empty.");
  buckets.all.erase(name);
  return Response{.status = 204};
}

Service::Reply Service::show_bucket(Call& call)
{
  const std::string& name = call.operation.bucket;
  // Everybody who may list objects may also read the location.
  const bool layout = call.path.size() == 3;
  if (auto allowed = layout ? call.who->require("storage.objects.list", name, call.query("prefix"))
                            : call.who->require("storage.buckets.get", name);
      !allowed) {
    return std::unexpected(allowed.error());
  }
  const std::scoped_lock lock(buckets.mutex);
  const Bucket* bucket = buckets.find(name);
  if (bucket == nullptr) return no_bucket();
  call.operation.storage_class = bucket->default_class();
  if (layout) {
    return json_reply(
        Json(Json::Object{{"kind", "storage#storageLayout"},
                          {"bucket", name},
                          {"location", bucket->resource()["location"].text()},
                          {"locationType", bucket->resource()["locationType"].text()}})
            .dump());
  }
  return json_reply(FieldMask(call.query("fields")).applied(bucket->resource()).dump());
}

Service::Reply Service::test_permissions(Call& call)
{
  const std::scoped_lock lock(buckets.mutex);
  const Bucket* bucket = buckets.find(call.operation.bucket);
  if (bucket == nullptr) return no_bucket();
  call.operation.storage_class = bucket->default_class();
  Json::Array held;
  // A permission for only some prefixes does not count as a permission on the bucket.
  for (const std::string& permission : call.request.query.all("permissions")) {
    if (call.who->may(permission)) held.emplace_back(permission);
  }
  Json::Object reply{{"kind", "storage#testIamPermissionsResponse"}};
  if (!held.empty()) reply.emplace("permissions", std::move(held));
  return json_reply(Json(std::move(reply)).dump());
}

Service::Reply Service::list_objects(Call& call)
{
  const std::string& name = call.operation.bucket;
  ListQuery query{.prefix = call.query("prefix"),
                  .delimiter = call.query("delimiter"),
                  .start = call.query("startOffset"),
                  .end = call.query("endOffset"),
                  .page_token = call.query("pageToken"),
                  .versions = call.query("versions") == "true",
                  .trailing_delimiter = call.query("includeTrailingDelimiter") == "true"};
  if (auto allowed = call.who->require("storage.objects.list", name, query.prefix); !allowed) {
    return std::unexpected(allowed.error());
  }
  if (const std::string most = call.query("maxResults"); !most.empty()) {
    const auto number = parse_number(most);
    if (!number || *number == 0) return refuse(400, "invalid", "Invalid value for: maxResults");
    query.max_results = static_cast<std::size_t>(std::min<std::uint64_t>(*number, 1000));
  }
  if (!query.page_token.empty() && !base64_decoded(query.page_token)) {
    return refuse(400, "invalid", "Invalid argument: pageToken");
  }
  ListPage page;
  {
    const std::scoped_lock lock(buckets.mutex);
    const Bucket* bucket = buckets.find(name);
    if (bucket == nullptr) return no_bucket();
    call.operation.storage_class = bucket->default_class();
    page = bucket->list(query);
  }
  const FieldMask mask(call.query("fields"));
  std::string body;
  ObjectWriter json(body, mask);
  json.text("kind", "storage#objects");
  json.text_unless_empty("nextPageToken", page.next_page_token);
  if (!page.prefixes.empty() && json.wants("prefixes")) {
    Json::Array prefixes(page.prefixes.begin(), page.prefixes.end());
    json.raw("prefixes", Json(std::move(prefixes)).dump());
  }
  if (!page.items.empty() && json.wants("items")) {
    std::string items = "[";
    for (const Version& version : page.items) {
      if (items.size() > 1) items += ',';
      append_object(items, *version, name, origin(call.request), mask.of("items"));
    }
    json.raw("items", items + "]");
  }
  json.end();
  return json_reply(std::move(body));
}

}  // namespace ib::emulator
