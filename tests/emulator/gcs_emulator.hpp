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

/// One rule of a fault script. It is hit when a request matches for the `nth` time, then `times`
/// times in a row (0: for ever) or for `for_ms` from the first hit on. If several rules are due,
/// the first one acts.
struct FaultRule {
  std::string id = {};  ///< its name in the list of hits; empty: "fault N"

  // The requests that it matches. Empty members match everything.
  std::string kind =
      {};  ///< insert, start, chunk, query, cancel, get, media, list, patch, rewrite, compose,
           ///< copy, delete, bucket, buckets, permissions, token, metadata, impersonate
  std::string method = {};  ///< GET, PUT, ...
  std::string path = {};    ///< part of the target as it was sent
  std::string object = {};  ///< part of the object's name

  std::uint64_t nth = 1;
  std::uint64_t times = 1;
  std::uint64_t for_ms = 0;

  // Its effects: one of these, or several that can be combined.
  int status = 0;                ///< replies with this status; the request has no effect
  std::string retry_after = {};  ///< with `status`
  std::string body = {};         ///< with `status`: text/plain instead of Google's JSON
  bool reset_before = false;     ///< resets the connection; the request has no effect
  bool reset_after = false;      ///< resets the connection after the effect, so the reply is lost
  std::optional<std::uint64_t> reset_in_body =
      {};  ///< resets the connection after so many bytes of the request's body
  std::optional<std::uint64_t> store_only =
      {};  ///< stores only so many bytes of a chunk, in units of 256 KiB; 308
  std::optional<std::uint64_t> cut_reply = {};  ///< ends the reply's body after so many bytes
  std::uint64_t stall_ms = 0;  ///< waits before the reply, or at one of the next two
  std::optional<std::uint64_t> stall_in_body = {};   ///< after so many bytes of the request's body
  std::optional<std::uint64_t> stall_in_reply = {};  ///< after so many bytes of the reply's body
  std::optional<std::uint64_t> flip_stored = {};  ///< damages this byte of the object as it arrives
  std::optional<std::uint64_t> flip_reply = {};   ///< damages this byte of the reply's body
  std::uint64_t bytes_per_second = 0;             ///< a slow link, both ways
  bool not_json = false;      ///< after the effect, replies with 200 and a page of HTML
  bool gzip_reply = false;    ///< compresses the body, as a proxy may that nobody has asked
  bool no_date = false;       ///< the reply has no Date, as a proxy may have it
  std::string no_size = {};   ///< objects with this in their names are described without their size
  std::string redirect = {};  ///< replies with 307 to this URL; the request has no effect
  int lose_upload = 0;        ///< loses the upload: replies with this status (404, 410) from now on
};

struct FaultReport {
  std::string id;
  std::uint64_t hits = 0;
};

struct EmulatorOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                 ///< 0: any
  std::vector<std::string> buckets = {};  ///< names of buckets with default settings
  std::string bucket_config = {};         ///< JSON: one bucket resource or a list of them
  std::string credentials = {};           ///< JSON; empty: everybody may do everything
  std::string faults = {};                ///< JSON: a list of rules
  /// Bytes of objects whose names begin with this are counted and checksummed, but not kept.
  std::optional<std::string> discard_below = std::nullopt;
  bool md5 = true;               ///< false: computes an MD5 only if the client names one
  std::string spool = {};        ///< a folder for the bytes of large objects
  std::uint64_t latency_ms = 0;  ///< added to every request
  std::uint64_t line_rate = 0;   ///< bytes a second that go to all clients together; 0: no limit
  bool behind_tls = false;       ///< behind a TLS proxy: addresses in replies begin with https
  bool taken_name_is_403 =
      false;                    ///< for a taken name, replies with 403 to users who may not delete
  bool replay_inserts = false;  ///< repeats the reply to an insert with a known
                                ///< x-goog-gcs-idempotency-token, and does not insert again
  bool count_per_object = true;
};

struct ObjectCount {
  std::map<std::string, std::uint64_t> requests = {};  ///< by kind, with any result
  std::uint64_t bytes_in = 0;  ///< of its content; counts a byte each time that it was sent
  std::uint64_t bytes_out = 0;
};

struct ClassCount {
  std::uint64_t class_a = 0;
  std::uint64_t class_b = 0;
  std::uint64_t bytes_stored = 0;     ///< by inserts
  std::uint64_t bytes_retrieved = 0;  ///< by downloads
};

/// The requests since the start or the last reset. Operations are those that Google bills. Refused
/// and failed requests are counted only by status.
struct EmulatorStats {
  std::uint64_t requests = 0;  ///< all except those to /emulator
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
  std::string md5;     ///< base64; empty if none was computed
  std::string custom_time;
  std::map<std::string, std::string> metadata = {};
};

/// Google Cloud Storage for tests: its JSON API over HTTP on the loopback interface. It is as
/// strict as the real one about checksums, preconditions, names, classes, permissions and the 256
/// KiB units of chunks. It counts what Google would bill, and fails as a script tells it.
/// Thread-safe. Its own failures throw, because a test without its server proves nothing.
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
  /// Sets the counters to zero. Objects and faults stay.
  void reset_stats();

  void add_fault(FaultRule rule);
  void clear_faults();
  std::vector<FaultReport> faults() const;
  /// The faults that never happened. A test with such a fault has not tested what it wanted.
  std::vector<std::string> faults_not_hit() const;

  /// Names in byte order.
  std::vector<std::string> list(std::string_view bucket, std::string_view prefix = {}) const;
  std::optional<StoredObject> object(std::string_view bucket, std::string_view name) const;
  std::optional<std::string> content(std::string_view bucket, std::string_view name) const;
  /// Stores an object without a request and replaces an existing one. Returns its generation.
  std::int64_t put(std::string_view bucket, std::string_view name, std::string_view bytes,
                   std::string_view storage_class = {},
                   std::map<std::string, std::string> metadata = {});
  /// Replaces the settings of a bucket, or creates the bucket. Its objects stay. `resource` is the
  /// JSON of the bucket resource. Throws if it is not one.
  void configure_bucket(std::string_view resource);
  /// Damages a stored object. Its checksums stay those of the true bytes.
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
