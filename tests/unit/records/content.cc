#include "tests/unit/records/content.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>

#include "core/base/crc32c.h"
#include "core/records/compression.h"

namespace trialog::records::test {
namespace {

std::string text(const MaybeBytes& bytes) { return bytes ? to_hex(*bytes) : "null"; }

}  // namespace

std::ostream& operator<<(std::ostream& out, const Content& content) {
  out << content.timestamp << ' ' << content.key << '=' << content.value;
  for (const auto& [key, value] : content.headers) out << ' ' << key << ':' << value;
  return out;
}

Content null_content(std::int64_t timestamp) { return {timestamp, "null", "null", {}}; }

Result<std::vector<Content>> try_contents(const Batch& batch) {
  auto payload = uncompressed(batch, 1u << 26);
  if (!payload) return failure(std::move(payload).error());
  RecordReader reader(batch, payload->view());
  std::vector<Content> contents;
  for (Record record; reader.next(record);) {
    Content content{
        batch.base_timestamp() + record.timestamp_delta, text(record.key), text(record.value), {}};
    for (const auto& header : record.headers) {
      content.headers.emplace_back(header.key, text(header.value));
    }
    contents.push_back(std::move(content));
  }
  if (auto done = reader.status(); !done) return failure(std::move(done).error());
  return contents;
}

std::vector<Content> contents(const Batch& batch) {
  auto found = try_contents(batch);
  if (found) return *std::move(found);
  ADD_FAILURE() << found.error().what();
  return {};
}

Batch build(const BatchOptions& options, const std::vector<Content>& contents) {
  BatchBuilder builder(options);
  for (const auto& content : contents) {
    std::list<std::vector<std::byte>> storage;
    const auto view = [&](const std::string& hex) -> MaybeBytes {
      if (hex == "null") return std::nullopt;
      return storage.emplace_back(from_hex(hex));
    };
    std::vector<Header> headers;
    for (const auto& [key, value] : content.headers) headers.push_back({key, view(value)});
    builder.add(wall_time(content.timestamp), view(content.key), view(content.value), headers);
  }
  return builder.build();
}

BatchOptions options_of(const Batch& batch) {
  BatchOptions options;
  options.codec = batch.codec().value_or(Codec::none);
  options.base = batch.base();
  options.leader_epoch = batch.leader_epoch();
  options.producer_id = batch.producer_id();
  options.producer_epoch = batch.producer_epoch();
  options.base_sequence = batch.base_sequence();
  options.transactional = batch.is_transactional();
  options.control = batch.is_control();
  if (batch.is_append_time()) options.append_time = batch.max_timestamp();
  return options;
}

std::vector<std::byte> bytes_of(const Batch& batch) {
  const auto view = batch.bytes().view();
  return {view.begin(), view.end()};
}

std::vector<std::byte> with_crc(std::vector<std::byte> bytes) {
  const auto crc = crc32c(std::span<const std::byte>(bytes).subspan(21));
  for (std::size_t i = 0; i < 4; ++i) bytes[17 + i] = std::byte((crc >> (8 * (3 - i))) & 255);
  return bytes;
}

Result<Batch> parse_with_crc(std::vector<std::byte> bytes) {
  return Batch::parse(Bytes(with_crc(std::move(bytes))));
}

}  // namespace trialog::records::test
