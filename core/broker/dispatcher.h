#pragma once

#include "core/broker/answer.h"
#include "core/broker/broker.h"

namespace trialog::broker {

/// Whether requests with this key are answered on listeners of this side.
bool serves(Side side, std::int16_t api_key);

/// Takes a frame apart, gives it to the handler of its API, and encodes what that answers, in the
/// version that the client asked in. What can't be read closes the connection, as with Kafka; only
/// an unknown version of ApiVersions is answered (KIP-511).
class Dispatcher {
 public:
  /// `broker` outlives it. Every API that `protocol::apis()` says is served has a handler.
  explicit Dispatcher(Broker& broker);

  /// What the handler does before it first waits is done when this task first suspends. `client`
  /// must outlive the task.
  Task<Answer> handle(const Client& client, Bytes frame);

 private:
  Broker& broker_;
};

}  // namespace trialog::broker
