#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/base/time.h"
#include "core/client/batch_fate.h"
#include "core/client/record.h"
#include "core/records/build.h"

namespace trialog::client {

/// Who an idempotent producer is to the brokers (KIP-98). No id means not idempotent.
struct ProducerIdentity {
  ProducerId id = no_producer;
  std::int16_t epoch = -1;
  friend bool operator==(const ProducerIdentity&, const ProducerIdentity&) = default;
};

/// Records of one partition on their way from `Producer::post` to their outcome.
class PendingBatch {
 public:
  PendingBatch(std::shared_ptr<BatchFate> batch_fate, records::Codec codec, Instant now);

  /// How many bytes `record` takes at most.
  static std::size_t size_of(const Record& record);
  /// Only while it is open. Returns the record's index.
  std::size_t add(const Record& record, WallTime timestamp);
  std::size_t size() const { return size_; }
  std::int32_t count() const { return count_; }
  bool open() const { return builder_.has_value(); }
  /// Compresses; takes no further record.
  void close();
  /// The batch as it goes over the wire. Closes it.
  Bytes bytes();

  /// Gives it the place in its producer's sequence that the broker checks.
  void number(ProducerIdentity identity, std::int32_t sequence);
  void forget_number() { sequence_ = -1; }
  bool numbered() const { return sequence_ >= 0; }
  std::int32_t sequence() const { return sequence_; }
  const ProducerIdentity& identity() const { return identity_; }

  std::shared_ptr<BatchFate> fate;
  Instant created;
  /// Its position among the batches of its partition.
  std::uint64_t order = 0;
  /// When a retry may go out.
  Instant not_before;
  int tries = 0;
  /// Bytes of the producer's buffer that it holds.
  std::size_t held = 0;
  /// Of the last try.
  std::optional<ClientError> error;
  /// Some try ended without our knowing whether it was written.
  bool maybe_written = false;
  /// Nothing before it was open when it was last sent, so that a gap in the sequence is real.
  bool sent_first = false;

 private:
  std::optional<records::BatchBuilder> builder_;
  Bytes built_;
  std::size_t size_ = 0;
  std::int32_t count_ = 0;
  ProducerIdentity identity_;
  std::int32_t sequence_ = -1;
};

/// `batch` with another producer, epoch and first sequence, and the CRC that goes with them.
Bytes numbered(const Bytes& batch, ProducerIdentity identity, std::int32_t sequence);

}  // namespace trialog::client
