#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error_code.h"
#include "core/env/env.h"
#include "core/protocol/header.h"
#include "core/records/batch.h"
#include "sim/machine.h"

namespace trialog::protocol {
struct MetadataResponse;
}  // namespace trialog::protocol

namespace trialog::client {

/// What a fake broker does with one request.
enum class Act {
  serve,
  serve_mute,  // Does it, and never answers.
  serve_and_hang_up,
  mute,
  hang_up,
  refuse,  // With the script's error, without doing it.
};

struct Order {
  Act act = Act::serve;
  ErrorCode error = ErrorCode::none;
  Duration after{0};  // Waits before it looks at the request.
};

/// One request as it came.
struct Asked {
  std::int16_t api = -1;
  std::int16_t version = -1;
  Bytes frame;
  std::size_t body = 0;  // Where the request begins in it.
};

/// A partition as a broker keeps it, in memory.
struct FakePartition {
  std::vector<records::Batch> log;
  Offset start{0};
  Offset end{0};
  Epoch epoch{0};  // Of what is appended.

  struct Producer {
    struct Known {
      std::int32_t first, last;
      Offset base;
    };
    std::int16_t epoch = -1;
    std::deque<Known> batches;  // The last five.
  };
  std::map<std::int64_t, Producer> producers;

  /// As section 8 of Kafka's rules has it: duplicates, gaps and fenced epochs.
  ErrorCode append(records::Batch batch, Offset& base);
  /// The newest epoch up to `wanted` that the log has, and where it ends.
  std::pair<Epoch, Offset> end_of(Epoch wanted) const;
};

/// What the fake broker knows and remembers; the test looks at it and changes it. Outlives the
/// broker's process.
struct FakeState {
  NodeId id{1};
  Endpoint endpoint{"broker", 9092};
  std::map<std::int16_t, protocol::Versions> speaks;
  std::map<std::string, std::vector<FakePartition>> topics;
  std::int32_t partitions_of_new_topics = 1;
  std::int64_t next_producer_id = 7000;
  bool has_topic_ids = true;
  /// The broker that leads all partitions; null: this one.
  const FakeState* leader = nullptr;
  Epoch leader_epoch{0};
  /// Asked for each request, in order of arrival. Null serves everything.
  std::function<Order(const Asked&)> script;
  /// Changes what it says of the cluster: that it has one broker, which leads everything.
  std::function<void(protocol::MetadataResponse&)> retold;
  std::vector<Asked> asked;

  FakeState();
  std::size_t count(std::int16_t api) const;
  /// Values of all records of the partition, in order.
  std::vector<std::string> values(const std::string& topic, std::int32_t partition);
};

/// Speaks Kafka as far as the client needs it: one connection after the other request by request.
std::unique_ptr<sim::Process> fake_broker(Env env, FakeState& state);

}  // namespace trialog::client
