#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "core/records/batch.h"
#include "core/records/build.h"

namespace trialog::records::test {

/// A record that owns what it holds. Null is written as "null", bytes as hexadecimal digits, so
/// that two of them can be compared and a failed comparison can be read.
struct Content {
  std::int64_t timestamp = 0;
  std::string key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;

  friend bool operator==(const Content&, const Content&) = default;
};
std::ostream& operator<<(std::ostream& out, const Content& content);

Content null_content(std::int64_t timestamp);

/// Everything in the batch, timestamps as the records themselves carry them. Fails the test if the
/// batch does not decode.
std::vector<Content> contents(const Batch& batch);
/// The same, or nothing but the error's text.
Result<std::vector<Content>> try_contents(const Batch& batch);

Batch build(const BatchOptions& options, const std::vector<Content>& contents);
/// The options that would build this batch.
BatchOptions options_of(const Batch& batch);

/// Writable bytes of a batch, for a test that breaks them.
std::vector<std::byte> bytes_of(const Batch& batch);
/// The bytes with a CRC that fits what a test has changed.
std::vector<std::byte> with_crc(std::vector<std::byte> bytes);
/// The same, parsed.
Result<Batch> parse_with_crc(std::vector<std::byte> bytes);

}  // namespace trialog::records::test
