#include <algorithm>

#include "core/base/check.h"
#include "core/protocol/describe.h"

namespace trialog::protocol {

std::uint32_t Schema::Row::least_value_size(std::int16_t version) const {
  switch (member.kind) {
    case Kind::boolean:
    case Kind::int8:
    case Kind::string:
    case Kind::bytes:
    case Kind::records:
      return 1;
    case Kind::int16:
    case Kind::uint16:
      return 2;
    case Kind::int32:
    case Kind::uint32:
      return 4;
    case Kind::int64:
    case Kind::float64:
      return 8;
    case Kind::uuid:
      return 16;
    case Kind::structure:
      return nested->least_size[static_cast<std::size_t>(version)];
  }
  return 0;
}

namespace detail {
namespace {

std::uint32_t least_size(const Schema& schema, std::int16_t version) {
  std::uint32_t size = 0;
  for (const auto& row : schema.rows) {
    if (!row.present.contains(version) || row.tagged_in.contains(version)) continue;
    const bool one_byte = row.member.array || row.null_allowed.contains(version);
    size += one_byte ? 1 : row.least_value_size(version);
  }
  return size;
}

}  // namespace

Schema complete(Schema schema, std::span<const Field> table) {
  CHECK(schema.api.valid.last < Schema::version_limit);
  schema.rows.reserve(table.size());
  for (const auto& field : table) {
    auto& row = schema.rows.emplace_back(field);
    row.offset = static_cast<std::size_t>(static_cast<const char*>(field.address(schema.defaults)) -
                                          static_cast<const char*>(schema.defaults));
    row.member = field.type();
    if (row.member.kind == Kind::structure) row.nested = &row.member.schema();
    CHECK(row.member.optional || row.null_allowed.empty());
    CHECK(row.tag < 64);  // They are collected as bits.
  }
  for (const auto& row : schema.rows) {
    if (row.tag >= 0) schema.tagged.push_back(&row);
  }
  std::ranges::sort(schema.tagged, {}, [](const Schema::Row* row) { return row->tag; });
  for (std::int16_t v = 0; v < Schema::version_limit; ++v) {
    schema.least_size[static_cast<std::size_t>(v)] = least_size(schema, v);
  }
  return schema;
}

}  // namespace detail
}  // namespace trialog::protocol
