#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/base/topic.h"
#include "core/env/env.h"
#include "core/log/partition_log.h"
#include "core/metadata/image.h"
#include "core/partition/replica.h"

namespace trialog::replication {

class IsrProposals;

/// What the replicas of one node share. Outlives their tasks.
struct ReplicaServices {
  Env& env;
  partition::Options machine;
  /// Where leaders take the in-sync sets that they want.
  IsrProposals& proposals;
  /// Owns what the replicas do by themselves.
  TaskGroup& tasks;
};

/// One partition that this node has a replica of, for as long as it has: its log, its machine, and
/// what the image applied last says of it. Only its host changes what it is; handlers read. Whoever
/// waits keeps the pointer: if the topic is deleted meanwhile, the log fails under them.
///
/// With one replica there is nothing to count: the high watermark is what the log has kept, and
/// `progress()` is the log's own.
class Replica : public std::enable_shared_from_this<Replica> {
 public:
  /// `log` is null if the directory that held it, or should, has failed: kafka_storage_error.
  Replica(ReplicaServices& services, TopicPartition name, Uuid id,
          std::shared_ptr<log::PartitionLog> its_log);

  const TopicPartition partition;
  const Uuid topic_id;
  const std::shared_ptr<log::PartitionLog> log;
  std::shared_ptr<const metadata::Topic> topic;
  NodeId leader{-1};
  Epoch leader_epoch = no_epoch;
  std::int32_t partition_epoch = -1;
  /// Leads or follows under a limited rate while it is being moved (KIP-73).
  bool leader_throttled = false;
  bool follower_throttled = false;

  bool usable() const { return log != nullptr && !log->failed(); }
  /// Whether we lead it, as far as we have heard, and may.
  bool leads() const { return machine_ && machine_->leads(); }
  /// Whether we lead it and have done so without a break since `epoch`: what we appended then is
  /// still there.
  bool leads_since(Epoch epoch) const { return leads() && led_since_ <= epoch; }
  bool follows(Epoch epoch) const { return machine_ && machine_->follows(epoch); }
  /// Everything before it is committed. Never falls but when a follower's log is cut below it.
  Offset high_watermark() const;
  /// Whether a record that ends at `end` may be acknowledged to who asked for all in-sync replicas.
  bool committed(Offset end) const;
  bool isr_is_enough() const { return machine_->isr_is_enough(); }
  bool maximal_isr_is_enough() const { return machine_->maximal_isr_is_enough(); }
  /// Whether it is the only replica: what its log has kept is committed.
  bool alone() const { return alone_; }
  /// Raised when the high watermark, the log's start, a follower's log start, the leadership or
  /// what the log has kept moved, or the log failed. Ask for it anew before each wait.
  Signal& progress() { return alone_ ? log->progress() : progress_; }
  /// What the leader knows of the others; null while we do not lead.
  const partition::Leading* leading() const;

  // For the host.

  /// Takes over what the controller decided; older news are ignored. `may_lead`: otherwise we sit
  /// out an epoch that is ours.
  void assign(partition::Assignment assignment, bool may_lead);
  /// We have no replica of it any more.
  void retire();
  void check_isr();
  void isr_answered(const partition::Proposal& asked, const partition::IsrAnswer& answer);

  // For the handler of fetches, while we lead.

  ErrorCode admit(const partition::FollowerFetch& fetch);
  void fetched(const partition::FollowerFetch& fetch);

  // For the fetcher, while we follow. What the epoch of the answer no longer fits is ignored.

  void leader_answered(Epoch epoch, Offset leader_watermark);
  /// The cuts that an answer asks for; each awaits whatever the log has under way.
  Task<Status> diverged(Epoch epoch, Offset leader_watermark, log::EpochEnd theirs);
  Task<Status> out_of_range(Epoch epoch, Offset leader_start, Offset leader_end);
  /// Returns when the log may be fetched for: nothing is left to be cut, and all that it has is
  /// kept. False if it has failed.
  Task<bool> ready_to_fetch();

  /// The host must not assign while the log is being cut: the epoch would begin at the old end.
  Task<void> uncut();

 private:
  partition::LogEnd ends() const;
  void carry_out(const partition::Effects& effects);
  Task<Status> cut(partition::Effects effects);
  void raise_all();
  static Task<void> watch(std::shared_ptr<Replica> self);

  ReplicaServices& services_;
  std::optional<partition::Replica> machine_;  // None without a log.
  Epoch led_since_ = no_epoch;
  bool alone_ = false;
  bool watched_ = false;
  bool retired_ = false;
  bool cutting_ = false;
  std::optional<Offset> cut_first_;  // Before anything is fetched.
  Signal progress_;
};

}  // namespace trialog::replication
