// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/progress.hpp"
#include "base/result.hpp"
#include "web/access.hpp"
#include "web/page.hpp"
#include "web/photos.hpp"

#include <memory>

namespace ib {

/// Serves the page while it lives. Its connections are limited in number, time and size, so that
/// silent and slow ones do not stop it.
class WebServer {
public:
  /// invalid where `address` can't be listened at. Port 0 is any free one. Wrong
  /// passwords are noted in `log`, with the address that they come from. `page`, `photos`, `access`
  /// and `log` must outlive it.
  static Result<std::unique_ptr<WebServer>> start(const ListenAddress& address, Page& page,
                                                  Photos& photos, Access& access, Progress& log);
  WebServer() = default;
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;
  virtual ~WebServer() = default;

  virtual int port() const = 0;
};

}  // namespace ib
