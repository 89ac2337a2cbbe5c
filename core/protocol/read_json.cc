#include <fmt/format.h>

#include <cstring>
#include <limits>
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

/// One walk over a JSON text. Once a step has failed, each level puts its name in front of the
/// path.
class JsonReader {
 public:
  explicit JsonReader(std::int16_t version) : version_(version) {}

  bool structure(const Schema& schema, const Json& json, void* message);
  IoError trouble(const Schema& schema) const {
    return IoError(IoError::Kind::corrupt,
                   fmt::format("{} v{} cannot be read: {}{}{}", schema.name, version_, path_,
                               path_.empty() ? "" : " ", why_));
  }

 private:
  bool field(const Schema::Row& row, const Json& json, void* member);
  bool array(const Schema::Row& row, const Json& json, void* into);
  bool value(const Schema::Row& row, const Json& json, void* into);
  bool bytes(const Schema::Row& row, const Json& json, void* into);
  bool uuid(const Json& json, void* into);
  template <class T>
  bool number(const Json& json, void* into);

  bool expected(std::string_view what, const Json& json) {
    return fail(fmt::format("is not {}: {}", what, shorten(json)));
  }
  static std::string shorten(const Json& json) {
    auto text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
    if (text.size() > 40) text = text.substr(0, 37) + "...";
    return text;
  }
  bool fail(std::string why) { return why_ = std::move(why), false; }
  bool within(std::string_view name) {
    const bool index = !path_.empty() && path_[0] == '[';
    path_.insert(0, path_.empty() || index ? "" : ".").insert(0, name);
    return false;
  }

  std::int16_t version_;
  std::string path_;
  std::string why_;
};

template <class T>
bool JsonReader::number(const Json& json, void* into) {
  using Limits = std::numeric_limits<T>;
  const auto what = fmt::format("an integer from {} to {}", Limits::min(), Limits::max());
  if (!json.is_number_integer()) return expected(what, json);
  const bool too_large = json.is_number_unsigned() &&
                         json.get<std::uint64_t>() > static_cast<std::uint64_t>(Limits::max());
  const bool too_small =
      !json.is_number_unsigned() && json.get<std::int64_t>() < std::int64_t{Limits::min()};
  if (too_large || too_small) return expected(what, json);
  const auto number = json.get<T>();
  std::memcpy(into, &number, sizeof(T));
  return true;
}

bool JsonReader::bytes(const Schema::Row& row, const Json& json, void* into) {
  auto bytes = json.is_string() ? from_base64(json.get_ref<const std::string&>()) : std::nullopt;
  if (!bytes) return expected("bytes in base64", json);
  if (row.member.kind == Kind::records) {
    static_cast<Chain*>(into)->append(Bytes(std::move(*bytes)));
  } else {
    *static_cast<Bytes*>(into) = Bytes(std::move(*bytes));
  }
  return true;
}

bool JsonReader::uuid(const Json& json, void* into) {
  const auto id = json.is_string() ? Uuid::parse(json.get_ref<const std::string&>()) : std::nullopt;
  if (!id) return expected("an id of 22 characters in URL-safe base64", json);
  *static_cast<Uuid*>(into) = *id;
  return true;
}

bool JsonReader::value(const Schema::Row& row, const Json& json, void* into) {
  switch (row.member.kind) {
    case Kind::boolean:
      if (!json.is_boolean()) return expected("true or false", json);
      *static_cast<bool*>(into) = json.get<bool>();
      return true;
    case Kind::int8:
      return number<std::int8_t>(json, into);
    case Kind::int16:
      return number<std::int16_t>(json, into);
    case Kind::int32:
      return number<std::int32_t>(json, into);
    case Kind::int64:
      return number<std::int64_t>(json, into);
    case Kind::uint16:
      return number<std::uint16_t>(json, into);
    case Kind::uint32:
      return number<std::uint32_t>(json, into);
    case Kind::float64:
      if (!json.is_number()) return expected("a number", json);
      *static_cast<double*>(into) = json.get<double>();
      return true;
    case Kind::uuid:
      return uuid(json, into);
    case Kind::string:
      if (!json.is_string()) return expected("a string", json);
      *static_cast<std::string*>(into) = json.get<std::string>();
      return true;
    case Kind::bytes:
    case Kind::records:
      return bytes(row, json, into);
    case Kind::structure:
      return structure(*row.nested, json, into);
  }
  return false;
}

bool JsonReader::array(const Schema::Row& row, const Json& json, void* into) {
  if (!json.is_array()) return expected("an array", json);
  auto* at = row.member.resize(into, json.size());
  for (std::size_t i = 0; i < json.size(); ++i, at += row.member.stride) {
    if (!value(row, json[i], at)) return within(fmt::format("[{}]", i));
  }
  return true;
}

bool JsonReader::field(const Schema::Row& row, const Json& json, void* member) {
  if (json.is_null()) {
    if (!row.null_allowed.contains(version_)) return fail("must not be null in this version");
    row.member.reset(member);
    return true;
  }
  void* const into = row.member.optional ? row.member.emplace(member) : member;
  return row.member.array ? array(row, json, into) : value(row, json, into);
}

bool JsonReader::structure(const Schema& schema, const Json& json, void* message) {
  if (!json.is_object()) return expected("an object", json);
  for (const auto& row : schema.rows) {
    if (!row.present.contains(version_)) continue;
    const auto name = json_name(row.name);
    const auto found = json.find(name);
    if (found == json.end()) {
      if (row.tagged_in.contains(version_)) continue;
      return fail("is missing"), within(name);
    }
    if (!field(row, *found, schema.member(row, message))) return within(name);
  }
  return true;
}

}  // namespace

Status read_json(const Schema& schema, std::int16_t version, std::string_view json, void* message) {
  const auto parsed = Json::parse(json, nullptr, false);
  if (parsed.is_discarded()) return failure(IoError::Kind::corrupt, "this is not JSON");
  JsonReader reader(version);
  if (!reader.structure(schema, parsed, message)) return failure(reader.trouble(schema));
  return {};
}

}  // namespace trialog::protocol::detail
