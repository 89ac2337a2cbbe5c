#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/client/lane.h"
#include "core/client/metadata.h"
#include "core/client/options.h"
#include "core/client/room.h"
#include "core/protocol/messages/produce.h"

namespace trialog::client {

/// Brings the batches of a producer to the leaders of their partitions and settles their fates.
/// One loop looks, whenever something has changed or a time has come, for what may be sent; one
/// task for each broker takes the answers, in the order of the requests. Batches that are settled
/// give their room back.
class Sender {
 public:
  /// All must outlive it.
  Sender(Cluster& cluster, const ProducerOptions& options, Room& room);
  Sender(const Sender&) = delete;
  /// What is open becomes unknown, or not written if it was never sent.
  ~Sender();

  Lane& lane(const std::string& topic, std::int32_t partition);
  /// A lane has something new.
  void wake();
  /// While there is one, nothing lingers.
  class Haste {
   public:
    explicit Haste(Sender& sender) : sender_(sender) { ++sender_.hasty_, sender_.wake(); }
    Haste(const Haste&) = delete;
    ~Haste() { --sender_.hasty_; }

   private:
    Sender& sender_;
  };
  /// Of every batch that is not settled.
  std::vector<std::shared_ptr<BatchFate>> open_fates() const;
  /// Settles everything that is open.
  void give_up(const ClientError& why);

 private:
  /// A batch on its way.
  struct Sent {
    Lane* lane;
    Lane::Batch batch;
  };
  /// What goes to one broker in one request.
  struct Load {
    ConnectionPool::LinkPtr link;
    std::vector<Sent> sent;
    std::size_t bytes = 0;
  };
  using Loads = std::map<NodeId, Load>;
  /// A request that has been sent. It holds its link: the pool drops one to a broker that is no
  /// longer listed, and then nobody would answer.
  struct Flight {
    ConnectionPool::LinkPtr link;
    std::vector<Sent> sent;
    Task<Result<protocol::ProduceResponse>> answer;
  };

  // sender.cc: what may go when.
  Task<void> run();
  void expire(Instant now);
  void renumber_lanes();
  Instant dispatch(Instant now);
  void consider(Lane& lane, Instant now, Loads& loads);
  Instant due(const Lane& lane, const PendingBatch& front) const;
  Instant next_expiry() const;
  void want_identity();
  Task<void> ask_identity();

  // sender_answers.cc: what becomes of it.
  void deliver(NodeId node, Load load);
  Task<void> take_answers(NodeId node);
  static Task<Result<protocol::ProduceResponse>> told(Task<Status> telling);
  void on_landed(std::vector<Sent>& sent, Result<protocol::ProduceResponse>& response);
  protocol::ProduceRequest request_of(const std::vector<Sent>& sent, bool& all_have_ids);
  void on_answers(std::vector<Sent>& sent, const protocol::ProduceResponse& response);
  void on_lost(const Sent& sent, const IoError& error);
  void on_refused(const Sent& sent, ClientError error);
  void on_told(const Sent& sent);
  void try_again(const Sent& sent, bool worthwhile);
  void settle(PendingBatch& batch, BatchFate::Verdict verdict);
  void give_up(Lane& lane, const Lane::Batch& batch, ClientError why);

  template <class Visit>
  void each_lane(Visit visit) {
    for (auto& [topic, lanes] : lanes_) {
      // By index: a callback may add lanes.
      for (std::size_t i = 0; i < lanes.size(); ++i) visit(lanes[i]);
    }
  }

  Cluster& cluster_;
  const ProducerOptions& options_;
  Room& room_;
  Random random_;
  std::map<std::string, std::deque<Lane>, std::less<>> lanes_;  // A deque: lanes never move.
  std::map<NodeId, std::deque<Flight>> flights_;
  ProducerIdentity identity_;
  bool asks_identity_ = false;
  bool changed_ = false;
  int hasty_ = 0;
  TaskGroup tasks_;
};

}  // namespace trialog::client
