// SPDX-License-Identifier: Apache-2.0
#include "cli/options/common.hpp"

#include "cli/options/bandwidth.hpp"
#include "cli/options/trust.hpp"

namespace ib {
namespace {

Options tuning_options()
{
  return {
      {.name = "workers",
       .metavar = "N|auto",
       .group = OptionGroup::tuning,
       .environment = {"UPLOAD_WORKERS"},
       .help = "the number of files to transfer at the same time, or auto: as many as get the most "
               "done, up to 16 with a folder and 64 with a bucket (default: auto)"},
      {.name = "scratch",
       .metavar = "DIR",
       .group = OptionGroup::tuning,
       .help = "the folder for temporary files (default: $TMPDIR or /tmp)"},
      {.name = "log-format",
       .metavar = "FORMAT",
       .group = OptionGroup::tuning,
       .help = "text (default), or json: each line on stderr is one JSON object",
       .choices = {"text", "json"}},
      {.name = "log-interval",
       .metavar = "TIME",
       .group = OptionGroup::tuning,
       .help = "how often a log tells how far a long step is (default: 1m)"},
      {.name = "ignore-manifest",
       .metavar = "NAME",
       .group = OptionGroup::tuning,
       .help = "work without this manifest-*.db or manifest-*.json",
       .repeatable = true},
      {.name = "map-prefix",
       .metavar = "OLD=NEW",
       .group = OptionGroup::tuning,
       .help = "in a manifest of version 2.0, replace OLD at the beginning of paths by NEW, "
               "such as /data/=/",
       .repeatable = true},
      {.name = "env",
       .metavar = "NAME=VALUE",
       .group = OptionGroup::tuning,
       .help = "set an environment variable of this program",
       .repeatable = true,
       .command_line_only = true},
  };
}

}  // namespace

Result<Workers> workers_of(const Settings& settings, bool in_bucket)
{
  constexpr std::uint64_t kMost = 256;
  if (settings.text("workers").value_or("auto") == "auto")
    return in_bucket ? Workers(16, 64) : Workers(4, 16);
  Result<std::optional<std::uint64_t>> fixed = settings.number("workers", 1, kMost);
  if (!fixed) {
    Error error = std::move(fixed).error();
    error.hint = "A number from 1 to 256, or auto.";
    return std::unexpected(std::move(error));
  }
  return Workers(static_cast<unsigned>(**fixed));
}

Option store_option()
{
  return {.name = "store",
          .metavar = "URL",
          .help =
              "where the backup is: gs://bucket[/prefix] or file:///folder "
              "(default: gs://$GCS_BUCKET)"};
}

Options common_options()
{
  return joined(
      {{{.name = "json", .help = "print one JSON object instead of text"},
        {.name = "quiet",
         .help = "print neither progress nor a report of what went well, only errors and problems"},
        {.name = "config",
         .metavar = "FILE",
         .help = R"(a TOML file with these options, such as: library = "/photos")"},
        {.name = "billing-project",
         .metavar = "PROJECT",
         .group = OptionGroup::bucket,
         .help = "the Google Cloud project that pays for each request, "
                 "if the bucket's readers pay for it (requester pays)"},
        {.name = "ca-bundle",
         .metavar = "FILE",
         .group = OptionGroup::bucket,
         .environment = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"},
         .help = "certificates (PEM) to trust instead of the system's, "
                 "if your proxy reads TLS"}},
       bandwidth_options(),
       trust_options(),
       tuning_options()});
}

Result<std::string> store_url(const Settings& settings, const EnvironmentLookup& environment)
{
  const Setting* setting = settings.find("store");
  const std::optional<std::string> bucket = environment("GCS_BUCKET");
  const bool bucket_comes_first = setting == nullptr || setting->origin == Origin::config_file;
  if (bucket && !bucket->empty() && bucket_comes_first) return "gs://" + *bucket;
  if (setting != nullptr && !setting->values.front().empty()) return setting->values.front();
  return fail(Errc::invalid, "no store is named for the backup",
              "Use --store file:///folder or --store gs://bucket, or set IMMICH_BACKUP_STORE.");
}

StoreOptions open_options(const Settings& settings, const EnvironmentLookup& environment)
{
  const auto said = [&](const char* name) { return environment(name).value_or(""); };
  return {.classes = {},
          .emulator_host = said("STORAGE_EMULATOR_HOST"),
          .credentials_json = said("GCS_CREDENTIALS"),
          .application_credentials = said("GOOGLE_APPLICATION_CREDENTIALS"),
          .cloudsdk_config = said("CLOUDSDK_CONFIG"),
          .home = said("HOME"),
          .metadata_host = said("GCE_METADATA_HOST"),
          .billing_project = settings.text("billing-project").value_or(""),
          .group_readable = settings.flag("group-readable").value_or(false),
          .ca_bundle = settings.text("ca-bundle").value_or("")};
}

Result<std::vector<PathMapping>> path_mappings(const Settings& settings)
{
  std::vector<PathMapping> mappings;
  for (const std::string& text : settings.list("map-prefix"))
    mappings.push_back(TRY(PathMapping::parse(text)));
  return mappings;
}

Result<bool> wants_json_log(const Settings& settings)
{
  return TRY(settings.choice("log-format")) == "json";
}

}  // namespace ib
