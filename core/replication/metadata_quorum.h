#pragma once

#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/env/env.h"
#include "core/log/partition_log.h"
#include "core/protocol/messages/add_raft_voter.h"
#include "core/protocol/messages/begin_quorum_epoch.h"
#include "core/protocol/messages/describe_quorum.h"
#include "core/protocol/messages/end_quorum_epoch.h"
#include "core/protocol/messages/fetch.h"
#include "core/protocol/messages/fetch_snapshot.h"
#include "core/protocol/messages/remove_raft_voter.h"
#include "core/protocol/messages/update_raft_voter.h"
#include "core/protocol/messages/vote.h"
#include "core/quorum/quorum.h"
#include "core/replication/ballot_file.h"
#include "core/replication/metadata_quorum_peers.h"
#include "core/replication/snapshot_store.h"

namespace trialog::replication {

/// This node's part in the quorum of the metadata log: runs a `quorum::Quorum` on the log, the
/// ballot file and the network. Whoever may not vote is an observer and only fetches.
///
/// The machine gets one input at a time, and what it decides is carried out in order before the
/// next: nothing leaves before the ballot is on disk, and a leader's first record is in the log
/// before anybody sees it lead. After an I/O error `failed()` holds for good and the node must
/// stop. Destroying it is a crash, which it survives; `resign` first is the graceful way.
class MetadataQuorum {
 public:
  /// `log` is that of the metadata partition, with fsync durability, in `metadata_log_dir`.
  MetadataQuorum(Env& env, QuorumOptions options, std::shared_ptr<log::PartitionLog> log,
                 Disk::Path metadata_log_dir);

  /// Reads the ballot, the snapshots and the voters in the log, and begins. A single voter leads
  /// when this returns. `corrupt` if any of it is damaged, belongs to another cluster, or does not
  /// fit together; `not_found` if nobody votes and nobody is known to ask.
  Task<Status> load();

  NodeId self() const { return options_.self; }
  Epoch epoch() const { return seen_.epoch; }
  static constexpr NodeId no_leader{-1};
  /// Of `epoch()`; `no_leader` while none is known.
  NodeId leader() const { return seen_.leader; }
  /// Whether we are the leader of `epoch()`. It ends without notice.
  bool leads() const { return seen_.leads && machine_->leads(); }
  /// Behind our first record as leader. Only while we lead.
  Offset epoch_start() const { return epoch_start_; }
  /// How far the log is committed, and durable here. Never falls.
  Offset high_watermark() const { return seen_.high_watermark; }
  /// Whether it is as new as what the leader of this epoch told last, a record of the epoch
  /// included: before that, nobody can say what the cluster had committed.
  bool caught_up() const;
  /// Raised when epoch, leader or high watermark moved, and when it failed.
  Signal& changed() { return changed_; }
  bool failed() const { return failed_; }
  /// Where a node of the quorum, be it this one, listens for the others; nothing if that is not
  /// known.
  std::optional<Endpoint> endpoint(NodeId id) const {
    return id == options_.self ? peers_.endpoint_of(options_.endpoints) : peers_.endpoint(id);
  }
  const quorum::VoterSet& voters() const { return machine_->voters(); }
  /// Our vote, as far as others may know of it.
  const quorum::Ballot& ballot() const { return ballot_; }
  const std::shared_ptr<log::PartitionLog>& log() const { return log_; }

  /// Appends the records as one batch, all or none, if we lead `epoch`; else not_controller. The
  /// end of the log behind them: they count once `high_watermark()` gets there. Does not suspend.
  std::expected<Offset, ErrorCode> append(Epoch epoch, const std::vector<Bytes>& values);

  // Snapshots (KIP-630).
  std::optional<quorum::SnapshotId> latest_snapshot() const { return snapshots_.latest(); }
  /// The records in it.
  Task<Result<std::vector<Bytes>>> read_snapshot(quorum::SnapshotId id);
  /// Durably. `values` are the state at `id.end`, which is committed and the end of a batch, and
  /// newer than any snapshot; `last_contained` is when the last record in it was written. The log
  /// then drops what lies before the snapshot before this one.
  Task<Status> write_snapshot(quorum::SnapshotId id, std::vector<Bytes> values,
                              WallTime last_contained);

