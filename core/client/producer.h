#pragma once

#include <memory>

#include "core/client/delivery.h"
#include "core/client/options.h"
#include "core/client/record.h"
#include "core/env/env.h"

namespace trialog::client {

/// Sends records to a cluster: batches them by partition, retries what failed, and says of each how
/// it ended. Records that one caller sends to one partition, one after the other, are written in
/// that order; with idempotence each at most once, whatever was retried (KIP-98, KIP-360).
///
/// The three ways to send: await `send` for the outcome; await `post` for a `Delivery` to be asked
/// later; or `post` with a callback. `post` suspends only while the topic is unknown or the buffer
/// full, at most `max_block`; of callers that wait, the first come is the first served.
///
/// Owns its connections and tasks. Destroying it is a crash of the client: nothing more is sent,
/// open deliveries become `unknown`, callbacks are dropped. Nobody may await one of its methods
/// then (awaiting a `Delivery` is fine), and a callback must not do it.
class Producer {
 public:
  Producer(Env env, ProducerOptions options);
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer();

  Task<SendResult> send(Record record);
  Task<Delivery> post(Record record);
  /// `callback` runs once, on the node's loop, also if the record never got into the buffer. Of one
  /// partition, callbacks run in the order of the records.
  Task<void> post(Record record, DeliveryCallback callback);

  /// Sends what lingers and returns when every record posted before has its outcome.
  Task<void> flush();
  /// Takes no further record, then does as `flush` until `deadline`; what is open then is given up.
  Task<void> close(Instant deadline);

  /// How many partitions the topic has: for callers that choose partitions themselves.
  Task<Answer<std::int32_t>> partitions_of(std::string topic);
  /// Bytes of the buffer that are taken.
  std::size_t buffered() const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace trialog::client
