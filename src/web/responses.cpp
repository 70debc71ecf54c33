// SPDX-License-Identifier: Apache-2.0
#include "web/responses.hpp"

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ib {
namespace {

using httplib::Response;

/// The name of a download in a header: RFC 6266, with a plain name for those who do not know it.
std::string disposition(const std::string& name, std::string_view kind)
{
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  const std::string text = to_utf8(name);
  std::string plain, encoded;
  for (const char c : text) {
    const bool is_plain = kPlain.contains(c);
    plain += is_plain || c == ' ' ? c : '_';
    encoded += is_plain ? std::string(1, c) : "%" + to_hex(std::as_bytes(std::span(&c, 1)));
  }
  return std::string(kind) + R"(; filename=")" + plain + R"("; filename*=UTF-8'')" + encoded;
}

/// A download that is being sent, and the bytes of it that have not been passed on.
struct Sending {
  explicit Sending(OpenDownload open) : download(std::move(open)), buffer(kBuffer) {}

  /// Reads on where nothing is left.
  Result<> fill()
  {
    if (size > begin || ended) return {};
    begin = 0;
    size = TRY(download.bytes->read(buffer));
    ended = size == 0;
    return {};
  }
  bool is_over() const { return ended; }

  bool pass_on(httplib::DataSink& sink, std::size_t most)
  {
    const std::size_t count = std::min(size - begin, most);
    const std::string_view text = text_of(ByteView(buffer).subspan(begin, count));
    begin += count;
    position += count;
    return sink.write(text.data(), text.size());
  }

  /// False where that is not possible.
  bool skip_to(std::uint64_t offset)
  {
    if (offset < position) return false;
    while (position < offset && !ended) {
      const std::size_t count =
          static_cast<std::size_t>(std::min<std::uint64_t>(size - begin, offset - position));
      begin += count;
      position += count;
      if (!fill()) return false;
    }
    return position == offset;
  }

  static constexpr std::size_t kBuffer = std::size_t{128} * 1024;
  OpenDownload download;
  std::vector<std::byte> buffer;
  std::size_t begin = 0, size = 0;
  std::uint64_t position = 0;  // of the first byte that was not passed on
  bool ended = false;
};

}  // namespace

void answer(Response& response, const PageAnswer& answer)
{
  response.status = answer.status;
  response.set_content(answer.body, "application/json");
}

void send(std::variant<OpenDownload, PageAnswer> open, bool is_saved, Response& response)
{
  if (const auto* refused = std::get_if<PageAnswer>(&open)) return answer(response, *refused);
  auto sending = std::make_shared<Sending>(std::get<OpenDownload>(std::move(open)));
  // What fails before the first byte can still be told.
  if (const Result<> begun = sending->fill(); !begun)
    return answer(response, refusal(502, begun.error().message));
  const OpenDownload& download = sending->download;
  const bool is_shown = download.can_be_shown && !is_saved;
  response.set_header("Content-Disposition",
                      disposition(download.name, is_shown ? "inline" : "attachment"));
  // Whatever the file is, it runs nothing here.
  response.set_header("Content-Security-Policy", "default-src 'none'; sandbox");
  if (!download.size) {
    response.set_chunked_content_provider(
        download.type, [sending](std::size_t, httplib::DataSink& sink) {
          if (sending->is_over()) {
            sink.done();
            return true;
          }
          return sending->pass_on(sink, SIZE_MAX) && sending->fill().has_value();
        });
    return;
  }
  // Who asks for a part gets it once all before it has passed.
  response.set_content_provider(
      static_cast<std::size_t>(*download.size), download.type,
      [sending](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        if (!sending->skip_to(offset) || sending->is_over()) return false;
        return sending->pass_on(sink, length) && sending->fill().has_value();
      });
}

}  // namespace ib
