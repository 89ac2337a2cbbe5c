#pragma once

#include <memory>

#include "core/broker/fetch_read.h"
#include "core/broker/fetch_session.h"
#include "core/env/frame_reader.h"
#include "core/protocol/messages/fetch.h"
#include "core/protocol/messages/list_offsets.h"

namespace trialog::replication::test {

/// The least of a broker that followers need: answers fetches, in sessions, and where a log begins
/// and ends. One request at a time on each connection.
class ReplicaServer {
 public:
  ReplicaServer(Env& env, const node::Options& options, ReplicaHost& replicas);

  int fetches() const { return fetches_; }

 private:
  Task<void> accept();
  Task<void> serve_one(std::unique_ptr<Connection> connection);
  Task<Result<Chain>> reply(Bytes frame);
  Task<protocol::FetchResponse> fetch(protocol::FetchRequest request);
  protocol::ListOffsetsResponse list_offsets(const protocol::ListOffsetsRequest& request) const;

  Env& env_;
  node::Options options_;
  ReplicaHost& replicas_;
  broker::FetchSessions sessions_;
  int fetches_ = 0;
  std::unique_ptr<Listener> listener_;
  TaskGroup tasks_;
};

}  // namespace trialog::replication::test
