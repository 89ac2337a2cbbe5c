#include "core/metadata/records.h"

#include <utility>

#include "core/base/check.h"
#include "core/base/cursor.h"
#include "core/protocol/codec.h"

namespace trialog::metadata {
namespace {

constexpr std::uint32_t frame_version = 1;

void append(Writer& out, const Chain& message) {
  for (const auto& piece : message.pieces()) out.bytes(std::get<Bytes>(piece).view());
}

template <class R>
Bytes encode_as(const R& record) {
  for (auto version = R::api.valid.first; version <= R::api.valid.last; ++version) {
    const auto message = protocol::encode(record, version);
    if (!message) continue;  // This version lacks a field that the record has something in.
    Writer out;
    out.uvarint(frame_version);
    out.uvarint(static_cast<std::uint32_t>(R::api.key));
    out.uvarint(static_cast<std::uint32_t>(version));
    append(out, *message);
    return Bytes(out.take());
  }
  CHECK(!"the newest version has all fields");
  std::unreachable();
}

/// Reads the message into `into` if it is an `R`. Nothing if it is another record's.
template <class R>
std::optional<Status> decode_as(std::uint32_t key, std::int16_t version, const Bytes& message,
                                Record& into) {
  if (key != static_cast<std::uint32_t>(R::api.key)) return std::nullopt;
  auto decoded = protocol::decode<R>(message, std::min(version, R::api.valid.last));
  if (!decoded) return Status(failure(std::move(decoded.error())));
  into = std::move(*decoded);
  return Status();
}

template <class... R>
std::optional<Status> decode_any(std::uint32_t key, std::int16_t version, const Bytes& message,
                                 std::variant<R...>& into) {
  std::optional<Status> done;
  (void)((done = decode_as<R>(key, version, message, into), done.has_value()) || ...);
  return done;
}

}  // namespace

Bytes encode_record(const Record& record) {
  return std::visit([](const auto& r) { return encode_as(r); }, record);
}

Result<std::optional<Record>> decode_record(const Bytes& value) {
  Reader reader(value.view());
  const auto frame = reader.uvarint();
  const auto key = reader.uvarint();
  const auto version = reader.uvarint();
  if (reader.failed() || frame != frame_version || version > 32767) {
    return failure(IoError::Kind::corrupt, "not a record of the metadata log");
  }
  Record record;
  const auto done =
      decode_any(key, static_cast<std::int16_t>(version), value.from(reader.position()), record);
  if (!done) return std::optional<Record>();
  if (!*done) return failure(done->error());
  return std::optional<Record>(std::move(record));
}

}  // namespace trialog::metadata
