#include "core/records/compression.h"

#include <lz4frame.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/cursor.h"

namespace trialog::records {
namespace {

constexpr std::size_t xerial_block_size = 32 * 1024;
constexpr std::size_t xerial_header_size = 16;
constexpr unsigned char xerial_magic[] = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr int gzip_window = 15 + 16;  // zlib's way to ask for gzip's wrapping.

using Input = std::span<const std::byte>;

std::unexpected<IoError> broken(Codec codec, std::string_view what) {
  return failure(IoError::Kind::corrupt, std::string(codec_name(codec)) + ": " + std::string(what));
}

/// Output that doubles as it fills, up to one byte more than allowed: that byte is how we know that
/// there is too much.
class Output {
 public:
  Output(std::size_t limit, std::size_t first_guess)
      : most_(std::min(limit, std::numeric_limits<std::size_t>::max() - 1) + 1),
        buffer_(std::min(most_, std::max<std::size_t>(first_guess, 4096))) {}

  /// Empty only if the limit is exceeded.
  std::span<std::byte> room() {
    if (buffer_.size() == buffer_.capacity() && buffer_.capacity() < most_) grow();
    return buffer_.room();
  }
  void filled(std::size_t count) { buffer_.filled(count); }
  bool exceeded() const { return buffer_.size() == most_; }
  std::size_t left() const { return most_ - 1 - std::min(buffer_.size(), most_ - 1); }
  /// `count` bytes in one piece, which must be left.
  std::span<std::byte> room_for(std::size_t count) {
    CHECK(count <= left());
    while (buffer_.capacity() - buffer_.size() < count) grow();
    return buffer_.room().first(count);
  }
  Result<Bytes> take() const {
    if (!exceeded()) return buffer_.slice(0, buffer_.size());
    return failure(IoError::Kind::full,
                   "records take more than the limit of " + std::to_string(most_ - 1) + " bytes");
  }

 private:
  void grow() {
    Buffer larger(buffer_.capacity() < most_ / 2 ? 2 * buffer_.capacity() : most_);
    larger.append(buffer_.view());
    buffer_ = std::move(larger);
  }

