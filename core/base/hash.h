#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace trialog {

/// MurmurHash2 as Kafka's clients have it (`Utils.murmur2`), which decides the partition of a key.
std::int32_t murmur2(std::span<const std::byte> bytes);

/// `String.hashCode` of UTF-8 text: over its UTF-16 units, with U+FFFD for what is malformed.
std::int32_t java_string_hash(std::string_view utf8);

/// Which of `count` partitions Kafka's murmur2 partitioners choose for a key. `count` > 0.
std::int32_t key_partition(std::span<const std::byte> key, std::int32_t count);

/// Which of `count` partitions of __consumer_offsets or __transaction_state keeps the group or
/// transactional id of this name. `count` > 0.
std::int32_t group_partition(std::string_view name, std::int32_t count);

}  // namespace trialog
