#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/api.h"
#include "core/protocol/text.h"

namespace trialog::protocol {
namespace {

using Json = nlohmann::ordered_json;

/// Newest first: what Kafka 4.3 dropped is in the older files.
constexpr const char* folders[] = {"raft", "client-4.3", "client", "metadata", "storage"};

std::string text_of(const Json& json, const char* key, const char* otherwise) {
  const auto found = json.find(key);
  if (found == json.end()) return otherwise;
  return found->is_string() ? found->get<std::string>() : found->dump();
}

Versions versions_of(const Json& json, const char* key) {
  const auto text = text_of(json, key, "none");
  const auto versions = Versions::parse(text);
  EXPECT_TRUE(versions) << text;
  return versions.value_or(Versions());
}

std::vector<Json> files_of(std::string_view message) {
  std::vector<Json> files;
  for (const auto* folder : folders) {
    std::ifstream file(std::string(TRIALOG_KAFKA_DATA) + "/" + folder + "/" + std::string(message) +
                       ".json");
    if (!file) continue;
    files.push_back(Json::parse(file, nullptr, true, true));
  }
  return files;
}

/// What a field of Vote is called since its files were written (KIP-996).
std::string today(std::string_view message, std::string name) {
  constexpr std::string_view before = "Candidate";
  return message == "VoteRequest" && name.starts_with(before)
             ? "Replica" + name.substr(before.size())
             : name;
}

/// Compares one version of one table with one of Kafka's files.
class Comparison {
 public:
  Comparison(const Schema& schema, const Json& file, std::int16_t version)
      : schema_(schema), file_(file), version_(version) {}

  void run() {
    EXPECT_EQ(versions_of(file_, "flexibleVersions").contains(version_),
              schema_.api.flexible.contains(version_));
    compare(schema_, file_["fields"]);
  }

 private:
  void compare(const Schema& schema, const Json& fields);
  void compare_field(const Schema& schema, const Schema::Row& row, const Json& field);
  void compare_default(const Schema& schema, const Schema::Row& row, const Json& field);
  const Json& fields_of(const Json& field) const;
  std::string type_of(const Schema::Row& row) const;

