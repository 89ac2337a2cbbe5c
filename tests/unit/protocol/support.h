#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/chain.h"
#include "core/base/random.h"
#include "core/protocol/codec.h"
#include "tests/unit/protocol/everything.h"

namespace trialog::protocol {

/// Fills a message with random values, as far as the version has a place for them. Small, large and
/// border values alike; texts are UTF-8.
void fill_randomly(const Schema& schema, std::int16_t version, Random& random, void* message);

std::int16_t random_version(const Schema& schema, Random& random);

/// All the messages there are, and Everything.
std::vector<const Schema*> schemas_under_test();

/// The bytes of a chain that holds no range of a file.
Bytes joined(const Chain& chain);
inline Bytes joined(const Result<Chain>& chain) { return joined(chain.value()); }
inline Bytes bytes_of(const std::string& hex) { return Bytes(from_hex(hex)); }

Result<Chain> encode(const Schema& schema, std::int16_t version, const void* message);

/// One line of messages.tsv: a message as JSON and as bytes, both written by Kafka.
struct Vector {
  std::int16_t key;
  std::string message;
  std::int16_t version;
  std::string json;
  std::string hex;
};
/// Of messages and versions that we have; empty if Kafka's data are not here.
std::vector<Vector> known_vectors();

}  // namespace trialog::protocol
