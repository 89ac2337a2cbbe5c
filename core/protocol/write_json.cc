#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/uuid.h"
#include "core/protocol/base64.h"
#include "core/protocol/codec.h"
#include "core/protocol/json_name.h"
#include "core/protocol/text.h"

namespace trialog::protocol::detail {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
T load(const void* member) {
  T value;
  std::memcpy(&value, member, sizeof(T));
  return value;
}

class JsonWriter {
 public:
  explicit JsonWriter(std::int16_t version) : version_(version) {}

  Json structure(const Schema& schema, const void* message) const;

 private:
  Json field(const Schema::Row& row, const void* member) const;
  Json value(const Schema::Row& row, const void* from) const;

  std::int16_t version_;
};

Json JsonWriter::value(const Schema::Row& row, const void* from) const {
  switch (row.member.kind) {
    case Kind::boolean:
      return *static_cast<const bool*>(from);
    case Kind::int8:
      return load<std::int8_t>(from);
    case Kind::int16:
      return load<std::int16_t>(from);
    case Kind::int32:
      return load<std::int32_t>(from);
    case Kind::int64:
      return load<std::int64_t>(from);
    case Kind::uint16:
      return load<std::uint16_t>(from);
    case Kind::uint32:
      return load<std::uint32_t>(from);
    case Kind::float64:
      return load<double>(from);
    case Kind::uuid:
      return static_cast<const Uuid*>(from)->text();
    case Kind::string:
      return *static_cast<const std::string*>(from);
    case Kind::bytes:
      return to_base64(static_cast<const Bytes*>(from)->view());
    case Kind::records:
      return "";
    case Kind::structure:
      return structure(*row.nested, from);
  }
  return nullptr;
}

Json JsonWriter::field(const Schema::Row& row, const void* member) const {
  const void* const from = row.member.optional ? row.member.peek(member) : member;
  if (from == nullptr) return nullptr;
  if (!row.member.array) return value(row, from);
  auto list = Json::array();
  const auto elements = row.member.elements(from);
  for (std::size_t i = 0; i < elements.count; ++i) {
    list.push_back(value(row, elements.first + i * row.member.stride));
  }
  return list;
}

Json JsonWriter::structure(const Schema& schema, const void* message) const {
  auto object = Json::object();
  for (const auto& row : schema.rows) {
    if (!row.present.contains(version_)) continue;
    const void* const member = schema.member(row, message);
    if (row.tagged_in.contains(version_) &&
        equal_member(row, member, schema.member(row, schema.defaults))) {
      continue;
    }
    object[json_name(row.name)] = field(row, member);
  }
  return object;
}

}  // namespace

std::string write_json(const Schema& schema, std::int16_t version, const void* message) {
  // Text on the wire need not be UTF-8; what is not is replaced, as Java does.
  return JsonWriter(version)
      .structure(schema, message)
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace trialog::protocol::detail