  const Schema& schema_;
  const Json& file_;
  std::int16_t version_;
};

std::string Comparison::type_of(const Schema::Row& row) const {
  static constexpr std::string_view names[] = {"bool",  "int8",   "int16",  "int32",
                                               "int64", "uint16", "uint32", "float64",
                                               "uuid",  "string", "bytes",  "records"};
  const auto base = row.member.kind == Kind::structure
                        ? row.nested->name
                        : names[static_cast<std::size_t>(row.member.kind)];
  return (row.member.array ? "[]" : "") + std::string(base);
}

const Json& Comparison::fields_of(const Json& field) const {
  if (field.contains("fields")) return field["fields"];
  auto name = field["type"].get<std::string>();
  if (name.starts_with("[]")) name = name.substr(2);
  for (const auto& common : file_["commonStructs"]) {
    if (common["name"] == name) return common["fields"];
  }
  ADD_FAILURE() << "no struct " << name;
  return file_["fields"];
}

/// Numbers are compared as text, in decimal.
std::string decimal(std::string text) {
  if (text.starts_with("0x")) return std::to_string(std::stoll(text, nullptr, 16));
  return text.empty() ? "0" : text;
}

std::string expected_default(const Schema::Row& row, const Json& field) {
  const auto text = text_of(field, "default", "");
  if (text == "null") return "null";
  if (row.member.array) return "[]";
  if (row.member.kind == Kind::records) return "null";
  if (row.member.kind == Kind::uuid) return '"' + Uuid().text() + '"';
  if (row.member.kind == Kind::boolean) return text.empty() ? "false" : text;
  if (row.member.kind == Kind::string || row.member.kind == Kind::bytes) return '"' + text + '"';
  if (row.member.kind == Kind::float64) return text.empty() ? "0.0" : text;
  return decimal(text);
}

/// The default as our own text has it, in a version in which the field stands among the others.
std::string actual_default(const Schema& schema, const Schema::Row& row) {
  auto alone = schema;
  alone.rows.assign(1, row);
  alone.rows[0].present = "0+";
  alone.rows[0].tagged_in = Versions();
  return Json::parse(detail::write_json(alone, 0, schema.defaults)).begin().value().dump();
}

void Comparison::compare_default(const Schema& schema, const Schema::Row& row, const Json& field) {
  const bool is_structure = row.member.kind == Kind::structure && !row.member.array;
  if (is_structure && text_of(field, "default", "") != "null") return;  // Its fields' defaults.
  EXPECT_EQ(actual_default(schema, row), expected_default(row, field));
}

void Comparison::compare_field(const Schema& schema, const Schema::Row& row, const Json& field) {
  SCOPED_TRACE(row.name);
  EXPECT_EQ(type_of(row), field["type"].get<std::string>());
  EXPECT_EQ(row.null_allowed.contains(version_),
            versions_of(field, "nullableVersions").contains(version_));
  const bool tagged = versions_of(field, "taggedVersions").contains(version_);
  EXPECT_EQ(row.tagged_in.contains(version_), tagged);
  if (tagged) {
    EXPECT_EQ(std::to_string(row.tag), text_of(field, "tag", ""));
  }
  EXPECT_EQ(row.never_flexible, text_of(field, "flexibleVersions", "") == "none");
  compare_default(schema, row, field);
  if (row.nested != nullptr) compare(*row.nested, fields_of(field));
}

void Comparison::compare(const Schema& schema, const Json& fields) {
  std::vector<const Schema::Row*> rows;
  for (const auto& row : schema.rows) {
    if (row.present.contains(version_)) rows.push_back(&row);
  }
  auto row = rows.begin();
  for (const auto& field : fields) {
    const auto name = today(schema_.name, field["name"].get<std::string>());
    if (versions_of(field, "versions").contains(version_)) {
      ASSERT_NE(row, rows.end()) << schema.name << " lacks " << name;
      ASSERT_EQ((*row)->name, name) << "in " << schema.name;
      compare_field(schema, **row++, field);
      continue;
    }
    // What happens to a value that this version has no place for.
    const auto lacking = std::ranges::find(schema.rows, name, &Schema::Row::name);
    if (lacking == schema.rows.end()) continue;  // Of versions that we do not have.
    EXPECT_EQ(lacking->may_drop, text_of(field, "ignorable", "false") == "true") << name;
  }
  EXPECT_EQ(row, rows.end()) << schema.name << " has " << (*row)->name << " too much";
}

/// Requests whose last version is newer than the schema files; what it adds is in API-TABLE.md.
std::int16_t newer_than_the_files(const Schema& schema) {
  const auto* api = find_api(schema.name);
  const bool one = api != nullptr && (api->name == "Vote" || api->name == "AddRaftVoter");
  return one ? 1 : 0;
}

/// A record that is newer than the schema files; the vectors have it.
constexpr std::string_view newer_record = "ClearElrRecord";

class Tables : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(TRIALOG_KAFKA_DATA "/client")) {
      GTEST_SKIP() << "no schemas in " << TRIALOG_KAFKA_DATA;
    }
  }
};

TEST_F(Tables, SayFieldByFieldWhatKafkasSchemasSay) {
  for (const auto* schema : all_messages()) {
    if (schema->name == newer_record) continue;
    const auto files = files_of(schema->name);
    ASSERT_FALSE(files.empty()) << schema->name;
    const auto last = schema->api.valid.last - newer_than_the_files(*schema);
    for (auto v = schema->api.valid.first; v <= last; ++v) {
      SCOPED_TRACE(std::string(schema->name) + " v" + std::to_string(v));
      const auto file = std::ranges::find_if(
          files, [v](const Json& f) { return versions_of(f, "validVersions").contains(v); });
      ASSERT_NE(file, files.end());
      Comparison(*schema, *file, v).run();
    }
  }
}

TEST_F(Tables, HaveKafkasKeysAndAllVersionsOfTheNewestSchemas) {
  for (const auto* schema : all_messages()) {
    if (schema->name == newer_record) continue;
    const auto newest = files_of(schema->name).front();
    EXPECT_EQ(std::to_string(schema->api.key), text_of(newest, "apiKey", "-1")) << schema->name;
    const auto valid = versions_of(newest, "validVersions");
    EXPECT_LE(schema->api.valid.first, valid.first) << schema->name;
    EXPECT_EQ(schema->api.valid.last, valid.last + newer_than_the_files(*schema)) << schema->name;
  }
}

}  // namespace
}  // namespace trialog::protocol
