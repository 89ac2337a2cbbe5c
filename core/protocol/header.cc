#include "core/protocol/header.h"

#include "core/base/cursor.h"
#include "core/protocol/api.h"

namespace trialog::protocol {
namespace {

constexpr std::int16_t api_versions_key = 18;
constexpr std::int16_t controlled_shutdown_key = 7;
constexpr Versions controlled_shutdown_flexible = "3+";

bool is_flexible(std::int16_t api_key, std::int16_t version) {
  if (api_key == controlled_shutdown_key) return controlled_shutdown_flexible.contains(version);
  const auto* api = find_api(api_key);
  return api != nullptr && api->flexible.contains(version);
}

}  // namespace

std::int16_t request_header_version(std::int16_t api_key, std::int16_t version) {
  if (api_key == controlled_shutdown_key && version == 0) return 0;  // Older than client ids.
  return is_flexible(api_key, version) ? 2 : 1;
}

std::int16_t response_header_version(std::int16_t api_key, std::int16_t version) {
  if (api_key == api_versions_key) return 0;  // The client cannot know what we speak (KIP-511).
  return is_flexible(api_key, version) ? 1 : 0;
}

Result<Decoded<RequestHeader>> decode_request_header(const Bytes& frame) {
  Reader peek(frame.view());
  const auto api_key = peek.i16();
  const auto version = peek.i16();
  if (peek.failed()) {
    return failure(IoError::Kind::corrupt, "a request frame without an API key and version");
  }
  return decode_at<RequestHeader>(frame, 0, request_header_version(api_key, version));
}

Result<Decoded<ResponseHeader>> decode_response_header(const Bytes& frame, std::int16_t api_key,
                                                       std::int16_t version) {
  return decode_at<ResponseHeader>(frame, 0, response_header_version(api_key, version));
}

}  // namespace trialog::protocol
