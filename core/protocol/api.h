#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/protocol/schema.h"

namespace trialog::protocol {

/// A request and its response, and which versions of them we serve.
struct ApiEntry {
  std::int16_t key = -1;
  std::string_view name;  // "Fetch"
  Versions served;        // Empty: we can write and read it, but do not answer it.
  Versions advertised;    // What ApiVersions says; may begin lower than `served`.
  Versions flexible;
  const Schema* request = nullptr;
  const Schema* response = nullptr;
};

/// All that we can read and write, by ascending key.
std::span<const ApiEntry> apis();
/// Null if we do not know it.
const ApiEntry* find_api(std::int16_t key);
/// By the name of the API or of its request or response: "Fetch", "FetchRequest".
const ApiEntry* find_api(std::string_view name);

/// Every message there is a table of, by Kafka's name: "FetchRequest", "TopicRecord",
/// "RequestHeader". Null if there is none.
const Schema* find_message(std::string_view name);
std::span<const Schema* const> all_messages();

}  // namespace trialog::protocol
