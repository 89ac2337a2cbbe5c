#pragma once

#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/error_code.h"
#include "core/env/env.h"
#include "core/log/partition_log.h"
#include "core/metadata/controller.h"

namespace trialog::replication {

/// The one partition of the metadata log, and how it is kept: every record synced, none deleted.
TopicPartition metadata_partition();
log::Options metadata_log_options();

/// Runs the controller on the metadata log of this node, which it leads from `load` on. Publishes
/// what is committed as images, one after the other.
///
/// Once the log fails, everything asked is refused with kafka_storage_error, `failed()` holds for
/// good, and the node must stop: nothing it decides can be kept. Destroying the host is losing the
/// leadership; whoever asks must be gone by then.
class MetadataHost {
 public:
  using Controller = metadata::Controller;
  using ImagePtr = std::shared_ptr<const metadata::Image>;
  /// Makes the node ready for an image before anybody sees it, such as by creating the logs of new
  /// partitions. An error stops the host as a failed log does.
  using Prepare = std::function<Task<Status>(ImagePtr)>;

  MetadataHost(Env& env, std::shared_ptr<log::PartitionLog> log,
               metadata::ControllerOptions options, Prepare prepare);

  /// Replays the log, begins a new epoch of it, and publishes the first image. Once, and before
  /// anything is asked. `corrupt` if the log holds what cannot be.
  Task<Status> load();

  /// As far as it is committed and prepared for. Never null.
  ImagePtr image() const { return image_; }
  /// Raised after each new image, and when the host failed.
  Signal& changed() { return changed_; }
  bool failed() const { return failed_; }

  /// Lets the controller decide: `decide(Controller&, Instant, Ticket)` calls one of its methods.
  /// Appends what was decided as one batch, which survives a crash whole or not at all, and returns
  /// the answer once it is committed and `image()` shows it; an answer given at once, at once.
  template <class Decide>
  Task<std::expected<Controller::Reply, ErrorCode>> ask(Decide decide) {
    if (failed_) co_return std::unexpected(ErrorCode::kafka_storage_error);
    const Ticket ticket(++tickets_);
    auto decision = decide(controller_, env_.clock.now(), ticket);
    if (!decision.at_once.empty()) co_return std::move(decision.at_once.front().reply);
    const bool kept = co_await keep(std::move(decision.records));
    if (!kept) co_return std::unexpected(ErrorCode::kafka_storage_error);
    co_return std::move(decision.after_commit.front().reply);
  }

  /// One id that no producer has had. Takes blocks from the controller as they are needed.
  Task<std::expected<ProducerId, ErrorCode>> next_producer_id();

 private:
  struct Pending {
    Offset end;
    ImagePtr image;
  };

  /// Appends and applies the records; true once they are published.
  Task<bool> keep(std::vector<metadata::Record> records);
  bool append(const std::vector<metadata::Record>& records);
  bool begin_epoch();
  /// Queues what the controller knows now, to be published once it is committed.
  void hand_over();
  /// Waits until everything appended by now is published (true) or the host failed (false).
  Task<bool> published();
  Task<void> publish();
  Task<void> watch();
  Task<void> fetch_producer_ids();
  void fail(std::string_view why);

  Env& env_;
  std::shared_ptr<log::PartitionLog> log_;
  NodeId self_;
  Controller controller_;
  Prepare prepare_;
  Epoch epoch_ = no_epoch;
  std::uint64_t tickets_ = 0;
  bool failed_ = false;

  ImagePtr image_;
  std::deque<Pending> pending_;  // Appended, not yet published; in order of `end`.
  Signal appended_;
  Signal changed_;

  metadata::ProducerIds producer_ids_;
  bool fetching_producer_ids_ = false;
  Signal producer_ids_came_;

  TaskGroup tasks_;  // Last: its tasks use all of the above.
};

}  // namespace trialog::replication
