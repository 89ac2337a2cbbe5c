#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Messages as JSON, the way Kafka's JsonConverter classes write and read them: names in camelCase,
/// ids in URL-safe base64, bytes in base64; fields that the version lacks and tagged fields with
/// their default are left out. Record sets are written as "" (that is what Kafka does), and read
/// from base64. When reading, names that the version does not have are ignored.

/// `message` is Kafka's name, such as "FetchRequest". `not_found` if we have no such message or
/// version.
Result<std::string> to_json(std::string_view message, std::int16_t version, const Bytes& bytes);
Result<Bytes> from_json(std::string_view message, std::int16_t version, std::string_view json);

namespace detail {
std::string write_json(const Schema& schema, std::int16_t version, const void* message);
Status read_json(const Schema& schema, std::int16_t version, std::string_view json, void* message);
}  // namespace detail

/// For logs and transcripts. The message need not be one that `encode` accepts.
template <Message T>
std::string to_json(const T& message, std::int16_t version) {
  return detail::write_json(schema_of<T>(), version, &message);
}

}  // namespace trialog::protocol
