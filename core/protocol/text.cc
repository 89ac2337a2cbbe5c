#include "core/protocol/text.h"

#include <fmt/format.h>

#include <variant>

#include "core/protocol/api.h"
#include "core/protocol/codec.h"

namespace trialog::protocol {
namespace {

Result<const Schema*> schema_named(std::string_view message, std::int16_t version) {
  const auto* schema = find_message(message);
  if (schema == nullptr) {
    return failure(IoError::Kind::not_found, fmt::format("unknown message {}", message));
  }
  const auto valid = schema->api.valid;
  if (!valid.contains(version)) {
    return failure(IoError::Kind::not_found,
                   fmt::format("unknown version {} of {}, which has {} to {}", version, message,
                               valid.first, valid.last));
  }
  return schema;
}

/// The bytes of a chain that holds no range of a file.
Bytes joined(const Chain& chain) {
  Buffer buffer(chain.size());
  for (const auto& piece : chain.pieces()) buffer.append(std::get<Bytes>(piece).view());
  return buffer.slice(0, buffer.size());
}

}  // namespace

Result<std::string> to_json(std::string_view message, std::int16_t version, const Bytes& bytes) {
  const auto schema = schema_named(message, version);
  if (!schema) return failure(schema.error());
  const auto object = detail::make(**schema);
  if (auto done = detail::decode_all(**schema, bytes, version, object.get()); !done) {
    return failure(done.error());
  }
  return detail::write_json(**schema, version, object.get());
}

Result<Bytes> from_json(std::string_view message, std::int16_t version, std::string_view json) {
  const auto schema = schema_named(message, version);
  if (!schema) return failure(schema.error());
  const auto object = detail::make(**schema);
  if (auto done = detail::read_json(**schema, version, json, object.get()); !done) {
    return failure(done.error());
  }
  const detail::Part part{*schema, object.get(), version};
  const auto bytes = detail::encode({&part, 1}, detail::Prefix::none);
  if (!bytes) return failure(bytes.error());
  return joined(*bytes);
}

}  // namespace trialog::protocol
