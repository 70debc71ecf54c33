// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/credentials.hpp"

#include "base/text.hpp"
#include "store/gcs/token_source.hpp"
#include "sys/file.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace ib {
namespace {

using std::chrono::seconds;

constexpr seconds kRefreshAhead{300};
// A token is not sent in its last seconds, because clocks differ and sending takes time.
constexpr seconds kMargin{15};
// After a failure to fetch a new token, the old one is used for this long before the next attempt.
constexpr seconds kPause{15};
constexpr std::uint64_t kMaxFile = std::uint64_t{1024} * 1024;
constexpr const char* kDefaultMetadataHost = "169.254.169.254";

class Anonymous final : public Credentials {
public:
  Result<std::string> authorization(const std::stop_token&) override { return std::string{}; }
  void reject(const std::string&) override {}
  std::string describe() const override { return "no credential"; }
};

class TokenCredentials final : public Credentials {
public:
  TokenCredentials(std::unique_ptr<TokenSource> source, const std::string& origin,
                   std::function<Timestamp()> clock)
      : source_(std::move(source)),
        name_(source_->describe() + ", from " + origin),
        clock_(std::move(clock))
  {}

  Result<std::string> authorization(const std::stop_token& stop) override;
  void reject(const std::string& authorization) override;
  std::string describe() const override { return name_; }

private:
  static std::string bearer(const Token& token) { return "Bearer " + token.value; }
  Result<std::string> refresh(std::unique_lock<std::mutex>& lock, bool old_is_valid,
                              const std::stop_token& stop);

  // Only the thread that has set refreshing_ uses this, without the lock.
  std::unique_ptr<TokenSource> source_;
  const std::string name_;
  const std::function<Timestamp()> clock_;

