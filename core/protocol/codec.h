#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "core/base/bytes.h"
#include "core/base/chain.h"
#include "core/base/result.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// The interpreters behind the templates below; one copy for all messages. `message` points to a
/// struct that `schema` describes.
namespace detail {

/// Fills a fresh message from the bytes at `from`; returns where it ends.
Result<std::size_t> decode(const Schema& schema, const Bytes& bytes, std::size_t from,
                           std::int16_t version, void* message);
Status decode_all(const Schema& schema, const Bytes& bytes, std::int16_t version, void* message);

struct Part {
  const Schema* schema;
  const void* message;
  std::int16_t version;
};
enum class Prefix { none, length };
/// The parts one after the other, behind their length as an int32 if wanted.
Result<Chain> encode(std::span<const Part> parts, Prefix prefix);
Result<std::size_t> encoded_size(const Part& part);

/// A message of which only the schema is known.
using Object = std::unique_ptr<void, void (*)(void* message)>;
inline Object make(const Schema& schema) { return Object(schema.make(), schema.destroy); }

bool equal(const Schema& schema, const void* a, const void* b);
bool equal_member(const Schema::Row& row, const void* a, const void* b);

}  // namespace detail

/// The elements of all arrays of one message together may take this much memory; a message that
/// would need more is refused. (Array lengths are checked against the bytes that are left, too.)
inline constexpr std::size_t decoded_memory_limit = std::size_t{256} << 20;

/// The message that `bytes` are, all of them. Its bytes and records are slices of `bytes`. The
/// error says what is wrong with which field at which byte.
template <Message T>
Result<T> decode(const Bytes& bytes, std::int16_t version) {
  Result<T> message;
  auto done = detail::decode_all(schema_of<T>(), bytes, version, &*message);
  if (!done) return failure(std::move(done.error()));
  return message;
}

template <Message T>
struct Decoded {
  T message;
  std::size_t end = 0;  // The first byte behind it.
};

/// The message that begins at `from`; there may be more behind it.
template <Message T>
Result<Decoded<T>> decode_at(const Bytes& bytes, std::size_t from, std::int16_t version) {
  Result<Decoded<T>> decoded;
  auto end = detail::decode(schema_of<T>(), bytes, from, version, &decoded->message);
  if (!end) return failure(std::move(end.error()));
  decoded->end = *end;
  return decoded;
}

/// The message as bytes; record sets are passed through, everything else is copied into one buffer.
/// Refused: a version that the message does not have, a value other than the default in a field
/// that the version lacks (unless it is ignorable), null where the version does not allow it.
template <Message T>
Result<Chain> encode(const T& message, std::int16_t version) {
  const detail::Part part{&schema_of<T>(), &message, version};
  return detail::encode({&part, 1}, detail::Prefix::none);
}

/// How many bytes `encode` gives.
template <Message T>
Result<std::size_t> encoded_size(const T& message, std::int16_t version) {
  return detail::encoded_size({&schema_of<T>(), &message, version});
}

template <Message T>
bool operator==(const T& a, const T& b) {
  return detail::equal(schema_of<T>(), &a, &b);
}

}  // namespace trialog::protocol
