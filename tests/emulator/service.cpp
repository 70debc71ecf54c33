// SPDX-License-Identifier: Apache-2.0
#include "emulator/service.hpp"

#include "sys/parallel_gzip.hpp"

#include <stdexcept>

namespace ib::emulator {

namespace {

/// Leaves the size out of the description of each object with `part` in its name.
void leave_out_sizes(std::string& json, const std::string& part)
{
  constexpr std::string_view kName = "\"name\":\"";
  constexpr std::string_view kSize = "\"size\":\"";
  for (std::size_t at = 0; (at = json.find(kName, at)) != std::string::npos;) {
    at += kName.size();
    const std::string_view name = std::string_view(json).substr(at, json.find('"', at) - at);
    if (name.find(part) == std::string_view::npos) continue;
    const std::size_t size = json.find(kSize, at);
    if (size == std::string::npos || size > json.find(kName, at)) continue;
    json.erase(size, json.find('"', size + kSize.size()) + 2 - size);  // with the comma after it
  }
}

/// As proxies do, unless it is compressed already.
void compress(Response& response)
{
  if (response.headers.has("Content-Encoding")) return;
  std::string plain = response.body;
  if (response.blob) {
    plain = response.blob->text().substr(static_cast<std::size_t>(response.offset),
                                         static_cast<std::size_t>(response.length));
    response.blob.reset();
  }
  response.body.clear();
  ParallelGzipWriter writer(
      [&](ByteView bytes) -> Result<> {
        response.body += text_of(bytes);
        return {};
      },
      1, 1);
  if (!writer.write(bytes_of(plain)) || !writer.finish()) throw std::runtime_error("no gzip");
  response.headers.add("Content-Encoding", "gzip");
}

}  // namespace

Service::Service(const EmulatorOptions& options)
    : counters(options.count_per_object),
      storage_{.discard_below = options.discard_below, .md5 = options.md5, .spool = options.spool},
      latency_(options.latency_ms),
      behind_tls_(options.behind_tls),
      taken_name_is_403_(options.taken_name_is_403),
      replay_inserts_(options.replay_inserts)
{
  for (const std::string& name : options.buckets)
    buckets.all.try_emplace(name, name, Json::Object{});
  if (!options.bucket_config.empty()) {
    const std::string wrong = configure_buckets(options.bucket_config);
    if (!wrong.empty()) throw std::runtime_error(wrong);
  }
  access_.configure(options.credentials);
  if (!options.faults.empty()) {
    const std::string wrong = faults.add_json(options.faults);
    if (!wrong.empty()) throw std::runtime_error("the faults: " + wrong);
  }
}

std::string Service::configure_buckets(std::string_view json)
{
  const auto config = Json::parse(json);
  if (!config) return "the buckets' configuration is not JSON";
  const Json::Array resources = config->is_array() ? config->array() : Json::Array{*config};
  for (const Json& resource : resources) {
    if (!resource.is_object() || resource["name"].text().empty()) return "a bucket without a name";
  }
  const std::scoped_lock lock(buckets.mutex);
  for (const Json& resource : resources) {
    const std::string name = resource["name"].text();
    const auto [it, made] = buckets.all.try_emplace(name, name, resource);
    if (!made) it->second.configure(resource);
  }
  return {};
}

std::unexpected<Refusal> no_bucket()
{
  return refuse(404, "notFound", "The specified bucket does not exist.");
}

std::unexpected<Refusal> no_object(const std::string& bucket, const std::string& object)
{
  return refuse(404, "notFound", "No such object: " + bucket + "/" + object);
}

Response json_reply(std::string body)
{
  Response response{.body = std::move(body)};
  response.headers.add("Content-Type", "application/json; charset=UTF-8");
  response.headers.add("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate");
  return response;
}

std::string Service::origin(const Request& request) const
{
  return (behind_tls_ ? "https://" : "http://") + request.headers.value("host", "localhost");
}

void Service::route(Call& call)
{
  const Request& request = call.request;
  std::string_view path = request.path;
  if (path.starts_with("/emulator/")) {
    call.operation.kind = "emulator";
    return;
  }
  if (const std::string_view kind = Access::kind_of(request); !kind.empty()) {
    call.operation.kind = kind;
    return;
  }
  bool media = false;
  bool api = false;
  for (const std::string_view prefix : {"/upload/", "/resumable/upload/", "/download/"}) {
    if (!path.starts_with(prefix)) continue;
    (prefix == "/download/" ? media : call.upload) = true;
    path.remove_prefix(prefix.size() - 1);
  }
  for (const std::string_view prefix : {"/storage/v1/", "/storage/v1beta2/"}) {
    if (!path.starts_with(prefix)) continue;
    api = true;
    path.remove_prefix(prefix.size());
  }
  if (!api) {
    // Downloads may name an object as in the XML API.
    const auto slash = path.find('/', 1);
    if ((request.method != "GET" && request.method != "HEAD") || slash == std::string_view::npos)
      return;
    call.operation = {.kind = "media",
                      .bucket = percent_decoded(path.substr(1, slash - 1)),
                      .object = percent_decoded(path.substr(slash + 1))};
    return;
  }
  for (const std::string_view segment : split(path, '/'))
    call.path.push_back(percent_decoded(segment));
  while (!call.path.empty() && call.path.back().empty()) call.path.pop_back();
  const auto& parts = call.path;
  const bool read = request.method == "GET" || request.method == "HEAD";
  if (parts.empty() || parts[0] != "b") return;
  if (parts.size() == 1) {
    call.operation.kind = read ? "buckets" : request.method == "POST" ? "new-bucket" : "other";
    return;
  }
  call.operation.bucket = parts[1];
  if (parts.size() == 2 || (parts.size() == 3 && parts[2] == "storageLayout")) {
    call.operation.kind = read ? "bucket" : request.method == "DELETE" ? "delete-bucket" : "other";
  } else if (parts.size() == 4 && parts[2] == "iam" && parts[3] == "testPermissions") {
    call.operation.kind = "permissions";
  } else if (parts[2] == "o") {
    if (media || call.query("alt") == "media") call.operation.kind = "media";
    route_object(call);
  }
}

void Service::route_object(Call& call)
{
  const Request& request = call.request;
  const auto& parts = call.path;
  Operation& operation = call.operation;
  const bool read = request.method == "GET" || request.method == "HEAD";
  if (parts.size() == 3) {
    operation.kind = "other";
    if (read) operation.kind = "list";
    if (request.method == "POST")
      operation.kind = call.query("uploadType") == "resumable" ? "start" : "insert";
    if (call.upload && request.query.has("upload_id")) {
      const std::string range = request.headers.value("content-range");
      operation.kind = request.method == "DELETE"      ? "cancel"
                       : range.starts_with("bytes */") ? "query"
                                                       : "chunk";
      operation.billed_elsewhere = true;
      const auto upload = find_upload(call.query("upload_id"));
      operation.object = upload ? upload->fields.name : "";
    } else {
      operation.object = call.query("name");
    }
    return;
  }
  operation.object = parts[3];
  const std::string verb = parts.size() > 4 ? parts[4] : "";
  if (parts.size() == 4) {
    if (read && operation.kind != "media") operation.kind = "get";
    if (request.method == "DELETE") operation.kind = "delete";
    if (request.method == "PATCH" || request.method == "PUT") operation.kind = "patch";
  } else if (parts.size() == 5 && verb == "compose") {
    operation.kind = "compose";
  } else if (parts.size() == 9 && (verb == "rewriteTo" || verb == "copyTo") &&
             request.method == "POST") {
    operation.kind = verb == "rewriteTo" ? "rewrite" : "copy";
  } else {
    operation.kind = "other";
  }
}

Response Service::serve(const Request& request, BodyStream& body)
{
  const std::uint64_t began = counters.begin();
  Call call{.request = request, .body = body};
  Response response;
  int status = 0;
  try {
    route(call);
    if (call.operation.kind == "emulator") {
      response = own_api(call);
    } else {
      response = perform(call);
    }
    status = response.status;
    const FaultRule& fault = call.fault;
    if (body.broken() || fault.reset_before || fault.reset_after) {
      // Counts the effect, even if the client did not get the reply.
      if (!fault.reset_after) status = 0;
      response.fault.reset =
          fault.reset_before || fault.reset_after || fault.reset_in_body.has_value();
      response.close = true;
    }
  } catch (const std::exception& e) {
    response = error_response({500, "internalError", e.what()});
    status = 500;
  }
  const std::uint64_t length = response.blob ? response.length : response.body.size();
  const std::uint64_t sent = request.method == "HEAD" || response.fault.reset
                                 ? 0
                                 : std::min(response.fault.cut_after.value_or(length), length);
  // For the counters, the request ends when its whole body was read.
  if (!response.fault.reset && !body.finished()) body.drain();
  counters.end(began, call.operation, status == 0 ? 499 : status, body.consumed(), sent);
  return response;
}

Response Service::perform(Call& call)
{
  if (latency_.count() > 0) pause.wait(latency_);
  const Operation& operation = call.operation;
  auto due =
      faults.next(operation.kind, call.request.method, call.request.target, operation.object);
  if (due) call.fault = *std::move(due);
  const FaultRule& fault = call.fault;
  BodyFault& on_body = call.body.fault;
  on_body.reset_after = fault.reset_in_body;
  on_body.bytes_per_second = fault.bytes_per_second;
  if (fault.stall_in_body) {
    on_body.stall_after = fault.stall_in_body;
    on_body.stall_ms = fault.stall_ms;
  } else if (fault.stall_ms != 0 && !fault.stall_in_reply) {
    pause.wait(std::chrono::milliseconds(fault.stall_ms));
  }
  Response response;
  if (fault.reset_before) {
    return response;
  }
  if (fault.status != 0) {
    response = error_response(
        {fault.status, "backendError", "We encountered an internal error. Please try again."});
    if (!fault.body.empty()) {
      response = Response{.status = fault.status, .body = fault.body};
      response.headers.add("Content-Type", "text/plain; charset=utf-8");
    }
    if (!fault.retry_after.empty()) response.headers.add("Retry-After", fault.retry_after);
  } else if (!fault.redirect.empty()) {
    response.status = 307;
    response.headers.add("Location", fault.redirect);
  } else {
    if (fault.lose_upload != 0) {
      if (const auto upload = find_upload(call.query("upload_id"))) {
        const std::scoped_lock lock(upload->mutex);
        upload->dead = fault.lose_upload;
      }
    }
    Reply reply = dispatch(call);
    response = reply ? *std::move(reply) : error_response(reply.error());
  }
  if (fault.not_json) {
    response = Response{
        .body = "<html><head><title>Welcome</title></head><body>Please sign in.</body></html>"};
    response.headers.add("Content-Type", "text/html; charset=utf-8");
  }
  if (!fault.no_size.empty()) leave_out_sizes(response.body, fault.no_size);
  if (fault.gzip_reply) compress(response);
  response.fault.no_date = fault.no_date;
  response.fault.cut_after = fault.cut_reply;
  response.fault.flip_at = fault.flip_reply;
  response.fault.stall_after = fault.stall_in_reply;
  response.fault.stall_ms = fault.stall_ms;
  response.fault.bytes_per_second = fault.bytes_per_second;
  if (fault.cut_reply) response.close = true;
  return response;
}

Service::Reply Service::dispatch(Call& call)
{
  const std::string_view kind = call.operation.kind;
  if (kind == "token" || kind == "metadata" || kind == "impersonate") {
    return access_.answer(kind, call.request, call.body);
  }
  // The URI of an upload is itself a credential.
  if (kind == "chunk" || kind == "query") return continue_upload(call);
  if (kind == "cancel") return cancel_upload(call);
  Outcome<Who> who = access_.identify(call.request);
  if (!who) return std::unexpected(who.error());
  call.who = *std::move(who);
  if (auto paid = require_payer(call); !paid) return std::unexpected(paid.error());
  static const std::map<std::string_view, Reply (Service::*)(Call&)> kCalls{
      {"buckets", &Service::list_buckets},
      {"new-bucket", &Service::create_bucket},
      {"bucket", &Service::show_bucket},
      {"delete-bucket", &Service::delete_bucket},
      {"permissions", &Service::test_permissions},
      {"get", &Service::show_object},
      {"media", &Service::download},
      {"list", &Service::list_objects},
      {"patch", &Service::patch_object},
      {"delete", &Service::delete_object},
      {"rewrite", &Service::rewrite},
      {"copy", &Service::rewrite},
      {"compose", &Service::compose},
      {"insert", &Service::insert_once},
      {"start", &Service::start_upload}};
  const auto it = kCalls.find(kind);
  if (it == kCalls.end())
    return refuse(404, "notFound", "Not Found: the emulator has no such method.");
  return (this->*it->second)(call);
}

/// The bucket's readers may have to name a project that pays.
Outcome<> Service::require_payer(const Call& call)
{
  if (call.query("userProject") != "") return {};
  const std::scoped_lock lock(buckets.mutex);
  const Bucket* bucket = buckets.find(call.operation.bucket);
  if (bucket == nullptr || !bucket->resource()["billing"]["requesterPays"].boolean()) return {};
  return refuse(400, "required", "Bucket is a requester pays bucket but no user project provided.");
}

Response Service::own_api(Call& call)
{
  const std::string& path = call.request.path;
  const bool post = call.request.method == "POST";
  if (path == "/emulator/stats") return json_reply(counters.json());
  if (path == "/emulator/reset" && post) {
    counters.reset();
    return json_reply("{}");
  }
  if (path == "/emulator/faults" && post) {
    const std::string wrong = faults.add_json(call.body.text().value_or(""));
    return wrong.empty() ? json_reply("{}") : error_response({400, "invalid", wrong});
  }
  if (path == "/emulator/faults" && call.request.method == "DELETE") {
    faults.clear();
    return json_reply("{}");
  }
  if (path == "/emulator/faults") return json_reply(faults.report_json());
  if (path == "/emulator/buckets" && post) {
    const std::string wrong = configure_buckets(call.body.text().value_or(""));
    return wrong.empty() ? json_reply("{}") : error_response({400, "invalid", wrong});
  }
  return error_response({404, "notFound", "no such page: " + path});
}

}  // namespace ib::emulator
