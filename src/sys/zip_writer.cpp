// SPDX-License-Identifier: Apache-2.0
#include "sys/zip_writer.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

namespace ib {
namespace {

constexpr std::size_t kBuffer = std::size_t{256} * 1024;

struct CloseArchive {
  // Also where it was not finished: archive_write_free() would then write its end.
  void operator()(archive* zip) const
  {
    static_cast<void>(archive_write_fail(zip));
    static_cast<void>(archive_write_free(zip));
  }
};
struct CloseEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

}  // namespace

struct ZipWriter::State {
  ByteSink out;
  Result<> written = {};  // the first error of `out`
  std::unique_ptr<archive, CloseArchive> zip;

  static la_ssize_t take(archive* zip, void* self, const void* bytes, std::size_t size)
  {
    State& state = *static_cast<State*>(self);
    if (state.written)
      state.written = state.out(ByteView(static_cast<const std::byte*>(bytes), size));
    if (state.written) return static_cast<la_ssize_t>(size);
    archive_set_error(zip, EPIPE, "the stream ended");
    return -1;
  }

  Result<> check(la_ssize_t status) const
  {
    if (status >= ARCHIVE_WARN) return {};
    if (!written) return written;
    const char* why = archive_error_string(zip.get());
    return fail(Errc::io, "writing the ZIP file: " + std::string(why == nullptr ? "?" : why));
  }
};

ZipWriter::ZipWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZipWriter::ZipWriter(ZipWriter&&) noexcept = default;
ZipWriter::~ZipWriter() = default;

Result<ZipWriter> ZipWriter::create(ByteSink out)
{
  auto state = std::make_unique<State>();
  state->out = std::move(out);
  state->zip.reset(archive_write_new());
  archive* zip = state->zip.get();
  if (zip == nullptr) return fail(Errc::io, "writing the ZIP file: no memory");
  TRY(state->check(archive_write_set_format_zip(zip)));
  TRY(state->check(archive_write_zip_set_compression_store(zip)));
  // The last block is as long as it is, and not filled with zeros.
  TRY(state->check(archive_write_set_bytes_in_last_block(zip, 1)));
  TRY(state->check(archive_write_set_option(zip, "zip", "hdrcharset", "UTF-8")));
  TRY(state->check(archive_write_open2(zip, state.get(), nullptr, State::take, nullptr, nullptr)));
  return ZipWriter(std::move(state));
}

Result<> ZipWriter::add(const std::string& name, std::optional<Timestamp> mtime, std::uint64_t size,
                        ByteSource& source)
{
  constexpr std::chrono::sys_days kEarliest(std::chrono::year(1980) / 1 / 1);
  const std::unique_ptr<archive_entry, CloseEntry> entry(archive_entry_new());
  if (entry == nullptr) return fail(Errc::io, "writing the ZIP file: no memory");
  archive_entry_set_pathname_utf8(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
  const Timestamp time = std::max(mtime.value_or(Timestamp(kEarliest)), Timestamp(kEarliest));
  archive_entry_set_mtime(
      entry.get(),
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count(), 0);
  TRY(state_->check(archive_write_header(state_->zip.get(), entry.get())));
  std::array<std::byte, kBuffer> buffer;
  std::uint64_t left = size;
  while (left > 0) {
    const std::size_t n = TRY(source.read(
        std::span(buffer).first(static_cast<std::size_t>(std::min<std::uint64_t>(left, kBuffer)))));
    if (n == 0) return fail(Errc::io, name + ": is shorter than it was said to be");
    const la_ssize_t taken = archive_write_data(state_->zip.get(), buffer.data(), n);
    TRY(state_->check(taken));
    if (std::cmp_not_equal(taken, n)) return fail(Errc::io, name + ": could not be written whole");
    left -= n;
  }
  return state_->check(archive_write_finish_entry(state_->zip.get()));
}

Result<> ZipWriter::finish()
{
  return state_->check(archive_write_close(state_->zip.get()));
}

}  // namespace ib
