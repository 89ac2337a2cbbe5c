#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/base/topic.h"

namespace trialog::scenarios {

/// Every record of a run carries a value that is sent once; 0 is none.
using Value = std::int64_t;

/// What its sender knows about a record: it is kept, it is not, or it may be either (a timeout, a
/// lost connection; testbed's rule, after Jepsen's "info").
enum class Outcome { acknowledged, failed, unknown };

struct Send {
  int producer = 0;
  TopicPartition to;
  Value value = 0;
  bool idempotent = true;
  int acks = -1;
  Outcome outcome = Outcome::unknown;
  std::optional<Offset> offset;  // Where the broker said it went.
  std::string problem;           // Why it failed or is unknown.
};

struct Read {
  int consumer = 0;
  TopicPartition from;
  Offset offset;
  WallTime timestamp;
  Value value = 0;     // 0: the payload was not one of ours, or damaged.
  bool final = false;  // Read after recovery, from the beginning to the end.
  bool first = false;  // The first read after an assignment or a seek.
};

/// A question about a partition after recovery, and its answer: the first record at or after an
/// offset, or at or after a time.
struct Lookup {
  TopicPartition in;
  std::optional<Offset> offset_asked;
  std::optional<WallTime> time_asked;
  std::optional<Offset> answer;
};

/// What the clients of a run did and saw, in the order in which it came to an end. The only thing
/// that the delivery checks look at, so they judge a simulated run and a real one alike.
struct History {
  std::vector<Send> sends;
  std::vector<Read> reads;
  std::vector<Lookup> lookups;
  /// What a consumer was told instead of records: never right for a record that is in the log.
  std::vector<std::string> read_errors;

  std::size_t count(Outcome outcome) const;
};

/// The bytes of a record that carries `value`, `size` of them (at least 16): the value and filler
/// that follows from it, so that damage shows.
std::string payload_of(Value value, std::size_t size);
/// The value of a payload that is whole; 0 if it is damaged or not one of ours.
Value value_of(std::string_view payload);

}  // namespace trialog::scenarios
