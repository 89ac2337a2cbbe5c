#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <vector>

#include "core/base/error_code.h"
#include "core/env/env.h"
#include "core/metadata/controller.h"
#include "core/replication/metadata_quorum.h"

namespace trialog::replication {

/// The one partition of the metadata log, and how it is kept: every record synced, none deleted.
TopicPartition metadata_partition();
log::Options metadata_log_options();

/// Reads the committed part of the metadata log into images, one after the other, on every node;
/// and runs the controller on the node that leads the log.
///
/// Always true: an image is published only when the node has prepared for it; the first one only
/// when it is as new as what the log's leader had committed, so that nothing is ever judged by a
/// view that is cut short. The controller begins once everything before its epoch is published,
/// and is thrown away when the lead is lost.
///
/// Once the log fails, or holds what cannot be, `failed()` holds for good and the node must stop.
class MetadataHost {
 public:
  using Controller = metadata::Controller;
  using ImagePtr = std::shared_ptr<const metadata::Image>;
  /// Makes the node ready for an image before anybody sees it, such as by creating the logs of new
  /// partitions. An error stops the host as a failed log does.
  using Prepare = std::function<Task<Status>(ImagePtr)>;

  /// When to write a snapshot of the image (KIP-630): after so many bytes of the log, and after so
  /// long. 0: never for that reason.
  struct SnapshotLimits {
    std::int64_t bytes = 20 << 20;
    Duration interval = seconds(3600);
  };

  /// `quorum` is loaded, and outlives the host.
  MetadataHost(Env& env, MetadataQuorum& quorum, metadata::ControllerOptions options,
               SnapshotLimits limits, Prepare prepare);

  void start();
  /// Waits for the first image. An error if the host failed before.
  Task<Status> caught_up();

  /// The newest that is committed and prepared for. Never null.
  ImagePtr image() const { return image_; }
  /// Raised after each new image, when the controller begins or ends, and when the host failed.
  Signal& changed() { return changed_; }
  bool failed() const { return failed_; }
  /// Why; empty if it has not.
  const std::string& failure_text() const { return why_; }
  /// Whether the cluster's controller is here.
  bool controls() const { return controller_ != nullptr; }

  /// Lets the controller decide: `decide(Controller&, Instant, Ticket)` calls one of its methods.
  /// Appends what was decided, which survives whole or not at all, and returns the answer once it
  /// is committed and `image()` shows it; an answer given at once, at once. `not_controller` if the
  /// controller is not here, or lost the lead meanwhile: then the outcome is unknown.
  template <class Decide>
  Task<std::expected<Controller::Reply, ErrorCode>> ask(Decide decide) {
    if (failed_) co_return std::unexpected(ErrorCode::kafka_storage_error);
    if (!controls()) co_return std::unexpected(ErrorCode::not_controller);
    const Ticket ticket(++tickets_);
    catch_up_with_log();
    auto decision = decide(*controller_, env_.clock.now(), ticket);
    const auto appended = append(decision.records);
    note_deadline();
    if (!decision.at_once.empty()) co_return std::move(decision.at_once.front().reply);
    const bool kept = appended && co_await published(epoch_, *appended);
    if (!kept) co_return std::unexpected(not_kept());
    co_return std::move(decision.after_commit.front().reply);
  }

 private:
  void catch_up_with_log();
  /// Appends and applies; how far the log must be committed for it to hold. Nothing if the lead
  /// was lost, and the records with it.
  std::optional<Offset> append(const std::vector<metadata::Record>& records);
  /// Waits until an image covers `end` (true), or the controller of `epoch` is gone (false).
  Task<bool> published(Epoch epoch, Offset end);
  ErrorCode not_kept() const {
    return failed_ ? ErrorCode::kafka_storage_error : ErrorCode::not_controller;
  }

  Task<void> follow();
  Task<Status> read_on();
  Task<Status> load_snapshot();
  bool has_news() const;
  Task<Status> publish();
  Task<void> snapshot_when_due();

  Task<void> watch();
  Task<void> control();
  void begin_control();
  void end_control();
  void note_deadline();

  void fail(std::string_view why);

  Env& env_;
  MetadataQuorum& quorum_;
  metadata::ControllerOptions options_;
  SnapshotLimits limits_;
  Prepare prepare_;

  std::unique_ptr<Controller> controller_;
  Epoch epoch_ = no_epoch;  // Of the controller.
  std::uint64_t tickets_ = 0;
  Instant armed_ = never;  // When `control` looks again by itself.
  Signal control_;         // Lets it look now.

  metadata::Image next_;  // As far as it has been read.
  std::int64_t passed_over_ = 0;
  ImagePtr image_;
  bool begun_ = false;          // An image has been published.
  std::int64_t unsnapped_ = 0;  // Bytes read since the last snapshot.
  Instant snapped_at_;
  Signal changed_;
  bool failed_ = false;
  std::string why_;

  TaskGroup tasks_;  // Last: its tasks use all of the above.
};

}  // namespace trialog::replication
