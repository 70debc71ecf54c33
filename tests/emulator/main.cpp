// SPDX-License-Identifier: Apache-2.0
#include "emulator/gcs_emulator.hpp"
#include "emulator/http_message.hpp"

#include <signal.h>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

namespace {

constexpr const char* kUsage =
    R"(gcs-emulator: Google Cloud Storage on the loopback interface, for tests, demo and benchmarks

  --port N              the port; 0 (the default) takes any free port and prints it
  --address A           127.0.0.1
  --bucket NAME         a bucket with default settings; may be repeated
  --bucket-config FILE  JSON: one bucket resource or a list of them
  --credentials FILE    JSON: tokens, service accounts, ... and what each may do;
                        without it, everybody may do everything
  --taken-name 403|412  the reply for a taken name to a credential that may not delete (412)
  --replay-inserts      repeat the reply to an insert whose idempotency token is known
  --faults FILE         JSON: a list of faults, as for POST /emulator/faults
  --discard             count and checksum the bytes of objects, but do not keep them
  --discard-below NAMES the same for objects whose names begin with NAMES
  --no-md5              no md5Hash, except for objects whose client sends one
  --no-object-counts    no counters per object
  --spool DIR           keep the bytes of objects above 1 MiB in unnamed files in DIR
  --latency MS          add this to the time of every request
  --line-rate BYTES     send so many bytes a second at most, all connections together
  --behind-tls          for a TLS proxy in front of it: addresses in replies begin with https

Prints "listening on http://ADDRESS:PORT" and serves until SIGTERM or SIGINT.
GET /emulator/stats, POST /emulator/reset, GET, POST and DELETE /emulator/faults, POST /emulator/buckets
(takes the JSON of --bucket-config: replaces the settings of a bucket and keeps its objects).
)";

std::string file_text(const std::string& path)
{
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint64_t number(const std::string& flag, const std::string& text, std::uint64_t most)
{
  const auto value = ib::emulator::parse_number(text);
  if (!value || *value > most) throw std::runtime_error("not a number for " + flag + ": " + text);
  return *value;
}

int run(const std::vector<std::string>& arguments)
{
  ib::emulator::EmulatorOptions options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& flag = arguments[i];
    const auto value = [&]() -> const std::string& {
      if (i + 1 >= arguments.size()) throw std::runtime_error("nothing after " + flag);
      return arguments[++i];
    };
    if (flag == "--help") {
      std::fputs(kUsage, stdout);
      return 0;
    } else if (flag == "--port") {
      options.port = static_cast<std::uint16_t>(number(flag, value(), 65535));
    } else if (flag == "--address") {
      options.address = value();
    } else if (flag == "--bucket") {
      options.buckets.push_back(value());
    } else if (flag == "--bucket-config") {
      options.bucket_config = file_text(value());
    } else if (flag == "--credentials") {
      options.credentials = file_text(value());
    } else if (flag == "--taken-name") {
      options.taken_name_is_403 = number(flag, value(), 412) == 403;
    } else if (flag == "--faults") {
      options.faults = file_text(value());
    } else if (flag == "--replay-inserts") {
      options.replay_inserts = true;
    } else if (flag == "--discard") {
      options.discard_below = "";
    } else if (flag == "--discard-below") {
      options.discard_below = value();
    } else if (flag == "--no-md5") {
      options.md5 = false;
    } else if (flag == "--no-object-counts") {
      options.count_per_object = false;
    } else if (flag == "--spool") {
      options.spool = value();
    } else if (flag == "--behind-tls") {
      options.behind_tls = true;
    } else if (flag == "--latency") {
      options.latency_ms = number(flag, value(), 3'600'000);
    } else if (flag == "--line-rate") {
      options.line_rate = number(flag, value(), 1'000'000'000'000);
    } else {
      throw std::runtime_error("unknown flag: " + flag);
    }
  }
  ::sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  const auto emulator = ib::emulator::GcsEmulator::start(std::move(options));
  std::cout << "listening on " << emulator->url() << std::endl;
  int which = 0;
  ::sigwait(&ends, &which);
  return 0;
}

}  // namespace

int main(int argc, char** argv)
{
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "gcs-emulator: %s\n", e.what());
    return 64;
  }
}
