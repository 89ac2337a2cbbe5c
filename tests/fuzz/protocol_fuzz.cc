#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/check.h"
#include "core/protocol/api.h"
#include "core/protocol/codec.h"
#include "core/protocol/text.h"

/// The first two bytes name a message and a version, the rest is to be that message. What decodes
/// must be written and read again as the same message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trialog;
  using namespace trialog::protocol;
  if (size < 2) return 0;
  const auto& schema = *all_messages()[data[0] % all_messages().size()];
  const auto valid = schema.api.valid;
  const auto version =
      static_cast<std::int16_t>(valid.first + data[1] % (valid.last - valid.first + 1));
  const auto input = Bytes::copy_of(std::as_bytes(std::span(data + 2, size - 2)));

  const auto message = detail::make(schema);
  if (!detail::decode_all(schema, input, version, message.get())) return 0;
  const detail::Part part{&schema, message.get(), version};
  const auto chain = detail::encode({&part, 1}, detail::Prefix::none);
  CHECK(chain.has_value());
  Buffer buffer(chain->size());
  for (const auto& piece : chain->pieces()) buffer.append(std::get<Bytes>(piece).view());

  const auto again = detail::make(schema);
  const auto bytes = buffer.slice(0, buffer.size());
  CHECK(detail::decode_all(schema, bytes, version, again.get()).has_value());
  CHECK(detail::equal(schema, message.get(), again.get()));
  detail::write_json(schema, version, message.get());
  return 0;
}