  // What peers and tools ask. Fields that a `version` lacks are left out.
  static constexpr std::int16_t any_version = 1000;
  Task<protocol::VoteResponse> vote(protocol::VoteRequest request,
                                    std::int16_t version = any_version);
  Task<protocol::BeginQuorumEpochResponse> begin_quorum_epoch(
      protocol::BeginQuorumEpochRequest request, std::int16_t version = any_version);
  Task<protocol::EndQuorumEpochResponse> end_quorum_epoch(protocol::EndQuorumEpochRequest request,
                                                          std::int16_t version = any_version);
  /// Of the metadata partition only. Waits as long as the request allows for something to tell.
  Task<protocol::FetchResponse> fetch(protocol::FetchRequest request,
                                      std::int16_t version = any_version);
  Task<protocol::FetchSnapshotResponse> fetch_snapshot(protocol::FetchSnapshotRequest request,
                                                       std::int16_t version = any_version);
  Task<protocol::DescribeQuorumResponse> describe_quorum(protocol::DescribeQuorumRequest request,
                                                         std::int16_t version = any_version);
  Task<protocol::AddRaftVoterResponse> add_raft_voter(protocol::AddRaftVoterRequest request);
  Task<protocol::RemoveRaftVoterResponse> remove_raft_voter(
      protocol::RemoveRaftVoterRequest request);
  Task<protocol::UpdateRaftVoterResponse> update_raft_voter(
      protocol::UpdateRaftVoterRequest request);

  /// Steps down if we lead, and tells the others who should follow. Ends when they know, or soon.
  Task<void> resign();

 private:
  using Job = std::move_only_function<Task<void>()>;
  struct Outcome {
    bool ended = false;
    std::optional<quorum::Message> reply;
  };
  using OutcomePtr = std::shared_ptr<Outcome>;
  /// What others see, set when it has been carried out.
  struct Seen {
    Epoch epoch{0};
    NodeId leader = no_leader;
    bool leads = false;
    Offset high_watermark;
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  /// What a fetch was sent with: the answer counts only while all of it still holds.
  struct Asked {
    NodeId whom;
    Epoch epoch;
    quorum::LogEnd position;
    friend bool operator==(const Asked&, const Asked&) = default;
  };
  /// How an attempt to fetch ended.
  struct Attempt {
    bool ended = false;
    bool fruitful = false;
    bool taking = false;  // The answer is being taken over.
    std::optional<quorum::SnapshotId> snapshot;
  };
  using AttemptPtr = std::shared_ptr<Attempt>;
  struct Verdict;  // metadata_quorum_fetch.cc

  // metadata_quorum_load.cc
  Task<Status> load_snapshots();
  Task<Result<quorum::VoterHistory>> load_voters();
  Task<Status> scan(Offset from, quorum::VoterHistory& history);
  quorum::LogEnd log_end() const;

  // metadata_quorum.cc
  void submit(Job job);
  Task<void> work();
  Task<void> tick();
  Task<void> watch_log();
  Task<void> complain();
  Task<void> on_time();
  Task<void> on_synced();
  Task<void> on_message(NodeId from, quorum::Message message, OutcomePtr outcome);
  Task<void> on_resign(OutcomePtr outcome);
  Task<void> carry_out(quorum::Effects effects, OutcomePtr outcome);
  Task<std::optional<quorum::Message>> answer(NodeId from, quorum::Message message);
  Task<void> ended(OutcomePtr outcome);
  void enter_role();
  bool begin_leading();
  void publish();
  void note_voters(Offset at, quorum::VoterSet voters);
  void fail(std::string_view why);
  bool is_well() const;
  void complain_once();

