#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/records/batch.h"

namespace trialog::records {

/// What `compressed` holds, if that is at most `limit` bytes. The codecs as Kafka's clients write
/// them: gzip of one or more members (RFC 1952), snappy in xerial's stream or raw, lz4 frames, zstd
/// frames. Fails with `corrupt` if the stream is broken, cut off or followed by something else, and
/// with `full` if there is more than `limit`. Memory grows with what has really come out, never by
/// what the stream claims about itself. Codec `none` copies.
Result<Bytes> decompress(Codec codec, std::span<const std::byte> compressed, std::size_t limit);

/// `level` is what Kafka's compression.gzip.level, .lz4.level or .zstd.level would say; nothing is
/// the default, and what is out of range is brought into it.
Bytes compress(Codec codec, std::span<const std::byte> plain,
               std::optional<int> level = std::nullopt);

/// The batch's records without compression: the batch's own memory if they have none. Fails as
/// `decompress` does, and with `corrupt` if the codec does not exist.
Result<Bytes> uncompressed(const Batch& batch, std::size_t limit);

}  // namespace trialog::records
