#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/client/client_error.h"
#include "core/client/options.h"
#include "core/client/record.h"
#include "core/env/env.h"

namespace trialog::client {

/// The first record at or after a time.
struct OffsetAndTime {
  Offset offset;
  WallTime timestamp;
  Epoch leader_epoch = no_epoch;
};

/// Reads the partitions it is assigned, each in order of offsets, from where it was told to begin.
/// Fetches ahead of `poll`, at most two fetches of a broker's partitions.
///
/// Always true: of one partition every visible record from the starting position on is handed out
/// exactly once and in order, until the next `seek` or `assign`. Never handed out: control records;
/// with `read_committed` those of aborted and undecided transactions. Where the log no longer has
/// the position, `auto_offset_reset` decides; with `none`, and for a batch that is damaged, `poll`
/// fails until a `seek`.
///
/// Destroying it cancels everything; nobody may await one of its methods then.
class Consumer {
 public:
  Consumer(Env env, ConsumerOptions options);
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  ~Consumer();

  /// Replaces the assignment. Partitions that stay keep their position; new ones get it from the
  /// first `seek`, or from `auto_offset_reset`.
  void assign(std::vector<TopicPartition> partitions);
  std::vector<TopicPartition> assignment() const;

  /// The partitions must be assigned; those that are not are ignored. Records fetched before are
  /// dropped.
  void seek(TopicPartition partition, Offset offset);
  void seek_to_beginning(const std::vector<TopicPartition>& partitions);
  /// The end as of when the broker is asked, which is soon after.
  void seek_to_end(const std::vector<TopicPartition>& partitions);
  /// To the first record at or after `when`, or to the end if there is none.
  Task<Answer<void>> seek_to_time(std::vector<TopicPartition> partitions, WallTime when);

  /// Records as soon as there are any, at most `max_poll_records`; none if `deadline` comes first.
  /// An error belongs to one partition and leaves the others readable with the next call.
  Task<Answer<std::vector<ConsumedRecord>>> poll(Instant deadline);
  Task<Answer<std::vector<ConsumedRecord>>> poll(Duration within);

  /// Paused partitions keep their position and are not handed out until resumed.
  void pause(const std::vector<TopicPartition>& partitions);
  void resume(const std::vector<TopicPartition>& partitions);
  std::vector<TopicPartition> paused() const;

  /// The offset of the next record `poll` may hand out; asks the broker where it is not yet known.
  Task<Answer<Offset>> position(TopicPartition partition);
  /// What is known of it without asking.
  std::optional<Offset> known_position(const TopicPartition& partition) const;

  using Offsets = std::map<TopicPartition, Offset>;
  Task<Answer<Offsets>> beginning_offsets(std::vector<TopicPartition> partitions);
  /// The high watermark, or with `read_committed` the last stable offset.
  Task<Answer<Offsets>> end_offsets(std::vector<TopicPartition> partitions);
  using Times = std::map<TopicPartition, WallTime>;
  using OffsetsAndTimes = std::map<TopicPartition, std::optional<OffsetAndTime>>;
  /// Nothing for a partition without a record at or after the time.
  Task<Answer<OffsetsAndTimes>> offsets_for_times(Times times);
  Task<Answer<std::int32_t>> partitions_of(std::string topic);

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace trialog::client
