#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "core/client/record.h"
#include "core/protocol/schema.h"
#include "core/records/record.h"

namespace trialog::client {

/// A transaction that was aborted, as a fetch names it.
struct AbortedRange {
  ProducerId producer;
  Offset first;
};

/// What one fetch brought of one partition: batches, checked and unpacked as they are read.
class Chunk {
 public:
  struct Rules {
    bool check_crcs = true;
    /// `aborted` is heeded.
    bool read_committed = false;
    /// The most that one batch may unpack to.
    std::size_t unpacked_limit = 256u << 20;
  };

  Chunk(TopicPartition partition, const protocol::Records& records,
        std::vector<AbortedRange> aborted, Rules rules);

  /// Whether there is a whole batch, or something wrong to tell. If not, there was nothing to read.
  bool empty() const { return batches_.empty() && !open_ && !damage_; }
  /// Behind the last batch, where the next fetch goes on; nothing without a batch.
  std::optional<Offset> end() const { return end_; }
  Epoch last_epoch() const { return last_epoch_; }

  /// Appends records from `position` on, at most `limit`, and moves `position` behind them and
  /// behind what is not for the application. `corrupt` at a damaged batch, for good.
  Status read(Offset& position, std::size_t limit, std::vector<ConsumedRecord>& into);

 private:
  /// A batch that is being read.
  struct Open {
    records::Batch batch;
    Bytes payload;
    records::RecordReader reader;
  };

  void split(const Bytes& bytes);
  /// Makes the next batch the open one, unless there is nothing in it for the application.
  Status open_next(Offset& position);
  bool visible(const records::Batch& batch, const Bytes& payload);
  ConsumedRecord consumed(const records::Record& record) const;
  Bytes part(std::span<const std::byte> view) const;
  std::optional<Bytes> part(const records::MaybeBytes& view) const;

  TopicPartition partition_;
  Rules rules_;
  std::deque<records::Batch> batches_;
  std::deque<AbortedRange> aborted_;  // By first offset.
  std::set<ProducerId> aborting_;     // Whose records are skipped until their marker.
  std::optional<Open> open_;
  std::optional<IoError> damage_;  // What is wrong behind the batches.
  std::optional<Offset> end_;
  Epoch last_epoch_ = no_epoch;
};

}  // namespace trialog::client
