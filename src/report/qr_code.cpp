// SPDX-License-Identifier: Apache-2.0
#include "report/qr_code.hpp"

#include "base/assert.hpp"

#include <qrencode.h>
#include <memory>
#include <string_view>

namespace ib {
namespace {

constexpr int kMargin = 4;  // what the standard demands

struct CodeFree {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

bool is_black(const QRcode& code, int row, int column)
{
  const bool is_inside = row >= 0 && column >= 0 && row < code.width && column < code.width;
  return is_inside && (code.data[row * code.width + column] & 1) != 0;
}

std::string_view block(bool upper, bool lower)
{
  if (upper) return lower ? "\u2588" : "\u2580";
  return lower ? "\u2584" : " ";
}

}  // namespace

std::string qr_code(const std::string& text)
{
  constexpr int kAnyVersion = 0;
  constexpr int kCaseCounts = 1;
  const std::unique_ptr<QRcode, CodeFree> code(
      QRcode_encodeString(text.c_str(), kAnyVersion, QR_ECLEVEL_H, QR_MODE_8, kCaseCounts));
  IB_ASSERT(code != nullptr);
  std::string lines;
  for (int row = -kMargin; row < code->width + kMargin; row += 2) {
    for (int column = -kMargin; column < code->width + kMargin; ++column)
      lines += block(is_black(*code, row, column), is_black(*code, row + 1, column));
    lines += '\n';
  }
  return lines;
}

}  // namespace ib
