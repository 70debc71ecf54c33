// SPDX-License-Identifier: Apache-2.0
// What all protocols share of libcurl. Only the files of this module include this.
#pragma once

#include "base/assert.hpp"
#include "base/error.hpp"

#include <curl/curl.h>
#include <memory>
#include <optional>
#include <string>

namespace ib {

struct EasyHandleCleanup {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
/// A curl handle: the options of one request, and connections that stay open for later ones.
using EasyHandle = std::unique_ptr<CURL, EasyHandleCleanup>;

struct CurlListCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, CurlListCleanup>;

/// A new handle. The first call starts curl.
EasyHandle new_handle();

template <class T>
void set_option(const EasyHandle& easy, CURLoption option, T value)
{
  // Our own code chooses the options, so a refusal is a bug.
  IB_ASSERT(curl_easy_setopt(easy.get(), option, value) == CURLE_OK);
}

/// Copies the text to the end of the list.
void append(CurlList& list, const std::string& text);

/// The error of a `code` with which no connection came about: no such host, nobody there, another
/// certificate. Absent for other codes. `reason` is curl's own text.
std::optional<Error> connection_error(const EasyHandle& easy, CURLcode code,
                                      const std::string& host, const char* reason);

}  // namespace ib