  std::size_t most_;
  Buffer buffer_;
};

struct EndInflate {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

Result<Bytes> gunzip(Input in, Output out) {
  z_stream stream = {};
  CHECK(inflateInit2(&stream, gzip_window) == Z_OK);
  const std::unique_ptr<z_stream, EndInflate> owner(&stream);
  // zlib counts in 32 bits; a batch is smaller than 2^31.
  CHECK(in.size() <= std::numeric_limits<uInt>::max());
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
  stream.avail_in = static_cast<uInt>(in.size());
  while (true) {
    const auto room = out.room().first(std::min<std::size_t>(out.room().size(), 1u << 30));
    if (room.empty()) return out.take();
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    const auto outcome = inflate(&stream, Z_NO_FLUSH);
    out.filled(room.size() - stream.avail_out);
    if (outcome == Z_STREAM_END) {
      if (stream.avail_in == 0) return out.take();
      CHECK(inflateReset(&stream) == Z_OK);  // Another member follows.
    } else if (outcome == Z_BUF_ERROR || (outcome == Z_OK && stream.avail_out > 0)) {
      if (stream.avail_in == 0) return broken(Codec::gzip, "the stream is cut off");
      if (outcome == Z_BUF_ERROR) return broken(Codec::gzip, "the stream does not go on");
    } else if (outcome != Z_OK) {
      return broken(Codec::gzip, stream.msg != nullptr ? stream.msg : "the stream is malformed");
    }
  }
}

bool begins_with_xerial(Input in) {
  return in.size() >= xerial_header_size &&
         std::memcmp(in.data(), xerial_magic, sizeof xerial_magic) == 0;
}

Status unsnap(Input in, Output& out) {
  const auto* data = reinterpret_cast<const char*>(in.data());
  std::size_t size = 0;
  if (snappy_uncompressed_length(data, in.size(), &size) != SNAPPY_OK) {
    return broken(Codec::snappy, "a block's length is malformed");
  }
  // No copy makes more than 64 bytes of 2: a block that claims more is lying.
  if (size / 64 > in.size()) return broken(Codec::snappy, "a block claims more than it can hold");
  if (size > out.left()) {
    return failure(IoError::Kind::full, "records take more than the limit leaves");
  }
  const auto room = out.room_for(size);
  auto* to = reinterpret_cast<char*>(room.data());
  if (snappy_uncompress(data, in.size(), to, &size) != SNAPPY_OK) {
    return broken(Codec::snappy, "a block is malformed");
  }
  out.filled(size);
  return {};
}

Result<Bytes> unsnap_all(Input in, Output out) {
  if (!begins_with_xerial(in)) {
    if (auto done = unsnap(in, out); !done) return failure(std::move(done).error());
    return out.take();
  }
  while (!in.empty()) {
    if (begins_with_xerial(in)) {  // At the front, and wherever streams have been joined.
      in = in.subspan(xerial_header_size);
      continue;
    }
    Reader reader(in);
    const auto block = reader.take(reader.u32());
    if (reader.failed()) return broken(Codec::snappy, "a block is cut off");
    if (auto done = unsnap(block, out); !done) return failure(std::move(done).error());
    in = in.subspan(reader.position());
  }
  return out.take();
}

struct FreeLz4 {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};

Result<Bytes> unlz4(Input in, Output out) {
  LZ4F_dctx* context = nullptr;
  CHECK(!LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)));
  const std::unique_ptr<LZ4F_dctx, FreeLz4> owner(context);
  std::size_t wanted = 1;
  // Output that waits for room keeps the last of its frame's input waiting, too.
  while (!in.empty()) {
    const auto room = out.room();
    if (room.empty()) return out.take();
    auto taken = in.size(), made = room.size();
    wanted = LZ4F_decompress(context, room.data(), &made, in.data(), &taken, nullptr);
    if (LZ4F_isError(wanted)) return broken(Codec::lz4, LZ4F_getErrorName(wanted));
    if (taken == 0 && made == 0) return broken(Codec::lz4, "the stream does not go on");
    out.filled(made);
    in = in.subspan(taken);
  }
  if (wanted != 0) return broken(Codec::lz4, "the stream is cut off");
  return out.take();
}

struct FreeZstd {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

Result<Bytes> unzstd(Input in, Output out) {
  const std::unique_ptr<ZSTD_DStream, FreeZstd> stream(ZSTD_createDStream());
  CHECK(stream != nullptr);
  ZSTD_inBuffer from{in.data(), in.size(), 0};
  std::size_t wanted = 1;
  while (from.pos < from.size) {  // As above.
    const auto room = out.room();
    if (room.empty()) return out.take();
    ZSTD_outBuffer to{room.data(), room.size(), 0};
    wanted = ZSTD_decompressStream(stream.get(), &to, &from);
    if (ZSTD_isError(wanted)) return broken(Codec::zstd, ZSTD_getErrorName(wanted));
    out.filled(to.pos);
  }
  if (wanted != 0) return broken(Codec::zstd, "the stream is cut off");
  return out.take();
}

/// Memory for at most `size` bytes, of which `fill` says how many it has written.
template <class Fill>
Bytes filled(std::size_t size, Fill fill) {
  Buffer buffer(size);
  buffer.filled(fill(buffer.room()));
  return buffer.slice(0, buffer.size());
}

Bytes gzip(Input in, std::optional<int> level) {
  z_stream stream = {};
  const bool usual = !level || *level == Z_DEFAULT_COMPRESSION;
  const auto chosen = usual ? Z_DEFAULT_COMPRESSION : std::clamp(*level, 1, 9);
  CHECK(deflateInit2(&stream, chosen, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  const auto most = deflateBound(&stream, in.size());
  auto bytes = filled(most, [&](std::span<std::byte> room) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    return room.size() - stream.avail_out;
  });
  deflateEnd(&stream);
  return bytes;
}

Bytes snap(Input in) {
  std::vector<std::byte> out;
  Writer header;
  header.bytes(std::as_bytes(std::span(xerial_magic)));
  header.i32(1);  // Version, and the oldest that can read it.
  header.i32(1);
  out = header.take();
  for (; !in.empty(); in = in.subspan(std::min(in.size(), xerial_block_size))) {
    const auto block = in.first(std::min(in.size(), xerial_block_size));
    auto size = snappy_max_compressed_length(block.size());
    const auto begin = out.size() + 4;
    out.resize(begin + size);
    CHECK(snappy_compress(reinterpret_cast<const char*>(block.data()), block.size(),
                          reinterpret_cast<char*>(out.data() + begin), &size) == SNAPPY_OK);
    Writer length;
    length.u32(static_cast<std::uint32_t>(size));
    std::ranges::copy(length.view(), out.begin() + static_cast<std::ptrdiff_t>(begin - 4));
    out.resize(begin + size);
  }
  return Bytes(std::move(out));
}

Bytes lz4(Input in, std::optional<int> level) {
  LZ4F_preferences_t preferences = {};
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  // Kafka's level 9, its default, means the fast compressor and not the ninth of the slow ones.
  const bool fast = !level || *level == 9;
  preferences.compressionLevel = fast ? 0 : std::clamp(*level, 1, LZ4F_compressionLevel_max());
  return filled(LZ4F_compressFrameBound(in.size(), &preferences), [&](std::span<std::byte> room) {
    const auto size =
        LZ4F_compressFrame(room.data(), room.size(), in.data(), in.size(), &preferences);
    CHECK(!LZ4F_isError(size));
    return size;
  });
}

Bytes zstd(Input in, std::optional<int> level) {
  const auto chosen =
      std::clamp(level.value_or(ZSTD_CLEVEL_DEFAULT), ZSTD_minCLevel(), ZSTD_maxCLevel());
  return filled(ZSTD_compressBound(in.size()), [&](std::span<std::byte> room) {
    const auto size = ZSTD_compress(room.data(), room.size(), in.data(), in.size(), chosen);
    CHECK(!ZSTD_isError(size));
    return size;
  });
}

}  // namespace

Result<Bytes> decompress(Codec codec, std::span<const std::byte> compressed, std::size_t limit) {
  if (codec == Codec::none) {
    if (compressed.size() <= limit) return Bytes::copy_of(compressed);
    return failure(IoError::Kind::full,
                   "records take more than the limit of " + std::to_string(limit) + " bytes");
  }
  if (compressed.empty()) return broken(codec, "the stream is empty");
  Output out(limit, 4 * compressed.size());
  switch (codec) {
    case Codec::gzip:
      return gunzip(compressed, std::move(out));
    case Codec::snappy:
      return unsnap_all(compressed, std::move(out));
    case Codec::lz4:
      return unlz4(compressed, std::move(out));
    case Codec::zstd:
      return unzstd(compressed, std::move(out));
    default:
      return broken(codec, "no such codec");
  }
}

Bytes compress(Codec codec, std::span<const std::byte> plain, std::optional<int> level) {
  switch (codec) {
    case Codec::gzip:
      return gzip(plain, level);
    case Codec::snappy:
      return snap(plain);
    case Codec::lz4:
      return lz4(plain, level);
    case Codec::zstd:
      return zstd(plain, level);
    default:
      CHECK(codec == Codec::none);
      return Bytes::copy_of(plain);
  }
}

Result<Bytes> uncompressed(const Batch& batch, std::size_t limit) {
  const auto codec = batch.codec();
  if (!codec) {
    return failure(IoError::Kind::corrupt,
                   "codec " + std::to_string(batch.attributes() & 7) + " does not exist");
  }
  if (*codec == Codec::none) return batch.bytes().from(header_size);
  return decompress(*codec, batch.payload(), limit);
}

}  // namespace trialog::records
