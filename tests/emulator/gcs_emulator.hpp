// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib::emulator {

/// One line of a fault script. It is hit when a request matches for the `nth` time, and then
/// `times` times in a row (0: for ever), or for `for_ms` since it was first hit. Of several that
/// are due, the first acts.
struct FaultRule {
  std::string id = {};  ///< in the answer of what was hit; "fault N" where empty

  // What it matches; empty matches everything.
  std::string kind =
      {};  ///< insert, start, chunk, query, cancel, get, media, list, patch, rewrite, compose,
           ///< copy, delete, bucket, buckets, permissions, token, metadata, impersonate
  std::string method = {};  ///< GET, PUT, ...
  std::string path = {};    ///< part of the target as sent
  std::string object = {};  ///< part of the object's name

  std::uint64_t nth = 1;
  std::uint64_t times = 1;
  std::uint64_t for_ms = 0;

  // What it does: one of these, or several that go together.
  int status = 0;                ///< this reply, without any effect
  std::string retry_after = {};  ///< with `status`
  std::string body = {};         ///< with `status`, instead of Google's JSON; text/plain
  bool reset_before = false;     ///< the connection is reset, without any effect
  bool reset_after = false;      ///< it all happens, but the reply is lost
  std::optional<std::uint64_t> reset_in_body =
      {};  ///< reset after so many bytes of the request's body
  std::optional<std::uint64_t> store_only =
      {};                                       ///< of a chunk, so many bytes, down to 256 KiB; 308
  std::optional<std::uint64_t> cut_reply = {};  ///< the reply's body ends after so many bytes
  std::uint64_t stall_ms = 0;                   ///< before the reply, or where the next two say
  std::optional<std::uint64_t> stall_in_body = {};   ///< after so many bytes of the request's body
  std::optional<std::uint64_t> stall_in_reply = {};  ///< after so many bytes of the reply's body
  std::optional<std::uint64_t> flip_stored = {};     ///< this byte of the object arrives damaged
  std::optional<std::uint64_t> flip_reply = {};  ///< this byte of the reply's body is sent damaged
  std::uint64_t bytes_per_second = 0;            ///< a slow link, both ways
  bool not_json = false;      ///< it all happens; the reply is 200 with a page of HTML
  std::string redirect = {};  ///< 307 to this URL, without any effect
  int lose_upload = 0;        ///< the upload is gone: this reply (404, 410) from now on
};

struct FaultReport {
  std::string id;
  std::uint64_t hits = 0;
};

struct EmulatorOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                 ///< 0: any
  std::vector<std::string> buckets = {};  ///< with default settings
  std::string bucket_config = {};         ///< JSON: one bucket resource or a list of them
  std::string credentials = {};           ///< JSON; empty: nobody is asked
  std::string faults = {};                ///< JSON: a list of rules
  /// Of objects whose names begin so, bytes are counted and checksummed, not kept.
  std::optional<std::string> discard_below = std::nullopt;
  bool md5 = true;               ///< of every object; else only of those whose client names one
  std::string spool = {};        ///< a folder for the bytes of large objects
  std::uint64_t latency_ms = 0;  ///< added to every request
  bool behind_tls = false;  ///< a proxy speaks TLS before it: addresses in replies begin with https
  bool taken_name_is_403 = false;  ///< who may not delete gets 403 for a taken name before any 412
  bool replay_inserts = false;     ///< an insert whose x-goog-gcs-idempotency-token is known is
                                   ///< answered as before, and not done again
  bool count_per_object = true;
};

struct ObjectCount {
  std::map<std::string, std::uint64_t> requests = {};  ///< by kind, whatever came of them
  std::uint64_t bytes_in = 0;  ///< of its content, each byte as often as it was sent
  std::uint64_t bytes_out = 0;
};

struct ClassCount {
  std::uint64_t class_a = 0;
  std::uint64_t class_b = 0;
  std::uint64_t bytes_stored = 0;     ///< by inserts
  std::uint64_t bytes_retrieved = 0;  ///< by downloads
};

/// What was asked since the start or the last reset. Operations are billed ones: what was refused
/// or failed is counted by status alone.
struct EmulatorStats {
  std::uint64_t requests = 0;  ///< all but those to /emulator
  std::uint64_t class_a = 0;
  std::uint64_t class_b = 0;
  std::uint64_t free = 0;
  std::uint64_t bytes_in = 0;  ///< bodies
  std::uint64_t bytes_out = 0;
  std::uint64_t max_concurrent = 0;
  std::map<std::string, std::uint64_t> kinds = {};
  std::map<int, std::uint64_t> statuses = {};
  std::map<std::string, ClassCount> storage_classes = {};
  std::map<std::string, ObjectCount> objects = {};  ///< by "bucket/name"
};

struct StoredObject {
  std::string name;
  std::int64_t generation = 0;
  std::int64_t metageneration = 0;
  std::uint64_t size = 0;
  std::string storage_class;
  std::string content_type;
  std::string content_encoding;
  std::string crc32c;  ///< base64
  std::string md5;     ///< base64; empty where none was computed
  std::string custom_time;
  std::map<std::string, std::string> metadata = {};
};

/// Google Cloud Storage for tests: its JSON API over HTTP on the loopback interface, as strict as
/// the real one about checksums, preconditions, names, classes, permissions and the 256 KiB of
/// chunks; it counts what Google would bill, and fails as a script tells it to. Any number of
/// threads may use one. Failures of its own throw: a test without its server proves nothing.
class GcsEmulator {
public:
  static std::unique_ptr<GcsEmulator> start(EmulatorOptions options = {});
  GcsEmulator(const GcsEmulator&) = delete;
  GcsEmulator& operator=(const GcsEmulator&) = delete;
  /// Breaks every connection.
  ~GcsEmulator();

  /// "http://127.0.0.1:40123"
  std::string url() const;
  std::uint16_t port() const;

  EmulatorStats stats() const;
  /// Counters start again; objects and faults stay.
  void reset_stats();

  void add_fault(FaultRule rule);
  void clear_faults();
  std::vector<FaultReport> faults() const;
  /// Those that never happened: a test with one of these has tested something else.
  std::vector<std::string> faults_not_hit() const;

  /// Names in byte order.
  std::vector<std::string> list(std::string_view bucket, std::string_view prefix = {}) const;
  std::optional<StoredObject> object(std::string_view bucket, std::string_view name) const;
  std::optional<std::string> content(std::string_view bucket, std::string_view name) const;
  /// Stores an object behind everybody's back, replacing what is there; returns its generation.
  std::int64_t put(std::string_view bucket, std::string_view name, std::string_view bytes,
                   std::string_view storage_class = {},
                   std::map<std::string, std::string> metadata = {});
  /// Gives a bucket other settings, and makes it where there is none; its objects stay. `resource`
  /// is the bucket resource's JSON, which replaces what was set before. Throws where it is none.
  void configure_bucket(std::string_view resource);
  /// Damages what is stored without telling: the checksums stay those of the true bytes.
  bool corrupt(std::string_view bucket, std::string_view name, std::uint64_t offset);
  bool remove(std::string_view bucket, std::string_view name);
  /// Resumable uploads that were neither finished nor cancelled.
  std::size_t open_uploads() const;

  struct State;

private:
  explicit GcsEmulator(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ib::emulator

namespace ib::test {
using emulator::EmulatorOptions;
using emulator::FaultRule;
using emulator::GcsEmulator;
}  // namespace ib::test
