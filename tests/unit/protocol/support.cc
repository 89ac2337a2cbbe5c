#include "tests/unit/protocol/support.h"

#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>
#include <variant>

#include "core/base/uuid.h"
#include "core/protocol/api.h"
#include "core/protocol/describe.h"

namespace trialog::protocol {
namespace {

std::int64_t number(Random& random, int bits) {
  const auto drawn = static_cast<std::int64_t>(random.next());
  switch (random.below(6)) {
    case 0:
      return 0;
    case 1:
      return -1;
    case 2:
      return drawn & 127;
    case 3:
      return static_cast<std::int64_t>((std::uint64_t{1} << (bits - 1)) - 1);
    case 4:
      return static_cast<std::int64_t>(std::uint64_t{1} << (bits - 1));
    default:
      return drawn;
  }
}

template <class T>
void store(void* into, std::int64_t number) {
  const auto narrowed = static_cast<T>(number);
  std::memcpy(into, &narrowed, sizeof(T));
}

std::string text(Random& random) {
  static constexpr std::string_view pieces[] = {"a",  "b",  "-", ".",  "\"",
                                                "\\", "\n", "é", "世", "🙂"};
  const std::uint64_t limit = random.below(20) == 0 ? 300 : 9;
  std::string made;
  for (auto count = random.below(limit); count > 0; --count) made += pieces[random.below(10)];
  return made;
}

Bytes some_bytes(Random& random) {
  std::vector<std::byte> made(random.below(200));
  for (auto& byte : made) byte = std::byte(random.below(256));
  return Bytes(std::move(made));
}

void fill_value(const Schema::Row& row, std::int16_t version, Random& random, void* into) {
  switch (row.member.kind) {
    case Kind::boolean:
      *static_cast<bool*>(into) = random.below(2) == 1;
      return;
    case Kind::int8:
      return store<std::int8_t>(into, number(random, 8));
    case Kind::int16:
    case Kind::uint16:
      return store<std::int16_t>(into, number(random, 16));
    case Kind::int32:
    case Kind::uint32:
      return store<std::int32_t>(into, number(random, 32));
    case Kind::int64:
      return store<std::int64_t>(into, number(random, 64));
    case Kind::float64:
      *static_cast<double*>(into) = static_cast<double>(number(random, 40)) / 8;
      return;
    case Kind::uuid:
      *static_cast<Uuid*>(into) = Uuid::random(random);
      return;
    case Kind::string:
      *static_cast<std::string*>(into) = text(random);
      return;
    case Kind::bytes:
      *static_cast<Bytes*>(into) = some_bytes(random);
      return;
    case Kind::records:
      static_cast<Chain*>(into)->append(some_bytes(random));
      return;
    case Kind::structure:
      return fill_randomly(*row.nested, version, random, into);
  }
}

void fill_member(const Schema::Row& row, std::int16_t version, Random& random, void* member) {
  if (row.null_allowed.contains(version) && random.below(4) == 0) return row.member.reset(member);
  void* const into = row.member.optional ? row.member.emplace(member) : member;
  if (!row.member.array) return fill_value(row, version, random, into);
  const auto count = random.below(4);
  auto* at = row.member.resize(into, count);
  for (std::uint64_t i = 0; i < count; ++i, at += row.member.stride) {
    fill_value(row, version, random, at);
  }
}

}  // namespace

void fill_randomly(const Schema& schema, std::int16_t version, Random& random, void* message) {
  for (const auto& row : schema.rows) {
    if (!row.present.contains(version)) continue;
    if (row.tagged_in.contains(version) && random.below(2) == 0) continue;
    fill_member(row, version, random, schema.member(row, message));
  }
}

std::int16_t random_version(const Schema& schema, Random& random) {
  return static_cast<std::int16_t>(random.between(schema.api.valid.first, schema.api.valid.last));
}

std::vector<const Schema*> schemas_under_test() {
  std::vector<const Schema*> all(all_messages().begin(), all_messages().end());
  all.push_back(&schema_of<Everything>());
  return all;
}

Bytes joined(const Chain& chain) {
  Buffer buffer(chain.size());
  for (const auto& piece : chain.pieces()) buffer.append(std::get<Bytes>(piece).view());
  return buffer.slice(0, buffer.size());
}

Result<Chain> encode(const Schema& schema, std::int16_t version, const void* message) {
  const detail::Part part{&schema, message, version};
  return detail::encode({&part, 1}, detail::Prefix::none);
}

std::vector<Vector> known_vectors() {
  std::vector<Vector> vectors;
  std::ifstream file(TRIALOG_KAFKA_DATA "/vectors/messages.tsv");
  for (std::string line; std::getline(file, line);) {
    std::istringstream columns(line);
    std::string key, message, version, json, hex;
    for (auto* column : {&key, &message, &version, &json, &hex}) {
      std::getline(columns, *column, '\t');
    }
    const auto number = static_cast<std::int16_t>(std::stoi(version));
    const auto* schema = find_message(message);
    if (schema == nullptr || !schema->api.valid.contains(number)) continue;
    vectors.push_back({static_cast<std::int16_t>(std::stoi(key)), message, number, json, hex});
  }
  return vectors;
}

}  // namespace trialog::protocol
