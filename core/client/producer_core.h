#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/client/partitioner.h"
#include "core/client/producer.h"
#include "core/client/sender.h"

namespace trialog::client {

/// What is behind a `Producer`: takes records in and sorts them into the lanes of its sender.
class Producer::Core {
 public:
  Core(Env env, ProducerOptions options);

  Task<Delivery> post(Record record, DeliveryCallback callback);
  Task<void> flush();
  Task<void> close(Instant deadline);
  Task<Answer<std::int32_t>> partitions_of(std::string topic);
  std::size_t buffered() const { return room_.taken(); }

 private:
  /// Nothing if the record may be buffered now; else why it never will.
  Task<std::optional<ClientError>> admit(const Record& record, std::size_t size, Instant deadline);
  Answer<std::int32_t> choose(const Record& record);
  /// The batch that has room for the record, perhaps a new one.
  Answer<PendingBatch*> batch_for(const Record& record, std::size_t size);
  PendingBatch* open_batch(Lane& lane, std::size_t size, bool& filled);
  PendingBatch* add_batch(Lane& lane);
  Answer<Delivery> append(const Record& record, std::size_t size, DeliveryCallback& callback);
  Task<bool> flushed();

  ProducerOptions options_;
  Cluster cluster_;
  Random random_;
  Room room_;
  bool closed_ = false;
  std::vector<std::int32_t> available_;  // Of the record at hand; kept for its memory.
  Sender sender_;
};

}  // namespace trialog::client
