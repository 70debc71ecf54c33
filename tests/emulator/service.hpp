// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "emulator/access.hpp"
#include "emulator/bucket.hpp"
#include "emulator/connection.hpp"
#include "emulator/counters.hpp"
#include "emulator/faults.hpp"

#include <functional>

namespace ib::emulator {

/// One request that the service works on.
struct Call {
  const Request& request;
  BodyStream& body;
  Operation operation = {};
  std::vector<std::string> path = {};  ///< the decoded segments after ".../v1/"
  bool upload = false;
  FaultRule fault = {};
  Who who = nullptr;

  std::string query(std::string_view name, std::string_view otherwise = {}) const
  {
    return request.query.value(name, otherwise);
  }
};

/// An upload in chunks.
struct Upload {
  std::mutex mutex;
  std::string bucket;
  ObjectFields fields;
  Preconditions preconditions;
  Who who;
  std::unique_ptr<BlobWriter> writer;
  std::optional<std::uint64_t> total;
  std::uint64_t epoch = 0;  ///< lets a later request take over from one that still stalls
  int dead = 0;             ///< the status that every further request gets; 0: the upload lives
  Version finished;
};

/// The API: the replies to requests and their effects on the buckets. Thread-safe.
class Service {
public:
  explicit Service(const EmulatorOptions& options);

  Response serve(const Request& request, BodyStream& body);
  /// All waits for latency and faults use it.
  Pause pause;

  Buckets buckets;
  Counters counters;
  FaultScript faults;
  std::size_t open_uploads();
  /// Takes one bucket resource or a list of them as JSON. Returns "", or what is wrong with it.
  std::string configure_buckets(std::string_view json);
  const Storage& storage() const { return storage_; }

private:
  using Reply = Outcome<Response>;

  void route(Call& call);
  void route_object(Call& call);
  Response perform(Call& call);
  Reply dispatch(Call& call);
  Outcome<> require_payer(const Call& call);
  Response own_api(Call& call);

  Reply list_buckets(Call& call);
  Reply create_bucket(Call& call);
  Reply delete_bucket(Call& call);
  Reply show_bucket(Call& call);
  Reply test_permissions(Call& call);

  Reply show_object(Call& call);
  Reply download(Call& call);
  Reply list_objects(Call& call);
  Reply patch_object(Call& call);
  Reply delete_object(Call& call);
  Reply rewrite(Call& call);
  Reply compose(Call& call);

  Reply insert(Call& call);
  /// Like insert(), but repeats the reply to a known token.
  Reply insert_once(Call& call);
  Reply start_upload(Call& call);
  Reply continue_upload(Call& call);
  Reply cancel_upload(Call& call);
  Reply upload_state(const Call& call, const Upload& upload) const;
  Reply finish_upload(Call& call, Upload& upload);
  std::shared_ptr<Upload> find_upload(const std::string& id);

  /// Puts the object into its bucket if conditions, permissions and retention allow it.
  Outcome<Version> commit(Call& call, const std::string& bucket, StoredVersion version,
                          const Preconditions& wanted, const Identity& who);
  Outcome<> check_replacing(const Bucket& bucket, const Version& there, const std::string& name,
                            const Preconditions& wanted, const Identity& who) const;
  /// The object to read. If it does not exist, 404, or 403 for users who may not list.
  Outcome<Version> readable(Call& call, const std::string& bucket, const std::string& object,
                            std::string_view prefix);
  Response object_response(const Call& call, const StoredVersion& version,
                           const std::string& bucket) const;

  /// "http://HOST" as the client addressed this server. https behind a TLS proxy.
  std::string origin(const Request& request) const;

  Storage storage_;
  std::chrono::milliseconds latency_;
  bool behind_tls_;
  bool taken_name_is_403_;
  bool replay_inserts_;
  std::mutex replays_mutex_;
  std::map<std::string, Response> replays_;  // guarded by replays_mutex_
  Access access_;
  std::mutex uploads_mutex_;
  std::map<std::string, std::shared_ptr<Upload>> uploads_;
};

/// 404 with Google's message.
std::unexpected<Refusal> no_bucket();
std::unexpected<Refusal> no_object(const std::string& bucket, const std::string& object);
Response json_reply(std::string body);

}  // namespace ib::emulator
