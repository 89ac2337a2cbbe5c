#pragma once

#include <array>
#include <cstdint>

#include "core/protocol/codec.h"
#include "core/protocol/messages/headers.h"

namespace trialog::protocol {

/// Which header stands in front of a request or response of this version. A key that we do not know
/// is taken for an inflexible API.
std::int16_t request_header_version(std::int16_t api_key, std::int16_t version);
std::int16_t response_header_version(std::int16_t api_key, std::int16_t version);

/// The header at the beginning of a frame (without its length), and where the request begins. Works
/// for every version of ApiVersions, also for those that we do not have.
Result<Decoded<RequestHeader>> decode_request_header(const Bytes& frame);

/// The header at the beginning of the frame that answers a request of this key and version.
Result<Decoded<ResponseHeader>> decode_response_header(const Bytes& frame, std::int16_t api_key,
                                                       std::int16_t version);

/// A request as it is sent: int32 length, header, message. The header says in which version, and
/// its key must be the request's.
template <Message T>
Result<Chain> frame(const RequestHeader& header, const T& request) {
  const auto version = header.request_api_version;
  const std::array parts{
      detail::Part{&schema_of<RequestHeader>(), &header,
                   request_header_version(T::api.key, version)},
      detail::Part{&schema_of<T>(), &request, version},
  };
  return detail::encode(parts, detail::Prefix::length);
}

/// A response as it is sent, in the version of its request.
template <Message T>
Result<Chain> frame(const ResponseHeader& header, const T& response, std::int16_t version) {
  const std::array parts{
      detail::Part{&schema_of<ResponseHeader>(), &header,
                   response_header_version(T::api.key, version)},
      detail::Part{&schema_of<T>(), &response, version},
  };
  return detail::encode(parts, detail::Prefix::length);
}

}  // namespace trialog::protocol
