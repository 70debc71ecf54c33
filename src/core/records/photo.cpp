// SPDX-License-Identifier: Apache-2.0
#include "core/records/photo.hpp"

#include <utility>

namespace ib {

std::string_view to_string(PhotoPart part)
{
  switch (part) {
    case PhotoPart::original:
      return "original";
    case PhotoPart::video:
      return "video";
    case PhotoPart::sidecar:
      return "sidecar";
  }
  std::unreachable();
}

std::string_view to_string(PhotoState state)
{
  switch (state) {
    case PhotoState::stored:
      return "stored";
    case PhotoState::differs:
      return "differs";
    case PhotoState::missing:
      return "missing";
    case PhotoState::outside:
      return "outside";
  }
  std::unreachable();
}

}  // namespace ib
