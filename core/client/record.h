#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/base/topic.h"

namespace trialog::client {

/// A named value that travels with a record. Names may repeat; order is kept.
struct Header {
  std::string key;
  std::optional<Bytes> value;
  friend bool operator==(const Header&, const Header&) = default;
};

/// A record that is to be sent. Without a partition the producer's partitioner chooses one; without
/// a timestamp it gets the wall time of the call.
struct Record {
  std::string topic;
  std::optional<std::int32_t> partition;
  std::optional<WallTime> timestamp;
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  std::vector<Header> headers;

  Record() = default;
  Record(std::string to, std::optional<Bytes> record_key, std::optional<Bytes> record_value)
      : topic(std::move(to)), key(std::move(record_key)), value(std::move(record_value)) {}
  /// Text for key and value, as tests and examples like it.
  Record(std::string to, std::string_view record_key, std::string_view record_value)
      : Record(std::move(to), Bytes::copy_of(record_key), Bytes::copy_of(record_value)) {}
  /// Without a key.
  Record(std::string to, std::string_view record_value)
      : Record(std::move(to), std::nullopt, Bytes::copy_of(record_value)) {}
};

/// A record as a consumer gets it. `key`, `value` and header values share the memory of the batch
/// they came in.
struct ConsumedRecord {
  TopicPartition partition;
  Offset offset;
  /// Of the leader that appended it; `no_epoch` if the broker did not say.
  Epoch leader_epoch = no_epoch;
  WallTime timestamp;
  /// Whether `timestamp` is the broker's time of the append instead of the producer's own.
  bool append_time = false;
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  std::vector<Header> headers;
};

}  // namespace trialog::client
