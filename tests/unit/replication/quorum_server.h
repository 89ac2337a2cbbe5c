#pragma once

#include <deque>
#include <memory>

#include "core/env/env.h"
#include "core/env/frame_reader.h"
#include "core/replication/metadata_quorum.h"

namespace trialog::replication::test {

/// The least that a quorum's peers need to reach it: accepts connections, answers the quorum's
/// requests in order, each begun when it arrives.
class QuorumServer {
 public:
  QuorumServer(Env& env, std::uint16_t port);
  /// From now on requests are answered; until then they are not read.
  void serve(MetadataQuorum& quorum);

 private:
  struct Slot {
    std::optional<Chain> answer;
  };
  struct Client {
    explicit Client(Env& env) : answered(env.executor), requests(env.executor) {}
    std::deque<std::shared_ptr<Slot>> slots;
    Signal answered;
    TaskGroup requests;
  };

  Task<void> accept();
  Task<void> serve_one(std::unique_ptr<Connection> connection);
  Task<void> write_answers(Connection& connection, Client& client);
  Task<void> answer(Bytes frame, std::shared_ptr<Slot> slot, Client& client);
  Task<Result<Chain>> reply(Bytes frame);

  Env& env_;
  MetadataQuorum* quorum_ = nullptr;
  std::unique_ptr<Listener> listener_;
  TaskGroup tasks_;
};

}  // namespace trialog::replication::test