  // metadata_quorum_requests.cc
  bool is_ours(const std::optional<std::string>& cluster_id) const;
  ErrorCode misdirected(const std::optional<std::string>& cluster_id, bool understood) const;
  template <class Response, class Reply>
  Response epoch_response(const std::optional<quorum::Message>& reply, std::int16_t version) const;
  template <class Response>
  void add_leader_endpoint(Response& response) const;
  void describe(protocol::DescribeQuorumResponse::PartitionData& partition) const;

  // metadata_quorum_fetch.cc
  Task<Verdict> judge(quorum::ReplicaKey from, Epoch epoch, quorum::LogEnd position);
  Task<void> judge_now(quorum::ReplicaKey from, Epoch epoch, quorum::LogEnd position,
                       std::shared_ptr<Verdict> verdict, OutcomePtr outcome);
  ErrorCode refusal(Epoch epoch) const;
  void compare(quorum::LogEnd position, Verdict& verdict) const;
  Task<protocol::FetchResponse> serve(protocol::FetchRequest request, quorum::ReplicaKey from,
                                      std::int16_t version);

  // metadata_quorum_follow.cc
  Task<void> follow();
  std::optional<NodeId> whom_to_ask();
  Asked asking(NodeId whom) const;
  Task<void> fetch_from(NodeId whom, AttemptPtr attempt);
  Task<bool> fetch_once(NodeId whom, AttemptPtr attempt);
  Task<bool> fetch_whole_snapshot(Asked asked, quorum::SnapshotId id, AttemptPtr attempt);
  Task<void> take(Asked asked, protocol::FetchResponse response, AttemptPtr attempt,
                  OutcomePtr outcome);
  Task<bool> take_partition(Asked asked, protocol::FetchResponse::PartitionData answer,
                            AttemptPtr attempt);
  Task<bool> truncate(Epoch epoch, Offset end);
  Task<bool> take_records(Chain records);
  Task<void> install(Asked asked, quorum::SnapshotId id, Bytes whole, AttemptPtr attempt,
                     OutcomePtr outcome);
  Task<bool> replace_log(quorum::SnapshotId id, Bytes whole,
                         std::optional<quorum::VoterSet> voters);
  void learn_from(const protocol::FetchResponse& response);

  // metadata_quorum_voters.cc
  struct Change;
  using Decide = std::function<std::expected<quorum::VoterSet, ErrorCode>()>;
  Task<void> change_now(Decide decide, std::shared_ptr<Change> change, OutcomePtr outcome);
  Task<ErrorCode> change_voters(Decide decide, Instant deadline);
  Task<Result<std::unique_ptr<client::Link>>> connect(Endpoint at, Instant deadline);
  Task<Status> reachable(quorum::Voter voter, Instant deadline);
  bool should_tell_where_we_are() const;
  Task<void> tell_where_we_are(NodeId leader);

  Env& env_;
  QuorumOptions options_;
  std::shared_ptr<log::PartitionLog> log_;
  Disk::Path directory_;
  BallotFile ballot_file_;
  SnapshotStore snapshots_;
  std::optional<quorum::Quorum> machine_;

  Seen seen_;
  quorum::Ballot ballot_;
  Offset epoch_start_;
  bool failed_ = false;
  bool sync_pending_ = false;
  Instant well_at_;    // When there was a leader that we knew to be alive.
  Epoch told_in_{-1};  // The epoch in whose leader we have told where we are.
  std::size_t next_asked_ = 0;
  bool leader_silent_ = false;  // The last fetch from it failed: ask others too.
  Instant armed_ = never;

  std::deque<Job> jobs_;
  Signal to_do_;
  Signal job_ended_;
  Signal rearmed_;
  Signal moved_;  // For those within who wait for anything to happen.
  Signal changed_;
  Signal link_news_;
  QuorumPeers peers_;
  TaskGroup tasks_;  // Last: its tasks use all of the above.
};

/// The first snapshot of a new metadata log, which names its voters: what `kafka-storage format
/// --standalone` and `--initial-controllers` write beside no log (KIP-853).
Task<Status> write_first_voters(Env& env, Disk::Path metadata_log_dir, quorum::VoterSet voters);

}  // namespace trialog::replication
