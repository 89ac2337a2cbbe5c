#include <algorithm>
#include <cstring>
#include <string>
#include <variant>
#include <vector>

#include "core/protocol/codec.h"

namespace trialog::protocol::detail {
namespace {

bool same_range(const FileRange& a, const FileRange& b) {
  return &a.file() == &b.file() && a.at() == b.at() && a.size() == b.size();
}

/// Whether both give the same bytes, however they are cut. Ranges of files are not read: two are
/// the same if they are the same part of the same file.
bool same_bytes(const Chain& a, const Chain& b) {
  if (a.size() != b.size()) return false;
  const auto flat = [](const Chain& chain) {
    std::vector<std::byte> bytes;
    std::vector<const FileRange*> ranges;
    for (const auto& piece : chain.pieces()) {
      if (const auto* range = std::get_if<FileRange>(&piece)) {
        ranges.push_back(range);
      } else {
        const auto view = std::get<Bytes>(piece).view();
        bytes.insert(bytes.end(), view.begin(), view.end());
      }
    }
    return std::pair(std::move(bytes), std::move(ranges));
  };
  const auto [bytes_a, ranges_a] = flat(a);
  const auto [bytes_b, ranges_b] = flat(b);
  return bytes_a == bytes_b &&
         std::ranges::equal(ranges_a, ranges_b,
                            [](const auto* x, const auto* y) { return same_range(*x, *y); });
}

bool equal_value(const Schema::Row& row, const void* a, const void* b) {
  switch (row.member.kind) {
    case Kind::string:
      return *static_cast<const std::string*>(a) == *static_cast<const std::string*>(b);
    case Kind::bytes:
      return *static_cast<const Bytes*>(a) == *static_cast<const Bytes*>(b);
    case Kind::records:
      return same_bytes(*static_cast<const Chain*>(a), *static_cast<const Chain*>(b));
    case Kind::structure:
      return equal(*row.nested, a, b);
    default:  // Numbers and ids, without padding. The sizes are given so that no call is made.
      switch (row.member.stride) {
        case 4:
          return std::memcmp(a, b, 4) == 0;
        case 8:
          return std::memcmp(a, b, 8) == 0;
        default:
          return std::memcmp(a, b, row.member.stride) == 0;
      }
  }
}

}  // namespace

bool equal_member(const Schema::Row& row, const void* a, const void* b) {
  if (row.member.optional) {
    a = row.member.peek(a);
    b = row.member.peek(b);
    if (a == nullptr || b == nullptr) return a == b;
  }
  if (!row.member.array) return equal_value(row, a, b);
  const auto left = row.member.elements(a);
  const auto right = row.member.elements(b);
  if (left.count != right.count) return false;
  for (std::size_t i = 0; i < left.count; ++i) {
    const auto at = i * row.member.stride;
    if (!equal_value(row, left.first + at, right.first + at)) return false;
  }
  return true;
}

bool equal(const Schema& schema, const void* a, const void* b) {
  for (const auto& row : schema.rows) {
    if (!equal_member(row, schema.member(row, a), schema.member(row, b))) return false;
  }
  return true;
}

}  // namespace trialog::protocol::detail