  std::mutex mutex_;
  std::condition_variable_any refreshed_;
  std::optional<Token> token_;  // guarded by mutex_, as is everything below
  Timestamp refresh_at_{};      // of token_
  bool refreshing_ = false;
  std::uint64_t refreshes_ = 0;   // how many have ended
  std::optional<Error> failure_;  // of the last refresh
};

Result<std::string> TokenCredentials::authorization(const std::stop_token& stop)
{
  std::unique_lock lock(mutex_);
  for (;;) {
    const Timestamp now = clock_();
    if (token_ && now < refresh_at_) return bearer(*token_);
    const bool is_valid = token_ && now + kMargin < token_->expires;
    if (!refreshing_) return refresh(lock, is_valid, stop);
    if (is_valid) return bearer(*token_);

    const std::uint64_t seen = refreshes_;
    if (!refreshed_.wait(lock, stop, [&] { return refreshes_ != seen; })) {
      return fail(Errc::cancelled, "interrupted");
    }
    // All threads that waited share the failure, so that they do not each wait for their own. But
    // if one of them was told to stop, that does not concern the others.
    if (failure_ && failure_->code != Errc::cancelled) return std::unexpected(*failure_);
  }
}

Result<std::string> TokenCredentials::refresh(std::unique_lock<std::mutex>& lock, bool old_is_valid,
                                              const std::stop_token& stop)
{
  refreshing_ = true;
  const Timestamp now = clock_();
  lock.unlock();
  Result<Token> fetched = source_->fetch(now, stop);
  lock.lock();
  refreshing_ = false;
  ++refreshes_;
  failure_.reset();
  refreshed_.notify_all();
  if (fetched) {
    token_ = *std::move(fetched);
    refresh_at_ = std::max(token_->expires - kRefreshAhead, now + (token_->expires - now) / 2);
    return bearer(*token_);
  }
  const Errc code = fetched.error().code;
  failure_ = code == Errc::cancelled ? std::move(fetched).error()
                                     : in_context(name_, std::move(fetched).error());
  // Meanwhile token_ may have been rejected.
  if (old_is_valid && token_ && code != Errc::cancelled) {
    refresh_at_ = now + kPause;
    return bearer(*token_);
  }
  return std::unexpected(*failure_);
}

void TokenCredentials::reject(const std::string& authorization)
{
  const std::lock_guard lock(mutex_);
  if (token_ && bearer(*token_) == authorization) token_.reset();
}

/// A credential's JSON and its origin.
struct Found {
  std::string json;
  std::string origin;
};

Result<Found> read_credential(const std::string& path, const std::string& origin)
{
  Result<std::string> json = read_file(path, kMaxFile);
  if (json) return Found{.json = *std::move(json), .origin = origin};
  return fail(Errc::invalid,
              "the credential from " + origin + " cannot be read: " + json.error().message,
              "Name a file that this user can read, or unset the variable.");
}

std::string gcloud_folder(const CredentialOptions& options)
{
  if (!options.cloudsdk_config.empty()) return options.cloudsdk_config;
  return options.home.empty() ? std::string{} : options.home + "/.config/gcloud";
}

/// Looks in the environment and in the file system. Adds each place that holds nothing to
/// `looked_at`.
Result<std::optional<Found>> find_json(const CredentialOptions& options, std::string& looked_at)
{
  if (options.json) return Found{.json = *options.json, .origin = "GCS_CREDENTIALS"};
  if (!options.application_credentials.empty()) {
    return TRY(read_credential(
        options.application_credentials,
        "GOOGLE_APPLICATION_CREDENTIALS=" + printable(options.application_credentials)));
  }
  looked_at = "GCS_CREDENTIALS and GOOGLE_APPLICATION_CREDENTIALS are not set";
  const std::string folder = gcloud_folder(options);
  if (folder.empty()) return std::nullopt;
  const std::string path = folder + "/application_default_credentials.json";
  if (path_exists(path)) return TRY(read_credential(path, printable(path)));
  looked_at += ", there is no " + printable(path);
  return std::nullopt;
}

Result<std::unique_ptr<TokenSource>> open_json(const Found& found, HttpClient& http)
{
  const Result<CredentialFile> credential = parse_credential_file(found.json);
  if (!credential) {
    Error error = in_context("the credential from " + found.origin, credential.error());
    if (found.origin == "GCS_CREDENTIALS") {
      error.hint =
          "GCS_CREDENTIALS must hold the credential's whole JSON. For the path of a file, use "
          "GOOGLE_APPLICATION_CREDENTIALS.";
    }
    return std::unexpected(std::move(error));
  }
  return open_token_source(*credential, http).context("the credential from " + found.origin);
}

}  // namespace

std::unique_ptr<Credentials> Credentials::anonymous()
{
  return std::make_unique<Anonymous>();
}

Result<std::unique_ptr<Credentials>> Credentials::find(const CredentialOptions& options,
                                                       HttpClient& http,
                                                       std::function<Timestamp()> clock)
{
  std::string looked_at;
  if (const std::optional<Found> found = TRY(find_json(options, looked_at))) {
    std::unique_ptr<TokenSource> source = TRY(open_json(*found, http));
    return std::make_unique<TokenCredentials>(std::move(source), found->origin, std::move(clock));
  }

  const std::string host =
      options.metadata_host.empty() ? kDefaultMetadataHost : options.metadata_host;
  const MetadataServer server =
      look_for_metadata_server(host, http, options.metadata_patience, options.stop);
  if (server.is_present && server.has_account) {
    return std::make_unique<TokenCredentials>(open_metadata_server(host, server.account, http),
                                              "the metadata server " + printable(host),
                                              std::move(clock));
  }
  if (options.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
  looked_at += server.is_present
                   ? ", and the metadata server at " + printable(host) + " has no service account"
                   : ", and no metadata server answers at " + printable(host);
  const bool was_waited_for = server.is_silent && options.metadata_patience.count() > 0;
  return fail(was_waited_for ? Errc::unavailable : Errc::denied,
              "no Google credential found: " + looked_at,
              "Set GOOGLE_APPLICATION_CREDENTIALS to the path of a service account's key, or run: "
              "gcloud auth application-default login.");
}

}  // namespace ib
